import { sameActor } from '../../attribution/actor.ts';
import { actorName, namesOfActor } from '../../attribution/actor-names.ts';
import type { Attribution } from '../../attribution/attribution.ts';
import { isTiedToGrant } from '../../attribution/proof.ts';
import { type KeptAttribution, withFewCandidates } from '../../claims/kept-record.ts';
import type { ChangeCaller, ClusterChange } from '../../cloudtrail/cluster-change.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { type ClusterFields, clusterArn, clusterKeyOf, isWantedCluster } from '../../identity/cluster.ts';
import { UID_PREFIXES } from '../../identity/uid.ts';
import { present } from '../../json.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { subjectOfPrincipal } from '../../recognize/callers.ts';
import { type EpochMillis, formatInstant } from '../../time.ts';
import type { RecordFilter } from '../query/filter.ts';
import { type WhoisQuestion, WhoisQuestionError } from '../query/whois-question.ts';

/** A change of a cluster through the EKS API, and who made it. Callers chose its texts: escape them before display. */
export interface ChangeRow extends Omit<ClusterChange, 'at'> {
  /** The time of the call, as CloudTrail states it: RFC 3339 in UTC. */
  readonly time: string;
  readonly clusterArn?: string | undefined;
  /**
   * The attribution of the call. Absent if CloudTrail names no caller that can be looked up, such as a service of AWS.
   */
  readonly attribution?: KeptAttribution | undefined;
}

/** The changes of a time range, as far as a source knows them. */
export interface KnownChanges {
  /** The changes, the newest first. */
  readonly changes: readonly ChangeRow[];
  /** A sentence about changes of this time range that may be missing. */
  readonly note?: string | undefined;
  /** Present if there can be more changes than these. */
  readonly isCut?: true;
}

/** The sentence for a service that knows no changes. It cannot know of calls that were not delivered to it. */
export const ONLY_DELIVERED =
  'The service knows the calls that CloudTrail delivered to it. If the trail leaves out management events of EKS, changes are missing here.';

/** Looks up who was behind a caller at that time. */
export type ChangeLookup = (
  question: WhoisQuestion,
  at: EpochMillis,
) => Promise<{ readonly attribution: Attribution | KeptAttribution }>;

/** Limits the candidates that are listed for each change. */
const MOST_CANDIDATES = 5;

/** The sentence if an account made more changes on a day than are read. */
export const TOO_MANY_CHANGES =
  'An account made so many changes on one day that only the newest of that day are known here. Search its CloudTrail for the others.';

/**
 * Returns the changes with their attributions, in the same order. Each caller is looked up once a day, because somebody
 * can make many changes with one key.
 * @param known the look-ups so far. New ones are added.
 */
export async function attributedChanges(
  changes: readonly ClusterChange[],
  whois: ChangeLookup,
  known = new Map<string, Promise<KeptAttribution | undefined>>(),
): Promise<readonly ChangeRow[]> {
  return mapConcurrently(changes, async ({ at, ...change }) => {
    const time = formatInstant(at);
    const key = JSON.stringify([time.slice(0, 10), change.caller]);
    const found = known.get(key) ?? attributionOf(change.caller, at, whois);
    known.set(key, found);
    return present<ChangeRow>({ time, ...change, ...homeOf(change), attribution: await found });
  });
}

async function attributionOf(
  caller: ChangeCaller,
  at: EpochMillis,
  whois: ChangeLookup,
): Promise<KeptAttribution | undefined> {
  const question = questionOf(caller);
  if (question === undefined) return undefined;
  try {
    return withFewCandidates((await whois(question, at)).attribution, MOST_CANDIDATES);
  } catch (error) {
    if (error instanceof WhoisQuestionError) return undefined; // AWS writes no such caller.
    throw error;
  }
}

/**
 * Returns the question that finds who is behind CloudTrail's `userIdentity`. Undefined if it names neither a session,
 * nor an IAM user, nor a root user. A session is identified by its principal and key, a user by its own ID.
 */
function questionOf({ arn, principalId, accountId, accessKeyId, service }: ChangeCaller): WhoisQuestion | undefined {
  const isUser =
    principalId !== undefined && accountId !== undefined && /^(?:AIDA[A-Z0-9]{4,}|\d{12})$/.test(principalId);
  if (isUser && (principalId === accountId) === (arn?.endsWith(':root') === true)) {
    const uid = `${UID_PREFIXES[0]}${accountId}:${principalId}`;
    return present<WhoisQuestion>({ ...NO_QUESTION, uid, username: arn ?? principalId, accessKeyId, arn });
  }
  if (service !== undefined && accessKeyId === undefined) return undefined;
  const subject = subjectOfPrincipal(principalId, { accessKeyId, arn }, {});
  return subject?.by === 'caller' ? subject.question : undefined;
}

const NO_QUESTION = { principal: undefined, sessionName: undefined };

/** Returns the changes of the time range, the newest first. */
export function changesWithin(changes: readonly ClusterChange[], { from, to }: TimeRange): readonly ClusterChange[] {
  return changes
    .filter(({ at }) => (from === undefined || at >= from) && (to === undefined || at <= to))
    .toSorted(newestFirstOfAll);
}

/** Orders changes by time, the newest first, and those of one time by their event ID. */
export function newestFirst(
  a: Pick<ClusterChange, 'at' | 'eventId'>,
  b: Pick<ClusterChange, 'at' | 'eventId'>,
): number {
  return b.at - a.at || compareTexts(a.eventId ?? '', b.eventId ?? '');
}

/**
 * Orders changes like `newestFirst`. Changes with the same event ID are ordered by content: all but one of them are
 * forged.
 */
function newestFirstOfAll(a: ClusterChange, b: ClusterChange): number {
  return newestFirst(a, b) || compareTexts(JSON.stringify(a), JSON.stringify(b));
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * Returns the cluster of a change. Its account is the recipient of the CloudTrail record, because EKS is called in the
 * cluster's account.
 */
export function homeOf({
  cluster,
  accountId,
  region,
}: Omit<ClusterChange, 'at'>): Required<Omit<ClusterFields, 'origin'>> {
  return { cluster, accountId, clusterArn: clusterArn({ accountId, region, name: cluster }) };
}

/** Returns whether the filter matches the cluster of the change. */
export function isOfClusters(change: ClusterChange, { cluster }: RecordFilter): boolean {
  return isWantedCluster(clusterKeyOf(homeOf(change)), cluster);
}

/** Returns whether the filter matches an actor of the change. It can name actors by ID or by name. */
export function isByActors({ attribution }: ChangeRow, { actor: wanted }: RecordFilter): boolean {
  const names = attribution?.actor === undefined ? [] : namesOfActor(attribution.actor);
  const isOne = (text: string) => names.includes(text);
  return wanted?.any?.some(isOne) !== false;
}

/**
 * Returns whether it is certain that the actor made the change. Either a grant issued the access key of the call to
 * them, or CloudTrail names them as the caller. A session name proves nothing, because callers choose it.
 */
export function isSurelyBy({ attribution }: ChangeRow, actor: NonNullable<Attribution['actor']>): boolean {
  if (attribution?.status !== 'attributed' || !sameActor(attribution.actor, actor)) return false;
  return attribution.method === 'direct' || isTiedToGrant(attribution.method);
}

/**
 * Returns in words who made a change: the actor, the candidates, or else the caller as CloudTrail states it. Escape it
 * before display.
 */
export function changedBy({ attribution, caller }: Pick<ChangeRow, 'attribution' | 'caller'>): string {
  if (attribution?.actor !== undefined) return actorName(attribution.actor);
  const names = (attribution?.candidates ?? []).map(({ actor }) => actorName(actor));
  if (names.length > 0) return `one of ${[...new Set(names)].join(', ')}`;
  const { arn, service, principalId } = caller;
  const stated = arn ?? service ?? principalId ?? 'an unknown caller';
  return attribution === undefined ? stated : `? ${stated}`;
}
