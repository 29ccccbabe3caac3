import { type AwsCall, awsCallOf, type PodSession, podSessionOf } from '../../cloudtrail/pod-session.ts';
import type { JsonObject } from '../../json.ts';
import type { RecordSink, RecordSource } from '../../ports/input.ts';
import { type EpochMillis, epochMillis, HOUR, parseInstant } from '../../time.ts';
import type { RelatedToRequest } from './related-answer.ts';

/** What a pod, or its service account, did in AWS around the request. */
export interface AwsOfPod {
  readonly sessions: readonly PodSessionTold[];
  /** Their calls, the nearest to the request first. */
  readonly calls: readonly AwsCall[];
  readonly leftOut?: number | undefined;
}

/** A role session, and how sure it is that this very pod had it. */
export type PodSessionTold = PodSession & { readonly reason: string };

/** How long before the request a session may have begun: the longest role session. */
const LONGEST = 12 * HOUR;
/** To either side of the request, which calls are told. */
const CALLS_AROUND = HOUR;

/**
 * The AWS calls of the pod behind each of the answered requests, from CloudTrail's records, which are read twice: first who was
 * issued a session, then what was done with it. Undefined for requests that no service account made.
 */
export async function awsCallsOf(
  requests: readonly RelatedToRequest[],
  source: RecordSource,
  most: number,
): Promise<readonly (AwsOfPod | undefined)[]> {
  const asked = requests.map(askedOf);
  if (asked.every((each) => each === undefined)) return asked.map(() => undefined);
  const sessions = asked.map((): PodSessionTold[] => []);
  await eachRecord(source, (record) => {
    const session = podSessionOf(record);
    if (session === undefined) return;
    for (const [at, each] of asked.entries()) {
      const reason = each && reasonFor(each, session);
      if (reason !== undefined) sessions[at]?.push({ ...session, reason });
    }
  });
  const calls = asked.map((each) => new NearestCalls(each?.at ?? epochMillis(0), most));
  if (sessions.some((each) => each.length > 0))
    await eachRecord(source, (record) => {
      const call = awsCallOf(record);
      if (call === undefined) return;
      for (const [at, each] of asked.entries())
        if (each !== undefined && isNear(call.at, each.at) && sessions[at]?.some((session) => isOf(session, call)))
          calls[at]?.add(call);
    });
  return asked.map((each, at) => each && toldOf(sessions[at] ?? [], calls[at], most));
}

interface Asked {
  readonly at: EpochMillis;
  readonly serviceAccount: string;
  readonly cluster: string | undefined;
  readonly podUid: string | undefined;
}

function askedOf({ stages, serviceAccount, pod }: RelatedToRequest): Asked | undefined {
  const [record] = stages;
  const at = record?.time === undefined ? undefined : parseInstant(record.time);
  if (at === undefined || serviceAccount === undefined) return undefined;
  return { at, serviceAccount: serviceAccount.name, cluster: record?.cluster, podUid: pod?.uid };
}

/** Why a session may be that of the pod; undefined where it is not. */
function reasonFor({ at, serviceAccount, cluster, podUid }: Asked, session: PodSession): string | undefined {
  const isThen =
    session.issuedAt <= at + CALLS_AROUND && session.expiresAt >= at - CALLS_AROUND && session.issuedAt >= at - LONGEST;
  if (!isThen || session.serviceAccount !== serviceAccount) return undefined;
  if (session.by === 'irsa')
    return `one of the pods then running: IRSA names the service account and the issuer ${session.issuer ?? '(not stated)'}, no pod; whether that issuer is the cluster's is for you to see`;
  if (cluster !== undefined && session.cluster !== undefined && session.cluster !== cluster) return undefined;
  if (podUid === undefined) return 'one of the pods then running: the request names no pod';
  return session.podUid === podUid ? 'this very pod: Pod Identity states its uid' : undefined;
}

/** By the key that was issued; where the grant does not list it, by the session's name. */
function isOf({ accessKeyId, principalId }: PodSession, call: AwsCall): boolean {
  if (accessKeyId !== undefined && call.accessKeyId !== undefined) return accessKeyId === call.accessKeyId;
  return principalId !== undefined && principalId === call.principalId;
}

function isNear(at: EpochMillis, request: EpochMillis): boolean {
  return Math.abs(at - request) <= CALLS_AROUND;
}

/** The calls nearest to a time, of however many: a pod may make millions. */
class NearestCalls {
  readonly #at: EpochMillis;
  readonly #most: number;
  #kept = new Map<string, AwsCall>();
  /** Those that were too far; copies of one that come much later count again. */
  leftOut = 0;

  constructor(at: EpochMillis, most: number) {
    this.#at = at;
    this.#most = most;
  }

  add(call: AwsCall): void {
    this.#kept.set(call.eventId || JSON.stringify(call), call);
    if (this.#kept.size >= this.#most * 20) this.#prune();
  }

  nearest(): readonly AwsCall[] {
    this.#prune();
    return [...this.#kept.values()];
  }

  #prune(): void {
    const all = [...this.#kept].toSorted(([, a], [, b]) => Math.abs(a.at - this.#at) - Math.abs(b.at - this.#at));
    this.#kept = new Map(all.slice(0, this.#most));
    this.leftOut += all.length - this.#kept.size;
  }
}

function toldOf(sessions: readonly PodSessionTold[], calls: NearestCalls | undefined, most: number): AwsOfPod {
  const distinct = [...new Map(sessions.map((each) => [each.eventId || JSON.stringify(each), each])).values()];
  const nearest = calls?.nearest() ?? [];
  const left = (calls?.leftOut ?? 0) + Math.max(0, distinct.length - most);
  return { sessions: distinct.slice(0, most), calls: nearest, leftOut: left > 0 ? left : undefined };
}

/** What else the files hold was told of when they were read for grants, or is of no account here. */
async function eachRecord(source: RecordSource, take: (record: JsonObject) => void): Promise<void> {
  const sink: RecordSink = {
    trail: (record) => take(record),
    audit: () => undefined,
    ignored: () => undefined,
    reject: () => undefined,
  };
  await source.read(sink, () => undefined);
}

/** Around which times CloudTrail's records matter: of paths in S3 only those folders are read. */
export function timesAround(requests: readonly RelatedToRequest[]): { from?: EpochMillis; to?: EpochMillis } {
  const times = requests.flatMap((request) => askedOf(request)?.at ?? []);
  if (times.length === 0) return {};
  return { from: epochMillis(Math.min(...times) - LONGEST), to: epochMillis(Math.max(...times) + CALLS_AROUND) };
}
