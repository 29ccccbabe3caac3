import { REASON_MEND } from '../attribution/reasons.ts';
import { parseUid } from '../identity/uid.ts';
import { filledTextAt, type JsonObject, keysOf, objectAt, textAt, textsAt } from '../json.ts';
import { quoted } from '../shell.ts';
import { type EpochMillis, parseInstant } from '../time.ts';
import { command, type Finding, finding } from './finding.ts';

/**
 * Returns the step for a reason. If this version does not know the reason, returns only the command that lists the
 * sessions.
 * @param service the options of the command line that select the service.
 */
function stepFor(reason: string, example: JsonObject | undefined, service: string): string {
  const list = `eks-whois sessions --status unattributed ${service}`;
  const places: Readonly<Record<string, string>> = {
    list: command(list),
    lines: command(`${list} --output jsonl`),
    ask: `for example: ${whoisOf(example)}`,
  };
  const known = keysOf(REASON_MEND).find((each) => each === reason);
  return (known === undefined ? '{list}' : REASON_MEND[known]).replace(/\{(\w+)\}/g, (_, place) => places[place] ?? '');
}

/**
 * Returns the command `whois` for a session, with the strongest identifier that is known. The command asks CloudTrail
 * directly.
 */
function whoisOf(row: JsonObject | undefined): string {
  const caller = objectAt(row, 'caller');
  const at = filledTextAt(row, 'last');
  const identity = parseUid(filledTextAt(caller, 'uid'));
  const account = identity !== undefined && 'accountId' in identity ? identity.accountId : "the role's account";
  const words = [...keyOrSession(caller), ...(at === undefined ? [] : ['--at', at])].map(quoted);
  return command(`eks-whois whois ${words.join(' ')} --profile <of ${account}>`);
}

function keyOrSession(caller: JsonObject | undefined): readonly string[] {
  const [key, name, uid] = ['accessKeyId', 'sessionName', 'uid'].map((field) => filledTextAt(caller, field));
  if (key !== undefined) return ['--access-key-id', key];
  const identity = parseUid(uid);
  if (identity?.kind === 'role' && name !== undefined) return ['--principal', `${identity.roleId}:${name}`];
  return ['--uid', uid ?? '', '--username', textAt(caller, 'username') ?? ''];
}

/**
 * Returns a finding for each reason among the rows of `/sessions?status=unattributed` that were last seen since then.
 */
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
