import type { AuditRecord } from '../../../attribution/record.ts';
import { placeText, productOf } from '../../../words/used-from.ts';
import { requestIdentity } from '../../activity/requests.ts';
import { type SourceUse, sourcesOf, sourcesText } from '../../activity/sources.ts';

/** One use of an access key: a request in the audit log. The client writes the user agent, and chose the names. */
export interface KeyUse {
  readonly time?: string | undefined;
  readonly cluster?: string | undefined;
  readonly auditId: string;
  /** The last source IP, which no client writes. */
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** The requests in the audit log that used an access key: how many, the first and the last. */
export interface KeyUses {
  readonly requests: number;
  /** Absent if older requests were not read. */
  readonly first?: KeyUse | undefined;
  readonly last: KeyUse;
  /** The source IPs, at most 20, the one with the most requests first. Absent if there is only one, or none. */
  readonly sources?: readonly SourceUse[] | undefined;
}

/** Returns the uses of a key, from its records, the newest first. Undefined if there is none. `isComplete`: whether these are all. */
export function keyUsesOf(records: readonly AuditRecord[], isComplete: boolean): KeyUses | undefined {
  const [latest] = records;
  const oldest = records.at(-1);
  if (latest === undefined || oldest === undefined) return undefined;
  const requests = new Set(records.map(requestIdentity)).size;
  const sources = sourcesOf(records);
  const several = sources.length > 1 && { sources };
  return { requests, ...(isComplete && { first: useOf(oldest) }), last: useOf(latest), ...several };
}

function useOf({ time, cluster, auditId, source }: AuditRecord): KeyUse {
  return { time, cluster, auditId, ip: source?.ips?.at(-1), userAgent: source?.userAgent };
}

/** Returns the uses in lines of words: how many there are, the first, the last, and several source IPs. Show them escaped. */
export function keyUsesText({ requests, first, last, sources }: KeyUses): readonly string[] {
  const count = requests === 1 ? '1 request' : `${requests.toLocaleString('en-US')} requests`;
  const isCounted = first !== undefined;
  if (isCounted && requests === 1) return [`1 request in the audit log: ${useText(last)}`];
  return [
    isCounted ? `${count} in the audit log` : `${count} or more in the audit log; older ones were not read`,
    ...(isCounted ? [`first: ${useText(first)}`] : []),
    `last: ${useText(last)}`,
    ...(sources === undefined ? [] : [sourcesText(sources)]),
  ];
}

function useText({ time, cluster, auditId, ip, userAgent }: KeyUse): string {
  const where = cluster === undefined ? '' : ` on ${cluster}`;
  return `${time ?? 'at an unknown time'}${where}${placeText(ip, productOf(userAgent))}, audit ID ${auditId}`;
}
