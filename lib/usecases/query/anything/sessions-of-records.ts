import type { Attribution } from '../../../attribution/attribution.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { roleOfRecord } from '../../../attribution/role-of-record.ts';
import { type KeptAttribution, withFewCandidates } from '../../../claims/kept-record.ts';
import { roleRef } from '../../../identity/arn.ts';
import { requestIdentity, sessionText } from '../../activity/requests.ts';
import type { SessionFound } from './outcomes.ts';

/** Returns the sessions of the records, in the order of the records: newest first. */
export function sessionsOfRecords(records: readonly AuditRecord[]): readonly SessionFound[] {
  return [...Map.groupBy(records, sessionIdentity).values()].flatMap(sessionOf);
}

/** Returns a key for the record's session and actor. The caller chooses the session name, so one session can be two people's. */
export function sessionIdentity({ caller, attribution: { status, actor } }: AuditRecord): string {
  const { roleId, accountId, sessionName, accessKeyId, username, uid } = caller;
  const whose = [status, actor && [actor.id, actor.workload]];
  return JSON.stringify([roleId ?? accountId, sessionName ?? username, uid, accessKeyId, whose]);
}

/**
 * Limits the candidates of each session in a list. Sessions of one name without an access key each have all who used the name as
 * candidates.
 */
const MOST_CANDIDATES = 10;

/** Returns the attribution as a list of sessions has it. */
export function listedAttribution(attribution: Attribution): KeptAttribution {
  return withFewCandidates(attribution, MOST_CANDIDATES);
}

/** Returns the records as one session, that of the first record: the latest one. Empty without records. */
export function sessionOf(records: readonly AuditRecord[]): SessionFound[] {
  const [latest] = records;
  if (latest === undefined) return [];
  const { roleId, accessKeyId, username } = latest.caller;
  const roleArns = roleOfRecord(latest)?.arns ?? [];
  const session = sessionText(latest.caller);
  return [
    {
      session,
      accessKeyId,
      username: session === undefined ? username : undefined,
      role: roleArns.find((arn) => roleRef(arn) !== undefined) ?? roleArns[0] ?? roleId,
      from: records.findLast(({ time }) => time !== undefined)?.time,
      to: records.find(({ time }) => time !== undefined)?.time,
      records: records.length,
      requests: new Set(records.map(requestIdentity)).size,
      ips: firstOf(records.map(({ source }) => source?.ips?.at(-1))),
      userAgents: firstOf(records.map(({ source }) => source?.userAgent)),
      attribution: listedAttribution(latest.attribution),
    },
  ];
}

/** Limits the source IPs and user agents of a session in a list. */
const MOST_SOURCES = 3;

/** Returns the first different values; undefined if there are none. */
function firstOf(values: readonly (string | undefined)[]): readonly string[] | undefined {
  const distinct = [...new Set(values)].filter((value) => value !== undefined);
  return distinct.length === 0 ? undefined : distinct.slice(0, MOST_SOURCES);
}
