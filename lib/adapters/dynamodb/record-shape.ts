import * as v from 'valibot';
import { type Actor, identified, statedOf } from '../../attribution/actor.ts';
import { ID_BASES } from '../../attribution/actor-id.ts';
import {
  type Candidate,
  type ChainLink,
  type GrantLink,
  METHODS,
  type ShowingUse,
  type TokenLink,
  USE_SHOWS,
  type UseLink,
} from '../../attribution/attribution.ts';
import { GRANT_JOINS } from '../../attribution/chain.ts';
import { FLAGS } from '../../attribution/flags.ts';
import { REASONS, STATUSES } from '../../attribution/reasons.ts';
import type { AuditRecord, RecordedCaller, RecordedImpersonation } from '../../attribution/record.ts';
import { ACTOR_KINDS, type StatedActor } from '../../attribution/stated-actor.ts';
import type { RequestAction } from '../../audit/action.ts';
import type { AuditRequest, Authorization } from '../../audit/audit-event.ts';
import type { CallerPod } from '../../audit/caller.ts';
import type { LogOrigin } from '../../audit/event-site.ts';
import {
  attributionOf,
  type KeptAttribution,
  type KeptRecord,
  type StoredAttribution,
} from '../../claims/kept-record.ts';
import { GRANT_EVENTS } from '../../cloudtrail/evidence-events.ts';
import { type ClusterKey, clusterHome, clusterKeyOf } from '../../identity/cluster.ts';
import { isJsonObject } from '../../json.ts';
import { callerKind, impersonatedFields } from './caller-shape.ts';
import { auditId, flag, keyId, listOf, number, objectOf, oneOf, optional, roleId, type Shape, text } from './shape.ts';

const stated = {
  kind: oneOf(ACTOR_KINDS),
  name: optional(text),
  nameToday: optional(text),
  accountId: optional(text),
  principalId: optional(text),
  arn: optional(text),
  sessionName: optional(text),
  sourceIdentity: optional(text),
  provider: optional(text),
  nameIdFormat: optional(text),
  userId: optional(text),
  directory: optional(text),
  roleArn: optional(text),
  knownAs: optional(text),
  workload: optional(text),
  uid: optional(text),
  delegate: optional(objectOf<NonNullable<Actor['delegate']>>({ accountId: text })),
};

export const actorShape = objectOf<Actor>({
  ...stated,
  id: text,
  idBasis: oneOf(ID_BASES),
  samePerson: optional(listOf(text)),
});

/**
 * The shape of a stored actor. Its ID follows from the other fields and the record's cluster. `storedRecordShape` adds
 * it.
 */
const storedActor: Shape<Actor> = v.pipe(
  objectOf<StatedActor>(stated),
  v.transform((actor) => identified(actor)),
);

const grantLink = objectOf<GrantLink>({
  eventName: oneOf(GRANT_EVENTS),
  eventIds: listOf(text),
  issuedAt: text,
  expiresAt: text,
  region: optional(text),
  sourceIp: optional(text),
  userAgent: optional(text),
  roleArn: optional(text),
  roleId: optional(text),
  sessionName: optional(text),
  accessKeyId: optional(text),
  callerAccessKeyId: optional(text),
  joinedBy: oneOf(GRANT_JOINS),
});

const tokenLink = objectOf<TokenLink>({
  eventName: oneOf(['TokenRequest']),
  eventIds: listOf(text),
  serviceAccount: text,
  credentialId: text,
  issuedAt: text,
  joinedBy: oneOf(['token']),
});

const chainLink: Shape<ChainLink> = v.lazy(
  (value): Shape<ChainLink> => (isJsonObject(value) && value.eventName === 'TokenRequest' ? tokenLink : grantLink),
);

const ofUse = { eventName: text, eventIds: listOf(text), region: optional(text), time: optional(text) };
const useLink = objectOf<UseLink>(ofUse);
const uses = optional(listOf(objectOf<ShowingUse>({ shows: oneOf(USE_SHOWS), ...ofUse })));

const candidateOf = (actor: Shape<Actor>) =>
  objectOf<Candidate>({ actor, chain: listOf(chainLink), use: optional(useLink), uses });

const fieldsOfAttribution = (actor: Shape<Actor>) =>
  objectOf<StoredAttribution>({
    status: oneOf(STATUSES),
    provisional: flag,
    flags: listOf(oneOf(FLAGS)),
    method: optional(oneOf(METHODS)),
    reason: optional(oneOf(REASONS)),
    actor: optional(actor),
    chain: optional(listOf(chainLink)),
    use: optional(useLink),
    uses,
    candidates: optional(listOf(candidateOf(actor))),
    candidatesLeftOut: optional(number),
  });

/**
 * Returns the shape of an attribution with those fields that belong to its status. Other stored fields are left out.
 */
const attributionOfActors = (actor: Shape<Actor>): Shape<KeptAttribution> =>
  v.pipe(
    fieldsOfAttribution(actor),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const attribution = attributionOf(dataset.value);
      if (attribution !== undefined) return attribution;
      addIssue({ message: `attribution that matches the status ${dataset.value.status}` });
      return NEVER;
    }),
  );

export const attributionShape = attributionOfActors(actorShape);

const caller = objectOf<RecordedCaller>({
  kind: callerKind,
  uid: optional(text),
  username: optional(text),
  groups: optional(listOf(text)),
  accountId: optional(text),
  roleId: optional(roleId),
  sessionName: optional(text),
  accessKeyId: optional(keyId),
  arn: optional(text),
  canonicalArn: optional(text),
  credentialId: optional(text),
  sessionNameFrom: optional(oneOf(['username'])),
  pod: optional(objectOf<CallerPod>({ name: optional(text), uid: optional(text), node: optional(text) })),
});

const recordOfAttribution = (attribution: Shape<KeptAttribution>) =>
  objectOf<KeptRecord>({
    schemaVersion: v.literal(1, 'schema version 1'),
    auditId,
    caller,
    attribution,
    stage: optional(text),
    time: optional(text),
    cluster: optional(text),
    clusterArn: optional(text),
    accountId: optional(text),
    region: optional(text),
    origin: optional(
      objectOf<LogOrigin>({
        logGroup: optional(text),
        logStream: optional(text),
        owner: optional(text),
        handedOverBy: optional(text),
      }),
    ),
    request: optional(
      objectOf<AuditRequest>({
        verb: optional(text),
        uri: optional(text),
        apiGroup: optional(text),
        resource: optional(text),
        subresource: optional(text),
        namespace: optional(text),
        name: optional(text),
      }),
    ),
    action: optional(
      objectOf<RequestAction>({
        command: optional(text),
        container: optional(text),
        endedAt: optional(text),
        ports: optional(listOf(number)),
        audiences: optional(listOf(text)),
        expiresAt: optional(text),
        credentialId: optional(text),
        boundTo: optional(text),
        role: optional(text),
        subjects: optional(listOf(text)),
        subjectsLeftOut: optional(number),
      }),
    ),
    response: optional(objectOf<{ readonly code: number }>({ code: number })),
    authorization: optional(objectOf<Authorization>({ decision: optional(text), reason: optional(text) })),
    source: optional(
      objectOf<NonNullable<AuditRecord['source']>>({ ips: optional(listOf(text)), userAgent: optional(text) }),
    ),
    impersonated: optional(objectOf<RecordedImpersonation>({ ...impersonatedFields, original: optional(text) })),
  });

export const auditRecordShape = recordOfAttribution(attributionShape);

/** The shape of a record as `storedForm` returns it. It adds the IDs of the actors. */
export const storedRecordShape: Shape<KeptRecord> = v.pipe(
  recordOfAttribution(attributionOfActors(storedActor)),
  v.transform((record) => ({
    ...record,
    ...clusterHome(record),
    attribution: identifiedIn(record.attribution, clusterKeyOf(record)),
  })),
);

function identifiedIn(attribution: KeptAttribution, cluster: ClusterKey): KeptAttribution {
  const inCluster = (actor: Actor) => identified(statedOf(actor), cluster);
  switch (attribution.status) {
    case 'attributed':
    case 'partial':
      return { ...attribution, actor: inCluster(attribution.actor) };
    case 'ambiguous': {
      const candidates = attribution.candidates.map((each) => ({ ...each, actor: inCluster(each.actor) }));
      return { ...attribution, candidates };
    }
    default:
      return attribution;
  }
}

/**
 * Returns the record without the fields that follow from others. These are the IDs of its actors, and the account and
 * Region of its cluster. They would cost one more write unit for many records.
 */
export function storedForm({ attribution, accountId, region: _region, ...head }: KeptRecord): object {
  const { actor, candidates, ...rest } = attribution;
  const each = candidates?.map((candidate) => ({ ...candidate, actor: statedOf(candidate.actor) }));
  return {
    ...head,
    accountId: head.clusterArn === undefined ? accountId : undefined,
    attribution: { ...rest, actor: actor && statedOf(actor), candidates: each },
  };
}
