import type { AuditRecord } from '../../../attribution/record.ts';
import { objectText } from '../../../audit/object-text.ts';
import { type KeptRecord, shortenRecord } from '../../../claims/kept-record.ts';
import { present } from '../../../json.ts';
import { placeText, productOf } from '../../../words/used-from.ts';
import { latestStages, requestIdentity } from '../../activity/requests.ts';
import { type SeveralSources, sourcesOf, sourcesText } from '../../activity/sources.ts';

/** One request in the audit log with an access key. The caller can choose the user agent and the names. */
export interface KeyUse {
  readonly time?: string | undefined;
  readonly cluster?: string | undefined;
  readonly auditId: string;
  /** The last source IP. Unlike the others, the client cannot write it. */
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** Requests of one kind that used an access key. The caller can choose the texts. */
export interface DoneWithKey {
  readonly verb?: string | undefined;
  /** The resource type and the namespace, such as `secrets in namespace shop`. The path, if there is no type. */
  readonly what: string;
  /** The response code, if the request failed. */
  readonly code?: number | undefined;
  readonly requests: number;
}

/** The maximum number of kinds of requests of a key. */
const MOST_DONE = 20;
const MOST_LISTED = 10;

/** How an access key was used in the audit log. */
export interface KeyUses extends SeveralSources {
  readonly requests: number;
  /** The earliest use. Absent if older requests were not read. */
  readonly first?: KeyUse | undefined;
  readonly last: KeyUse;
  /** The kinds of requests, at most `MOST_DONE`: changes first, then the most frequent. */
  readonly done: readonly DoneWithKey[];
  /** The number of kinds that are not in `done`. */
  readonly doneLeft?: number | undefined;
  /** The newest requests, at most ten. */
  readonly listed: readonly KeptRecord[];
}

/**
 * Returns how a key was used. Undefined if there are no records.
 * @param records the records with the key, the newest first.
 * @param isComplete whether these are all its records.
 */
export function summarizeKeyUses(records: readonly AuditRecord[], isComplete: boolean): KeyUses | undefined {
  const [latest] = records;
  const oldest = records.at(-1);
  if (latest === undefined || oldest === undefined) return undefined;
  const made = latestStages(records);
  const done = doneIn(made);
  const requests = new Set(records.map(requestIdentity)).size;
  return {
    requests,
    ...(isComplete && { first: useOf(oldest) }),
    last: useOf(latest),
    done: done.slice(0, MOST_DONE),
    ...(done.length > MOST_DONE && { doneLeft: done.length - MOST_DONE }),
    listed: made.slice(0, MOST_LISTED).map(shortenRecord),
    ...sourcesOf(records),
  };
}

const READS: readonly (string | undefined)[] = ['get', 'list', 'watch'];

/** Counts the requests by verb, type, namespace and failure: changes first, then the most frequent. */
function doneIn(requests: readonly AuditRecord[]): readonly DoneWithKey[] {
  const kinds = requests.map(({ request = {}, response }) => {
    const { verb, resource, subresource, namespace, uri } = request;
    const code = response !== undefined && response.code >= 400 ? response.code : undefined;
    const what = objectText({ resource, subresource, namespace, uri: uri?.split('?', 1)[0] });
    return present<Omit<DoneWithKey, 'requests'>>({ verb, what, code });
  });
  const counted = [...Map.groupBy(kinds, (kind) => JSON.stringify(kind)).values()].flatMap(([kind, ...others]) =>
    kind === undefined ? [] : [{ ...kind, requests: others.length + 1 }],
  );
  return counted.sort(
    (a, b) => Number(READS.includes(a.verb)) - Number(READS.includes(b.verb)) || b.requests - a.requests,
  );
}

function doneText({ verb, what, code, requests }: DoneWithKey): string {
  const failed = code === undefined ? '' : ` (${code})`;
  return `${requests.toLocaleString('en-US')} ${verb ?? ''} ${what}${failed}`;
}

function useOf({ time, cluster, auditId, source }: AuditRecord): KeyUse {
  return { time, cluster, auditId, ip: source?.ips?.at(-1), userAgent: source?.userAgent };
}

/**
 * Returns the uses as lines of text: the number of requests, the first and the last one, and the source IPs if there
 * are several. Escape them before you show them.
 */
export function keyUsesText({ requests, first, last, done, doneLeft, ...several }: KeyUses): readonly string[] {
  const count = requests === 1 ? '1 request' : `${requests.toLocaleString('en-US')} requests`;
  const isCounted = first !== undefined;
  const more = doneLeft === undefined ? '' : `, ${doneLeft} more`;
  const what = `done: ${done.map(doneText).join(', ')}${more}`;
  if (isCounted && requests === 1) return [`1 request in the audit log: ${useText(last)}`, what];
  return [
    isCounted ? `${count} in the audit log` : `${count} or more in the audit log; older ones were not read`,
    ...(isCounted ? [`first: ${useText(first)}`] : []),
    `last: ${useText(last)}`,
    what,
    ...[sourcesText(several)].flatMap((each) => each ?? []),
  ];
}

/** Returns the uses of a key as one sentence. Escape it before you show it. */
export function keyUsesSentence(accessKeyId: string, uses: KeyUses): string {
  return `Uses of the access key ${accessKeyId}: ${keyUsesText(uses).join('; ')}.`;
}

function useText({ time, cluster, auditId, ip, userAgent }: KeyUse): string {
  const where = cluster === undefined ? '' : ` on ${cluster}`;
  return `${time ?? 'at an unknown time'}${where}${placeText(ip, productOf(userAgent))}, audit ID ${auditId}`;
}
