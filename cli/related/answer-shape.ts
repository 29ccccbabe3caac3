import { changeShape } from '../../lib/adapters/dynamodb/change-shape.ts';
import { actorShape, auditRecordShape } from '../../lib/adapters/dynamodb/record-shape.ts';
import {
  auditId,
  falsehood,
  listOf,
  number,
  objectOf,
  oneOf,
  optional,
  read,
  text,
  truth,
  UnreadableItemError,
} from '../../lib/adapters/dynamodb/shape.ts';
import { WORKLOAD_KINDS } from '../../lib/audit/created-object.ts';
import type { JsonObject } from '../../lib/json.ts';
import type {
  ClusterChangesAround,
  OriginLink,
  PodEntry,
  PodOfRequest,
  PodUse,
  RelatedAnswer,
  RelatedCandidate,
  RelatedToRequest,
  ServiceAccountTokens,
  SessionAround,
  TokenIssue,
  UsesOfPods,
  UsesOfToken,
} from '../../lib/usecases/related/related-answer.ts';
import { CommandError } from '../failures/command-error.ts';

const records = listOf(auditRecordShape);

const session = objectOf<SessionAround>({
  name: text,
  by: oneOf(['session', 'actor']),
  accessKeyId: optional(text),
  from: text,
  to: text,
  requests: records,
  leftOut: optional(number),
  otherKeys: optional(records),
  otherKeysLeftOut: optional(number),
});

const serviceAccount = objectOf<ServiceAccountTokens>({
  name: text,
  tokens: listOf(objectOf<TokenIssue>({ record: auditRecordShape, used: optional(truth) })),
  leftOut: optional(number),
});

const tokenUses = objectOf<UsesOfToken>({ name: text, requests: records, leftOut: optional(number) });

const podUses = objectOf<UsesOfPods>({
  kind: oneOf(WORKLOAD_KINDS),
  namespace: text,
  name: optional(text),
  requests: listOf(objectOf<PodUse>({ record: auditRecordShape, foundBy: oneOf(['uid', 'name']) })),
  leftOut: optional(number),
});

const originLink = objectOf<OriginLink>({
  kind: oneOf(WORKLOAD_KINDS),
  name: optional(text),
  uid: optional(text),
  foundBy: oneOf(['uid', 'name']),
  created: optional(auditRecordShape),
  reason: text,
});

const pod = objectOf<PodOfRequest>({
  name: optional(text),
  uid: optional(text),
  node: optional(text),
  namespace: text,
  cluster: optional(text),
  from: optional(text),
  fromReason: optional(text),
  to: optional(text),
  toReason: optional(text),
  origin: listOf(originLink),
  changes: records,
  entries: listOf(
    objectOf<PodEntry>({
      record: auditRecordShape,
      afterRequest: optional(truth),
      mayBeOfAnother: optional(truth),
    }),
  ),
  leftOut: optional(number),
});

const clusterChanges = objectOf<ClusterChangesAround>({
  from: text,
  to: text,
  changes: listOf(changeShape),
  leftOut: optional(number),
  note: optional(text),
});

const candidate = objectOf<RelatedCandidate>({
  actor: optional(actorShape),
  oneOf: optional(listOf(actorShape)),
  username: optional(text),
  reasons: listOf(text),
  evidence: listOf(auditId),
});

const relatedToRequest = objectOf<RelatedToRequest>({
  stages: records,
  session: optional(session),
  serviceAccount: optional(serviceAccount),
  tokenUses: optional(tokenUses),
  podUses: optional(podUses),
  pod: optional(pod),
  clusterChanges: optional(clusterChanges),
  candidates: listOf(candidate),
  notKnown: listOf(text),
  complete: optional(falsehood),
});

const relatedAnswer = objectOf<RelatedAnswer>({
  auditId,
  requests: listOf(relatedToRequest),
  requestsLeftOut: optional(number),
  hasMore: optional(truth),
});

/**
 * Returns the service's answer.
 * @throws CommandError if it is not an answer of this version.
 */
export function readRelated(answer: JsonObject): RelatedAnswer {
  try {
    return read(relatedAnswer, answer, 'answer');
  } catch (error) {
    if (!(error instanceof UnreadableItemError)) throw error;
    throw new CommandError(`The answer is not from eks-whois, or from another version of it. ${error.message}`, 1, {
      cause: error,
    });
  }
}
