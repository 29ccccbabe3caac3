import { oracle } from './rules.ts';
import type { OracleRecord } from './types.ts';
import { generateWorld } from './world.ts';

/** Each word of the contract that a record can bear; `pending` is never said of files. */
export const WORDS = [
  ...['attributed', 'partial', 'ambiguous', 'unattributed', 'system'].map((word) => `status ${word}`),
  ...['access-key', 'session-start', 'session-name', 'username', 'direct'].map((word) => `method ${word}`),
  ...[
    'malformed-identity',
    'no-event-time',
    'access-key-contradicts-session',
    'outside-session-validity',
    'access-key-not-seen',
    'no-matching-grant',
    'session-name-unknown',
    'caller-account-not-logged',
    'upstream-grant-not-found',
    'grant-not-found',
    'chain-too-long',
    'chain-loop',
    'acts-for-impersonated-user',
  ].map((word) => `reason ${word}`),
  ...[
    'access-key-mismatch',
    'name-chosen-by-caller',
    'node-role-used-by-person',
    'eks-name-used-by-person',
    'impersonation',
    'session-name-claims-other-actor',
    'source-identity-claims-other-actor',
  ].map((word) => `flag ${word}`),
  ...[
    'iam-user',
    'root',
    'identity-center-user',
    'saml-user',
    'web-identity-user',
    'aws-service',
    'aws-account-principal',
    'role-session',
    'federated-user',
    'kubernetes-user',
    'kubernetes-service-account',
    'kubernetes-node',
    'kubernetes-system',
    'eks-service',
  ].map((word) => `actor ${word}`),
  ...[
    'role-session',
    'kubernetes-node',
    'eks-service',
    'iam-user',
    'root',
    'federated-user',
    'malformed',
    'kubernetes-service-account',
    'anonymous',
    'kubernetes-system',
    'kubernetes-user',
  ].map((word) => `caller ${word}`),
];

/** How many records of the worlds of these seeds bear each word. */
export function coverage(seeds: number): Map<string, number> {
  const counts = new Map(WORDS.map((word) => [word, 0]));
  for (let seed = 0; seed < seeds; seed += 1) {
    for (const word of oracle(generateWorld(seed)).flatMap(wordsOf)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function wordsOf({ caller, attribution }: OracleRecord): string[] {
  const { status, method, reason, actor, flags, chain, candidates } = attribution;
  return [
    `caller ${caller.kind}`,
    `status ${status}`,
    ...(method ? [`method ${method}`] : []),
    ...(reason ? [`reason ${reason}`] : []),
    ...(actor ? [`actor ${actor.kind}`] : []),
    ...flags.map((flag) => `flag ${flag}`),
    ...(chain ? [`hops ${chain.length}`] : []),
    ...(candidates ? [`candidates ${candidates.length}`] : []),
  ];
}

if (import.meta.main) {
  const counts = coverage(Number(process.argv[2] ?? 10_000));
  for (const [word, count] of counts) console.log(String(count).padStart(8), word);
  process.exitCode = [...counts.values()].includes(0) ? 1 : 0;
}
