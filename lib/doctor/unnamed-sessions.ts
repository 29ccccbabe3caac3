import { parseUid } from '../identity/uid.ts';
import { filledTextAt, type JsonObject, objectAt, textAt, textsAt } from '../json.ts';
import { quoted } from '../shell.ts';
import { type EpochMillis, parseInstant } from '../time.ts';
import { command } from './commands.ts';
import { type Finding, finding } from './finding.ts';

/** What to do about each reason (CONTRACT, rule 6). `service` is the option that names the service. */
function stepFor(reason: string, example: JsonObject | undefined, service: string): string {
  const list = command(`eks-whois sessions --status unattributed ${service}`);
  const ask = `for one: ${whoisOf(example)}`;
  switch (reason) {
    case 'access-key-not-seen':
      return `Somebody may have used a forged session name. ${list} lists them; ${ask}`;
    case 'access-key-contradicts-session':
      return `The event states another session than its key is of. ${list} lists them; ${ask}`;
    case 'no-matching-grant':
      return `Connect the trail of the role's account, in all Regions (see the findings on trails), or ask that account; ${ask}`;
    case 'session-name-unknown':
      return 'Let the username hold the session (see username-loses-session), and configure its template as usernameTemplates.';
    case 'outside-session-validity':
      return `Compare the clocks; else an old token was used. ${list} lists them; ${ask}`;
    case 'malformed-identity':
      return `Look at the uid: ${command(`eks-whois sessions --status unattributed ${service} --output jsonl`)}`;
    case 'no-event-time':
      return `Find out what wrote audit events without requestReceivedTimestamp: ${list}`;
    default:
      return list;
  }
}

/** The question about one of the sessions, by the most certain thing that is known of it; asks CloudTrail itself. */
function whoisOf(row: JsonObject | undefined): string {
  const caller = objectAt(row, 'caller');
  const at = filledTextAt(row, 'last');
  const identity = parseUid(filledTextAt(caller, 'uid'));
  const account = identity !== undefined && 'accountId' in identity ? identity.accountId : "the role's account";
  const asked = [...keyOrSession(caller), ...(at === undefined ? [] : ['--at', at])].map(quoted);
  return command(`eks-whois whois ${asked.join(' ')} --profile <of ${account}>`);
}

function keyOrSession(caller: JsonObject | undefined): readonly string[] {
  const [key, name, uid] = ['accessKeyId', 'sessionName', 'uid'].map((field) => filledTextAt(caller, field));
  if (key !== undefined) return ['--access-key-id', key];
  const identity = parseUid(uid);
  if (identity?.kind === 'role' && name !== undefined) return ['--principal', `${identity.roleId}:${name}`];
  return ['--uid', uid ?? '', '--username', textAt(caller, 'username') ?? ''];
}

/** The rows of `/sessions?status=unattributed` that were seen since then, by reason. */
export function unnamedSessionFindings(
  rows: readonly JsonObject[],
  since: EpochMillis,
  { days, service }: { readonly days: number; readonly service: string },
): readonly Finding[] {
  const recent = rows.filter((row) => (parseInstant(textAt(row, 'last') ?? '') ?? since) >= since);
  const byReason = Map.groupBy(recent, (row) => textsAt(row, 'reasons')?.[0] ?? 'no reason yet');
  return [...byReason].map(([reason, sessions]) =>
    finding('sessions-unnamed', {
      subject: reason,
      evidence: `${sessions.length === 1 ? '1 session' : `${sessions.length} sessions`} of the last ${days} days: ${exampleOf(sessions)}.`,
      mend: stepFor(reason, sessions[0], service),
    }),
  );
}

function exampleOf(sessions: readonly JsonObject[]): string {
  const callers = sessions.map((row) => {
    const caller = objectAt(row, 'caller');
    return textAt(caller, 'username') ?? textAt(caller, 'uid') ?? 'no username';
  });
  const shown = callers.slice(0, 3).join(', ');
  return callers.length > 3 ? `${shown} and ${callers.length - 3} more` : shown;
}
