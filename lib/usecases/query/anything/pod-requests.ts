import type { KeptRecord } from '../../../claims/kept-record.ts';
import { latestStages } from '../../activity/requests.ts';
import { groupsText } from './answer-by-log.ts';
import type { DescribedRequest } from './described-request.ts';
import type { Informant, ObjectPlace } from './informant.ts';
import { shownRequests } from './listed-requests.ts';
import { joinSentences, type Outcome, type RequestsBeside } from './outcomes.ts';

/**
 * Adds to the answer about a pod the requests that were made with the pod's own tokens. A pod that somebody left behind can act long after its
 * last exec, under no name of a person.
 */
export async function withPodRequests(
  outcome: Outcome,
  { circumstances: { request = {}, cluster }, isTrace, verbs, range }: DescribedRequest,
  informant: Informant,
): Promise<Outcome> {
  const { resource = 'pods', subresource, name, uri } = request;
  const isOfPod = isTrace && resource === 'pods' && name !== undefined && (subresource ?? uri) === undefined;
  if (!isOfPod || verbs.length > 0 || outcome.kind !== 'sessions') return outcome;
  const places =
    request.namespace === undefined ? placesOf(outcome.inLog?.listed) : [{ cluster, namespace: request.namespace }];
  if (places.length === 0) return outcome;
  const from = outcome.span?.from ?? range.from;
  const read = await informant.podRequests(name, places, { from, to: range.to });
  const records = latestStages(read.records);
  const unread = read.isComplete ? undefined : 'Not all requests of the pod itself were searched.';
  if (records.length === 0) return { ...outcome, note: joinSentences(outcome.note, unread) };
  const ofPod: RequestsBeside = { requests: records.length, ...shownRequests(records) };
  return { ...outcome, ofPod, note: joinSentences(outcome.note, sentence(ofPod), unread) };
}

/** Returns where the listed requests were about pods. */
function placesOf(listed: readonly KeptRecord[] = []): readonly ObjectPlace[] {
  return listed.flatMap(({ cluster, request }) =>
    request?.resource === 'pods' && request.namespace !== undefined ? [{ cluster, namespace: request.namespace }] : [],
  );
}

function sentence(ofPod: RequestsBeside): string {
  const made = ofPod.requests === 1 ? '1 request was' : `${ofPod.requests} requests were`;
  return `${made} made with tokens of a pod of this name: ${groupsText(ofPod)}. Anybody in the pod can have made them.`;
}
