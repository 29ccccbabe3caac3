import { type PodsOfActor, podsOfActor } from '../../../attribution/actor.ts';
import { lastGrant } from '../../../attribution/role-of-record.ts';
import type { TimeInterval } from '../../../ports/histories.ts';
import type { Circumstances } from '../../../recognize/subject.ts';
import { type EpochMillis, epochMillis, formatInstant, parseInstant } from '../../../time.ts';
import { latestStages } from '../../activity/requests.ts';
import { LONGEST_SESSION } from '../doubt.ts';
import type { DescribedRequest } from './described-request.ts';
import type { Informant } from './informant.ts';
import { groupsText, shownRequests } from './listed-requests.ts';
import { joinSentences, type Outcome, type RequestsBeside } from './outcomes.ts';

/**
 * The maximum number of places in which requests of pods with one name are searched. Each of them makes the question
 * longer.
 */
const MOST_PLACES = 10;

/**
 * Returns an answer about a pod with the requests that its own tokens made. If somebody prepared a pod, it can act long
 * after the last exec. Its requests then name no person.
 */
export async function withPodRequests(
  outcome: Outcome,
  { circumstances: { request = {}, cluster, clusterArn }, isTrace, verbs, range }: DescribedRequest,
  informant: Informant,
): Promise<Outcome> {
  const { name } = request;
  const isOther = verbs.length > 0 && !verbs.includes('create');
  if (!isTrace || isOther || name === undefined || !isOfPod(request) || outcome.kind !== 'sessions') return outcome;
  const { namespace } = request;
  const matching = (outcome.places ?? []).filter((place) => place.resource === 'pods');
  const ofPods = matching.length > 0 || namespace === undefined ? matching : [{ cluster, clusterArn, namespace }];
  const places = ofPods.slice(0, MOST_PLACES);
  if (places.length === 0) return outcome;
  const from = outcome.span?.from ?? range.from;
  const read = await informant.podRequests(name, places, { from, to: range.to });
  const records = latestStages(read.records);
  const isComplete = read.isComplete && ofPods.length <= MOST_PLACES;
  const unread = isComplete ? undefined : 'Not all requests of the pod itself were searched.';
  if (records.length === 0) return { ...outcome, note: joinSentences(outcome.note, unread) };
  const ofPod: RequestsBeside = { requests: records.length, ...shownRequests(records) };
  return { ...outcome, ofPod, note: joinSentences(outcome.note, sentence(ofPod), unread) };
}

/** Returns whether the object in the text is a pod, or can be one because the text states no type. */
function isOfPod({ resource = 'pods', subresource, uri }: NonNullable<Circumstances['request']>): boolean {
  return resource === 'pods' && (subresource ?? uri) === undefined;
}

/**
 * Returns an answer about the role of a pod with requests that can have led to its credentials. In the 12 hours
 * before, they ran commands in the pod, created it, or requested its service account's token. They name nobody as the
 * actor, because the programs in the pod have the role too.
 */
export async function withRequestsIntoPods(
  outcome: Outcome,
  at: EpochMillis | undefined,
  informant: Informant,
): Promise<Outcome> {
  if (outcome.kind !== 'attributed') return outcome;
  const { actor, chain = [] } = outcome.attribution;
  const pods = actor && podsOfActor(actor);
  const { issuedAt = '', expiresAt = '' } = lastGrant(chain) ?? {};
  const [issued, to] = [parseInstant(issuedAt), at ?? parseInstant(expiresAt)];
  if (pods === undefined || issued === undefined || to === undefined) return outcome;
  const range = { from: epochMillis(Math.min(issued, to) - LONGEST_SESSION), to };
  const read = await informant.requestsIntoPods(pods, range);
  if (read === undefined) return outcome;
  const records = latestStages(read.records);
  const inItsPods: RequestsBeside = { requests: records.length, ...shownRequests(records) };
  const unread = read.isComplete ? undefined : 'Not all such requests were searched.';
  const note = joinSentences(outcome.note, intoPodsText(inItsPods, pods, range), unread);
  return { ...outcome, note, ...(records.length > 0 && { inItsPods }) };
}

function intoPodsText(
  { requests, ...shown }: RequestsBeside,
  { namespace, pod, serviceAccount }: PodsOfActor,
  { from, to }: TimeInterval,
): string {
  const which = pod === undefined ? `pods of the namespace ${namespace}` : `the pod ${namespace}/${pod}`;
  const other = serviceAccount === undefined ? 'created it' : `requested a token of ${serviceAccount}`;
  const found =
    requests === 0
      ? 'no request that could reach the role'
      : `${requests === 1 ? '1 request' : `${requests} requests`} that could reach the role: ${groupsText(shown)}`;
  return `From ${formatInstant(from)} to ${formatInstant(to)}, the audit log has ${found}. Such requests ran commands in ${which}, or ${other}.`;
}

function sentence(ofPod: RequestsBeside): string {
  const made = ofPod.requests === 1 ? '1 request was' : `${ofPod.requests} requests were`;
  return `${made} made with tokens of a pod of this name: ${groupsText(ofPod)}. Anybody in the pod can have made them.`;
}
