import { roleOfIamArn, sessionOfStsArn } from './arns.ts';
import { halves } from './records.ts';
import type { Actor, Attribution } from './types.ts';

/** The ID of an actor by the table of 5.41. */
type Id = { readonly id: string; readonly idBasis: 'principal' | 'name' | 'session' };
type Row = readonly [basis: Id['idBasis'], kind: string, parts: readonly (string | undefined)[]];

/** Returns the answer with an id for each actor. */
export function withIds(answer: Attribution, cluster: string | undefined): Attribution {
  const { actor, candidates } = answer;
  return {
    ...answer,
    ...(actor && { actor: identified(actor, cluster) }),
    ...(candidates && { candidates: candidates.map((one) => ({ ...one, actor: identified(one.actor, cluster) })) }),
  };
}

/** Returns whether two actors of one event are the same: by their ids, and of services by the workload. */
export function isSameActor(a: Actor, b: Actor): boolean {
  return a.workload === b.workload && idOf(a, undefined).id === idOf(b, undefined).id;
}

function identified(actor: Actor, cluster: string | undefined): Actor {
  return { ...actor, ...idOf(actor, cluster) };
}

function idOf(actor: Actor, cluster: string | undefined): Id {
  const [basis, kind, parts] = (ROWS[actor.kind] ?? clusterRow)(
    actor,
    cluster?.startsWith('arn:') ? cluster : `name:${cluster ?? ''}`,
  );
  const isComplete = parts.every((part) => part !== undefined && part !== '');
  if (!isComplete) return { id: `unnamed/${actor.kind}/${readable(firstStated(actor))}`, idBasis: 'session' };
  return { id: [kind, ...parts.map((part) => readable(part ?? ''))].join('/'), idBasis: basis };
}

/** Returns whether too little is stated of the actor for an id of its kind. */
export function isUnnamed(actor: Actor): boolean {
  return idOf(actor, undefined).id.startsWith('unnamed/');
}

function firstStated({ principalId, arn, userId, name, sessionName, accountId, provider }: Actor): string {
  return [principalId, arn, userId, name, sessionName, accountId, provider].find((value) => value) ?? '-';
}

/** The rows of the table. Principals of an account and sessions are one row: the principal ID distinguishes them. */
const ROWS: Readonly<Record<string, (actor: Actor, clusterKey: string) => Row>> = {
  root: (actor) => ['principal', 'root', [accountOf(actor)]],
  'iam-user': userRow,
  'identity-center-user': ({ userId, directory, provider, name }) =>
    userId === undefined ? ['name', 'idc-name', [provider, name]] : ['principal', 'idc', [directory, userId]],
  'saml-user': ({ nameIdFormat, provider, name, sessionName }) =>
    nameIdFormat === 'transient'
      ? ['session', 'saml-session', [provider, sessionName]]
      : ['principal', 'saml', [provider, name]],
  'web-identity-user': ({ provider, name }) => ['principal', 'oidc', [issuer(provider), name]],
  'federated-user': ({ accountId, sessionName }) => ['session', 'federated', [accountId, sessionName]],
  'aws-service': ({ name, roleArn }) => ['principal', 'service', [name, roleArn]],
  'kubernetes-user': ({ name }, cluster) => ['principal', 'k8s-user', [cluster, name]],
  'kubernetes-service-account': ({ name = '' }, cluster) => [
    'principal',
    'k8s-sa',
    [cluster, ...(/^([^:]*):(.*)$/s.exec(name)?.slice(1) ?? ['', name])],
  ],
  'proxied-user': ({ provider, uid, name }, cluster) =>
    uid === undefined
      ? ['name', 'proxied-name', [cluster, provider, name]]
      : ['principal', 'proxied', [cluster, provider, uid]],
  'role-session': sessionRow,
  'aws-account-principal': sessionRow,
};

function clusterRow({ name }: Actor, clusterKey: string): Row {
  return ['principal', 'k8s-system', [clusterKey, name]];
}

function userRow(actor: Actor): Row {
  const { principalId, name } = actor;
  if (principalId === undefined) return ['name', 'iam-user-name', [accountOf(actor), name]];
  return ['principal', 'iam-user', [accountOf(actor), principalId]];
}

function sessionRow(actor: Actor): Row {
  const { principalId } = actor;
  if (principalId?.startsWith('AIDA')) return userRow(actor);
  if (principalId !== undefined && principalId === actor.accountId) return ['principal', 'root', [principalId]];
  return ['session', 'role-session', sessionParts(actor)];
}

function accountOf({ accountId, arn }: Actor): string | undefined {
  return accountId ?? arn?.split(':')[4];
}

function sessionParts({ principalId, arn, sessionName }: Actor): readonly (string | undefined)[] {
  if (principalId?.includes(':')) return [halves(principalId).ownerId, halves(principalId).sessionName];
  const session = sessionOfStsArn(arn);
  if (session === undefined || arn === undefined) return [principalId ?? arn, sessionName];
  return [canonicalRoleArn(`arn:${arn.split(':')[1]}:iam::${session.accountId}:role/${session.roleName}`), sessionName];
}

/** Returns the ARN of a role without its path. */
export function canonicalRoleArn(arn: string | undefined): string | undefined {
  const role = roleOfIamArn(arn);
  return role === undefined ? undefined : `arn:${arn?.split(':')[1]}:iam::${role.accountId}:role/${role.roleName}`;
}

/** Returns the issuer of a web identity provider, which is one in each account. */
export function issuer(provider: string | undefined): string | undefined {
  return provider
    ?.split('oidc-provider/')
    .at(-1)
    ?.replace(/^https:\/\//, '');
}

/** Returns the part with all but readable characters as percent and the hexadecimal digits of their bytes. */
function readable(part: string): string {
  const bytes = [...Buffer.from(part, 'utf8')];
  return bytes
    .map((byte) => [String.fromCharCode(byte), `%${byte.toString(16).toUpperCase().padStart(2, '0')}`] as const)
    .map(([char, hex]) => (/[A-Za-z0-9._~:@-]/.test(char) ? char : hex))
    .join('');
}
