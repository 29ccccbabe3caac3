import { ACTOR_KINDS, type Actor } from '../../attribution/actor.ts';
import {
  type Candidate,
  type ChainLink,
  FLAGS,
  type GrantLink,
  METHODS,
  REASONS,
  STATUSES,
  type TokenLink,
} from '../../attribution/attribution.ts';
import { GRANT_JOINS } from '../../attribution/chain.ts';
import type { AuditRecord, RecordedCaller, RecordedImpersonation } from '../../attribution/record.ts';
import type { CallerPod } from '../../audit/caller.ts';
import type { AuditRequest, Authorization } from '../../audit/event.ts';
import {
  attributionOf,
  type KeptAttribution,
  type KeptRecord,
  type StoredAttribution,
} from '../../claims/kept-record.ts';
import { GRANT_EVENTS } from '../../cloudtrail/grant.ts';
import { isJsonObject } from '../../json.ts';
import { callerKind } from './caller-shape.ts';
import {
  auditId,
  flag,
  keyId,
  listOf,
  number,
  objectOf,
  oneOf,
  roleId,
  type Shape,
  text,
  UnreadableItemError,
} from './shape.ts';

const actor = objectOf<Actor>(
  { kind: oneOf(ACTOR_KINDS) },
  {
    name: text,
    accountId: text,
    principalId: text,
    arn: text,
    sessionName: text,
    sourceIdentity: text,
    provider: text,
    workload: text,
    uid: text,
    delegate: objectOf<NonNullable<Actor['delegate']>>({ accountId: text }, {}),
  },
);

const grantLink = objectOf<GrantLink>(
  { eventName: oneOf(GRANT_EVENTS), eventIds: listOf(text), issuedAt: text, expiresAt: text },
  {
    region: text,
    roleArn: text,
    roleId: text,
    sessionName: text,
    accessKeyId: text,
    joinedBy: oneOf(GRANT_JOINS),
  },
);

const tokenLink = objectOf<TokenLink>(
  {
    eventName: oneOf(['TokenRequest']),
    eventIds: listOf(text),
    serviceAccount: text,
    credentialId: text,
    issuedAt: text,
    joinedBy: oneOf(['token']),
  },
  {},
);

const chainLink: Shape<ChainLink> = (value, place) =>
  isJsonObject(value) && value.eventName === 'TokenRequest' ? tokenLink(value, place) : grantLink(value, place);

const candidate = objectOf<Candidate>({ actor, chain: listOf(chainLink) }, {});

const storedAttribution = objectOf<StoredAttribution>(
  { status: oneOf(STATUSES), provisional: flag, flags: listOf(oneOf(FLAGS)) },
  {
    method: oneOf(METHODS),
    reason: oneOf(REASONS),
    actor,
    chain: listOf(chainLink),
    candidates: listOf(candidate),
    candidatesLeftOut: number,
  },
);

export const attributionShape: Shape<KeptAttribution> = (value, place) => {
  const stored = storedAttribution(value, place);
  const attribution = attributionOf(stored);
  if (attribution === undefined)
    throw new UnreadableItemError(place, `attribution as the status ${stored.status} has it`);
  return attribution;
};

const caller = objectOf<RecordedCaller>(
  { kind: callerKind },
  {
    uid: text,
    username: text,
    groups: listOf(text),
    accountId: text,
    roleId,
    sessionName: text,
    accessKeyId: keyId,
    arn: text,
    credentialId: text,
    pod: objectOf<CallerPod>({}, { name: text, uid: text, node: text }),
  },
);

const version: Shape<1> = (value, place) => {
  if (value !== 1) throw new UnreadableItemError(place, 'schema version 1');
  return 1;
};

export const auditRecordShape = objectOf<KeptRecord>(
  { schemaVersion: version, auditId, caller, attribution: attributionShape },
  {
    stage: text,
    time: text,
    cluster: text,
    request: objectOf<AuditRequest>(
      {},
      { verb: text, uri: text, apiGroup: text, resource: text, subresource: text, namespace: text, name: text },
    ),
    response: objectOf<{ readonly code: number }>({ code: number }, {}),
    authorization: objectOf<Authorization>({}, { decision: text, reason: text }),
    source: objectOf<NonNullable<AuditRecord['source']>>({}, { ips: listOf(text), userAgent: text }),
    impersonated: objectOf<RecordedImpersonation>(
      {},
      { username: text, groups: listOf(text), uid: text, original: text },
    ),
  },
);
