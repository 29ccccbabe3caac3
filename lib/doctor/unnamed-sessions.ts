import { type JsonObject, objectAt, textAt, textsAt } from '../json.ts';
import { type EpochMillis, parseInstant } from '../time.ts';
import { type Finding, finding } from './finding.ts';

/** What to do about each reason (CONTRACT, rule 6). */
const STEPS: Readonly<Record<string, string>> = {
  'access-key-not-seen':
    'Somebody may have used a forged session name: eks-whois sessions --status unattributed, then whois --access-key-id for each.',
  'access-key-contradicts-session':
    'The event states another session than its key is of: look at it, eks-whois sessions --status unattributed.',
  'no-matching-grant':
    "Connect the trail of the role's account, in all Regions (see the findings on trails), or ask it: eks-whois whois --profile <that account>.",
  'session-name-unknown': 'Let the username hold the session (see username-loses-session), and configure its template.',
  'outside-session-validity': 'Compare the clocks; else an old token was used: look at it, eks-whois sessions.',
  'malformed-identity': 'Look at the uid: eks-whois sessions --status unattributed --format jsonl.',
  'no-event-time': 'Find out what wrote audit events without requestReceivedTimestamp.',
};

/** The rows of `/sessions?status=unattributed` that were seen since then, by reason. */
export function unnamedSessionFindings(
  rows: readonly JsonObject[],
  since: EpochMillis,
  days: number,
): readonly Finding[] {
  const recent = rows.filter((row) => (parseInstant(textAt(row, 'last') ?? '') ?? since) >= since);
  const byReason = Map.groupBy(recent, (row) => textsAt(row, 'reasons')?.[0] ?? 'no reason yet');
  return [...byReason].map(([reason, sessions]) =>
    finding('sessions-unnamed', {
      subject: reason,
      evidence: `${sessions.length === 1 ? '1 session' : `${sessions.length} sessions`} of the last ${days} days: ${exampleOf(sessions)}.`,
      mend: STEPS[reason] ?? 'eks-whois sessions --status unattributed',
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
