import { latestStages } from '../../activity/requests.ts';
import type { DescribedRequest } from './described-request.ts';
import type { Informant } from './informant.ts';
import { groupsText, shownRequests } from './listed-requests.ts';
import { joinSentences, type Outcome, type RequestsBeside } from './outcomes.ts';

/**
 * Adds requests that listed or watched all objects of a type to an answer about who read one such object. The requests
 * covered the object's namespace or all namespaces, so their responses can have contained it. If the text states no
 * namespace, those of all matching requests count.
 */
export async function withCollectionReads(
  outcome: Outcome,
  { circumstances: { request = {}, cluster, clusterArn }, isTrace, range }: DescribedRequest,
  informant: Informant,
): Promise<Outcome> {
  const { verb, resource, subresource, name } = request;
  if (!isTrace || verb !== 'GET' || resource === undefined || subresource !== undefined || name === undefined)
    return outcome;
  const { namespace } = request;
  const found = outcome.kind === 'sessions' ? outcome.places : undefined;
  const places = namespace === undefined ? (found ?? []) : [{ cluster, clusterArn, namespace }];
  if (places.length === 0) return outcome;
  const read = await informant.collectionReads(resource, places, range);
  const records = latestStages(read.records);
  const byPeople = records.filter(({ attribution }) => attribution.status !== 'system');
  const unread = read.isComplete ? undefined : 'Not all lists were searched.';
  if (records.length === 0 || outcome.kind === 'attributed') return withSentences(outcome, unread);
  const shown: RequestsBeside = { requests: byPeople.length, ...shownRequests(byPeople) };
  const answer = withSentences(outcome, sentence(resource, shown, records.length - byPeople.length), unread);
  return answer.kind === 'sessions' && byPeople.length > 0 ? { ...answer, mayAlsoHaveRead: shown } : answer;
}

function sentence(resource: string, shown: RequestsBeside, ofSystem: number): string {
  const { requests } = shown;
  const head = `${requests === 1 ? '1 request' : `${requests} requests`} that listed or watched ${resource} may also have returned it`;
  const system = ofSystem === 0 ? '' : `, and ${ofSystem} more by the cluster itself or AWS`;
  return `${head}${requests === 0 ? '' : `: ${groupsText(shown)}`}${system}.`;
}

function withSentences(outcome: Outcome, ...sentences: readonly (string | undefined)[]): Outcome {
  if (outcome.kind === 'not-known') return { ...outcome, why: joinSentences(outcome.why, ...sentences) ?? outcome.why };
  return { ...outcome, note: joinSentences(outcome.note, ...sentences) };
}
