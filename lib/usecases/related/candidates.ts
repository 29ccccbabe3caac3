import type { Actor } from '../../attribution/actor.ts';
import { isTokenOf } from '../../audit/issued-token.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { canBePersons, timeOf } from '../activity/requests.ts';
import type { PodOfRequest, RelatedCandidate, ServiceAccountTokens } from './related-answer.ts';

/** One reason to think of whoever made this request. */
interface Hint {
  readonly record: KeptRecord;
  readonly reason: string;
}

/** Reasons of one candidate: more say no more. */
const MOST_REASONS = 10;

/**
 * Who may be behind the request of a service account: who came into its pod before, who holds its token, who made or changed
 * what it came from. In this order, each once.
 */
export function candidatesOf(
  request: KeptRecord,
  pod: PodOfRequest | undefined,
  account: ServiceAccountTokens | undefined,
): readonly RelatedCandidate[] {
  const hints = [...ofEntries(pod), ...ofTokens(request, account), ...ofChanges(pod), ...ofOrigin(pod)];
  const byWhom = Map.groupBy(
    hints.filter(({ record }) => canBePersons(record)),
    ({ record }) => whom(record),
  );
  return [...byWhom.values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const kept = of.slice(0, MOST_REASONS);
    const evidence = [...new Set(kept.map(({ record }) => record.auditId))];
    return [{ ...nameOf(first.record), reasons: [...new Set(kept.map(({ reason }) => reason))], evidence }];
  });
}

const WORDS: Readonly<Record<string, string>> = {
  exec: 'ran a command in the pod (pods/exec)',
  attach: 'attached to the pod (pods/attach)',
  portforward: 'forwarded a port of the pod (pods/portforward)',
  ephemeralcontainers: 'put a container into the pod (pods/ephemeralcontainers)',
};

function ofEntries(pod: PodOfRequest | undefined): Hint[] {
  const before = (pod?.entries ?? []).filter(({ afterRequest }) => afterRequest !== true);
  const surestFirst = before.toSorted((a, b) => Number(a.mayBeOfAnother ?? false) - Number(b.mayBeOfAnother ?? false));
  return surestFirst.map(({ record, mayBeOfAnother }) => {
    const words = WORDS[record.request?.subresource ?? ''] ?? 'came into the pod';
    const doubt = mayBeOfAnother ? '; it may have been an earlier pod of this name' : '';
    return { record, reason: `${words} at ${record.time ?? 'a time not known'}${doubt}` };
  });
}

/** Where it is known with which token the request was made, no other one can have made it; nor one that was issued later. */
function ofTokens(request: KeptRecord, account: ServiceAccountTokens | undefined): Hint[] {
  const isTold = isTokenOf(request.caller);
  const at = timeOf(request);
  const isBefore = (record: KeptRecord) => (timeOf(record) ?? 0) <= (at ?? Number.POSITIVE_INFINITY);
  const tokens = (account?.tokens ?? []).filter(({ used, record }) => used === true || (!isTold && isBefore(record)));
  return tokens.map(({ record, used }) => {
    const issued = record.time ?? 'a time not known';
    const reason = used
      ? `was issued the very token that the request was made with, at ${issued}`
      : `was issued a token of the service account at ${issued}; with which one the request was made is not known`;
    return { record, reason };
  });
}

function ofChanges(pod: PodOfRequest | undefined): Hint[] {
  return (pod?.changes ?? []).map((record) => ({
    record,
    reason: `changed ${record.request?.resource ?? 'it'}/${record.request?.name ?? '?'}, which the pod came from, at ${record.time ?? 'a time not known'}`,
  }));
}

function ofOrigin(pod: PodOfRequest | undefined): Hint[] {
  return (pod?.origin ?? []).flatMap(({ created, kind, name, foundBy }) => {
    if (created === undefined) return [];
    const what = kind === 'Pod' ? 'the pod' : `the ${kind} ${name ?? '(without a name)'}, which the pod came from`;
    return [{ record: created, reason: `created ${what}${foundBy === 'name' ? ', by its name' : ''}` }];
  });
}

/** The same for records that are by the same person, as far as they say. */
function whom(record: KeptRecord): string {
  const { actor, oneOf, username } = nameOf(record);
  const key = (each: Actor) => [each.kind, each.accountId, each.principalId ?? each.arn, each.name, each.workload];
  if (actor !== undefined) return JSON.stringify(key(actor));
  return JSON.stringify([oneOf?.map(key), username, record.caller.uid]);
}

function nameOf({ attribution, caller }: KeptRecord): Pick<RelatedCandidate, 'actor' | 'oneOf' | 'username'> {
  if (attribution.actor !== undefined) return { actor: attribution.actor };
  const { username } = caller;
  return attribution.status === 'ambiguous'
    ? { oneOf: attribution.candidates.map(({ actor }) => actor), username }
    : { username };
}
