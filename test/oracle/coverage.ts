import { METHODS } from '../../lib/attribution/attribution.ts';
import { FLAGS } from '../../lib/attribution/flags.ts';
import { REASONS, STATUSES } from '../../lib/attribution/reasons.ts';
import { ACTOR_KINDS } from '../../lib/attribution/stated-actor.ts';
import { CALLER_KINDS } from '../../lib/audit/caller.ts';
import { oracle } from './rules.ts';
import type { Actor, Attribution, OracleRecord } from './types.ts';
import { generateSilences, generateWorld } from './world.ts';

const IDS = [
  ...['iam-user', 'iam-user-name', 'root', 'idc', 'idc-name', 'saml', 'saml-session', 'oidc', 'federated', 'service'],
  ...['role-session', 'k8s-user', 'k8s-sa', 'k8s-system', 'proxied', 'proxied-name', 'unnamed'],
];

/** The additional fields of records since version 3 of the contract. */
const SHAPES = [
  ...['access-key', 'session-start', 'web-identity-token', 'session-name', 'username', 'token'].map(
    (how) => `joined by ${how}`,
  ),
  'a hop joined by session-start',
  'use names aws-service',
  'use names identity-center-user',
  'ambiguous by use',
  'delegate of iam-user',
  'delegate of role-session',
  'delegate among candidates',
  'delegated token in a chain',
  'agent beside session-start',
  'agent of a direct caller',
  'Roles Anywhere with a subject',
  'Roles Anywhere without one',
  'Identity Center within 2 s, no flag',
  'proxied service account',
  'proxied role',
  'impersonated uid',
  'impersonated original',
  'pod',
  'credential id',
  'tokens 1',
  'tokens 2',
  'tokens 10',
  'token of status attributed',
  'token of status partial',
  'token of status ambiguous',
  'token of status unattributed',
  'token of a proxied user',
  'a token after grants',
  'name today of iam-user',
  'name today of identity-center-user',
  'name today among candidates',
  ...IDS.map((kind) => `id ${kind}`),
  'id by principal',
  'id by name',
  'id by session',
  'candidates of one name',
  ...[
    'command',
    'secret',
    'container',
    'endedAt',
    'ports',
    'audiences',
    'expiresAt',
    'credentialId',
    'boundTo',
    'role',
    'subjects',
    'subjectsLeftOut',
  ].map((field) => `action ${field}`),
];

/** Rules that leave no mark in a record. The oracle reports if they made a difference. */
const NOTICES = [
  'copies of several seconds',
  'a call whose copies differ',
  'the very second of another copy',
  'beside the very second',
  'Identity Center within 2 s',
  'contradiction of sourceIdentity',
  'contradiction of webIdFederationData',
  'contradiction of federatedProvider',
  'contradiction of mfaAuthenticated',
  'contradiction of serialNumber',
  "a hop's key grant out of its time",
  "a hop's key of another session",
  'guess that may decide',
  'guess that may not decide',
  'bound template of the role',
  'bound template of another role',
  'key read from a username',
  'neighbour of an unbound template',
  'unnamed grant, role stated',
  'unnamed grant, role learnt from a record',
  'unnamed grant, role told by nothing',
  'delegated token by key',
  'a hop says itself: aws-service',
  'a hop says itself: identity-center-user',
  'a use says what its session is, but its key is known',
  'onBehalfOf contradicts iam-user',
  'onBehalfOf contradicts identity-center-user',
  'through an agent by signInSessionArn',
  'a cut uid of a federated user',
  'a cut uid that can be root or a federated user',
  "a direct caller's key was issued to them, and to others",
  "a direct caller's key is somebody else's",
  "a direct caller's key is the same person's or of another time",
  "a token's id from another provider",
  "another principal's token",
  'a web identity token out of its time',
  'a subject that is a role',
  "AWS's word for who had a token issued",
  'another name today',
  'a federated user without an issuer',
  'a silence that ended earlier',
  'an id found by the name',
  'a name without an id that two users have',
  'renamed between grant and event',
  'a name that nobody has yet',
  'a name that its user no longer has',
  'a name that IAM ended',
  'an issued key whose uses agree',
  'a later name that was somebody else’s',
  'a later name that ended in between',
  "a known token's id in another issuer's token",
  "another principal's token is shown",
  'a shown token out of its time',
  'own identity store',
  'a silence of another time',
  'foreign identity store',
  'foreign identity store of a grant',
  "another cluster's token",
  'a token of a cluster of the same name',
  "another account's token",
  'token without a time',
  'several events issued the token',
  'an issuing event that another one states too',
  'several issuers of one token',
  'several issuers of one token are one actor',
  'several issuers of one token, and none is named',
  'an issuer of a token is a person, another one is not',
  'a token could be of several actors',
  'token issued later',
  'token issued later, within the slack',
  'token loop',
  'token chain too long',
  "a proxy's token of somebody else",
  'a copy that another one states too',
  'no audit event: another log group or stream',
  'no CloudTrail record: another log group or stream',
];

const WORDS = [
  ...STATUSES.filter((word) => word !== 'pending').map((word) => `status ${word}`), // No answer over files is pending.
  ...METHODS.map((word) => `method ${word}`),
  ...REASONS.map((word) => `reason ${word}`),
  ...FLAGS.map((word) => `flag ${word}`),
  ...ACTOR_KINDS.map((word) => `actor ${word}`),
  ...CALLER_KINDS.map((word) => `caller ${word}`),
  ...SHAPES,
  ...NOTICES,
];

/** Returns the words that appear in none of the worlds of these seeds. It stops at the world with the last of them. */
export function missingWords(seeds: number): ReadonlySet<string> {
  const missing = new Set(WORDS);
  for (let seed = 0; seed < seeds && missing.size > 0; seed += 1) {
    for (const word of wordsOfWorld(seed)) missing.delete(word);
  }
  return missing;
}

/** Returns for each word in how many worlds of these seeds it appears. */
function coverage(seeds: number): Map<string, number> {
  const counts = new Map(WORDS.map((word) => [word, 0]));
  for (let seed = 0; seed < seeds; seed += 1) {
    for (const word of wordsOfWorld(seed)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function wordsOfWorld(seed: number): ReadonlySet<string> {
  const words = new Set<string>();
  const records = oracle({ ...generateWorld(seed), silences: generateSilences(seed) }, (word) => words.add(word));
  for (const word of records.flatMap(wordsOf)) words.add(word);
  return words;
}

function wordsOf(record: OracleRecord): string[] {
  const { status, method, reason, actor, flags, candidates } = record.attribution;
  return [
    `caller ${record.caller.kind}`,
    `status ${status}`,
    ...(method ? [`method ${method}`] : []),
    ...(reason ? [`reason ${reason}`] : []),
    ...(actor ? [`actor ${actor.kind}`, ...wordsOfActor(actor, record.attribution)] : []),
    ...flags.map((flag) => `flag ${flag}`),
    ...(candidates ? [`candidates ${candidates.length}`] : []),
    ...wordsOfChain(record.attribution),
    ...wordsOfToken(record.attribution),
    ...wordsOfCluster(record),
    ...Object.keys(record.action ?? {}).map((field) => `action ${field}`),
    ...words({ 'action secret': record.action?.command?.includes('***') === true }),
  ];
}

function wordsOfActor(
  { kind, id = '', idBasis, name, nameToday, workload, provider, delegate }: Actor,
  { method, flags }: Attribution,
): string[] {
  const anywhere = name === 'rolesanywhere.amazonaws.com';
  const agent = flags.includes('through-agent');
  return words({
    [`use names ${kind}`]: method === 'use',
    [`id ${id.split('/')[0]}`]: true,
    [`id by ${idBasis}`]: true,
    [`delegate of ${kind}`]: delegate !== undefined,
    [`name today of ${kind}`]: nameToday !== undefined,
    'agent of a direct caller': agent && method === 'direct',
    'agent beside session-start': agent && method === 'session-start',
    'Roles Anywhere with a subject': anywhere && workload !== undefined,
    'Roles Anywhere without one': anywhere && workload === undefined,
    'Identity Center within 2 s, no flag': method === 'session-start' && !flags.includes('key-not-listed'),
    'proxied service account': method === 'proxy' && provider?.startsWith('system:serviceaccount:') === true,
    'proxied role': method === 'proxy' && provider?.startsWith('arn:') === true,
  });
}

function wordsOfChain({ chain = [], candidates = [] }: Attribution): string[] {
  const grants = chain.filter(({ eventName }) => eventName !== 'TokenRequest');
  return [
    ...chain.map(({ joinedBy }) => `joined by ${joinedBy}`),
    ...(grants.length > 0 ? [`hops ${grants.length}`] : []),
    ...words({
      'a hop joined by session-start': grants.slice(0, -1).some(({ joinedBy }) => joinedBy === 'session-start'),
      'delegated token in a chain': grants.some(({ eventName }) => eventName === 'GetDelegatedAccessToken'),
      'candidates of one name': new Set(candidates.map(({ actor }) => actor.name)).size < candidates.length,
      'name today among candidates': candidates.some(({ actor }) => actor.nameToday !== undefined),
      'delegate among candidates': candidates.some(({ actor }) => actor.delegate !== undefined),
      'ambiguous by use': candidates.length > 0 && candidates.every((candidate) => candidate.chain.length === 0),
    }),
  ];
}

function wordsOfToken({ status, actor, flags, chain = [] }: Attribution): string[] {
  if (!flags.includes('token-of-service-account')) return [];
  const tokens = chain.filter(({ eventName }) => eventName === 'TokenRequest').length;
  return words({
    [`tokens ${tokens}`]: tokens > 0,
    [`token of status ${status}`]: true,
    'token of a proxied user': actor?.kind === 'proxied-user',
    'a token after grants': tokens > 0 && tokens < chain.length,
  });
}

function wordsOfCluster({ caller, impersonated }: OracleRecord): string[] {
  return words({
    pod: caller.pod !== undefined,
    'credential id': caller.credentialId !== undefined,
    'impersonated uid': impersonated?.uid !== undefined,
    'impersonated original': impersonated?.original !== undefined,
  });
}

function words(borne: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(borne).flatMap(([word, holds]) => (holds ? [word] : []));
}

if (import.meta.main) {
  const counts = coverage(Number(process.argv[2] ?? 10_000));
  for (const [word, count] of counts) console.log(String(count).padStart(8), word);
  process.exitCode = [...counts.values()].includes(0) ? 1 : 0;
}
