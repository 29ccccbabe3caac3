import { nameOfFederatedArn, type RoleName, roleOfIamArn, sessionOfStsArn } from './arns.ts';
import { type JsonObject, object, present, text } from './json.ts';
import { accessKey, type Reading, readUsername } from './names.ts';
import type { KnownWorld } from './records.ts';
import type { CallerKind, Pod } from './types.ts';

/** The caller and the session, as the event states them: rule 1 and the first half of rule 2. */
export type Caller = {
  readonly kind: CallerKind;
  /** Whether the uid has a prefix of AWS's authenticators. */
  readonly isAws: boolean;
  readonly username?: string;
  readonly uid?: string;
  readonly accountId?: string;
  /** The end of the uid: the ID of the role or the IAM user, or the account of a root user. */
  readonly principalId?: string;
  readonly roleId?: string;
  /** The role's names: from the event if it states one, otherwise from any known record. */
  readonly roles: readonly RoleName[];
  readonly statedName?: string;
  /** The readings of the username by the templates. They do not count if the event states a session name. */
  readonly readings: readonly Reading[];
  /** The event's own access key. One read from a username is not included. */
  readonly accessKeyId?: string;
  /** `extra.arn` as the authenticator wrote it. */
  readonly arn?: string;
  readonly credentialId?: string;
  readonly pod?: Pod;
};

type Identity = { kind: CallerKind; accountId?: string; principalId?: string; roleId?: string; federatedName?: string };

const AWS_UID = /^(?:aws-iam-authenticator|heptio-authenticator-aws):(.*)$/s;
const SERVER = 'authentication.kubernetes.io';

export function readCaller(user: JsonObject, usernameTemplates: readonly string[], known: KnownWorld): Caller {
  const arn = extraValue(user, 'arn');
  const username = text(user.username);
  const { federatedName: _name, ...identity } = identityOf(user, arn);
  const roles = rolesOf(user, arn, identity.roleId, known);
  const caller = present({ accountId: identity.accountId, roles });
  return present<Caller>({
    ...identity,
    isAws: AWS_UID.test(text(user.uid) ?? ''),
    username,
    uid: text(user.uid),
    roles,
    statedName: statedNameOf(user),
    readings: username === undefined ? [] : readUsername(username, usernameTemplates, caller, known.notice),
    accessKeyId: accessKey(extraValue(user, 'accessKeyId')),
    arn,
    credentialId: extraValue(user, `${SERVER}/credential-id`),
    pod: podOf(user),
  });
}

function rolesOf(user: JsonObject, arn: string | undefined, roleId: string | undefined, known: KnownWorld): RoleName[] {
  const stated = sessionOfStsArn(arn) ?? roleOfIamArn(extraValue(user, 'canonicalArn'));
  if (stated) return [stated];
  return roleId === undefined ? [] : [...(known.roles.get(roleId) ?? [])];
}

/** Returns the session name that the event states, or the name of a federated user. */
export function statedNameOf(user: JsonObject): string | undefined {
  const arn = extraValue(user, 'arn');
  const { federatedName } = identityOf(user, arn);
  return federatedName ?? extraValue(user, 'sessionName') ?? text(sessionOfStsArn(arn)?.sessionName);
}

export function podOf(user: JsonObject): Pod | undefined {
  const name = extraValue(user, `${SERVER}/pod-name`);
  const uid = extraValue(user, `${SERVER}/pod-uid`);
  const node = extraValue(user, `${SERVER}/node-name`);
  return name === undefined && uid === undefined ? undefined : present<Pod>({ name, uid, node });
}

function identityOf(user: JsonObject, arn: string | undefined): Identity {
  const username = text(user.username) ?? '';
  const uid = text(user.uid) ?? '';
  const rest = AWS_UID.exec(uid)?.[1];
  if (rest === undefined) return { kind: uid === '' && username === '' ? 'anonymous' : kindByUsername(username) };
  return roleSession(rest, username) ?? accountPrincipal(rest, user, arn) ?? { kind: 'malformed' };
}

function roleSession(rest: string, username: string): Identity | undefined {
  const [, accountId, roleId] = /^(\d{12}):(AROA[A-Z0-9]+)$/.exec(rest) ?? [];
  if (accountId === undefined || roleId === undefined) return undefined;
  return { kind: kindOfRoleSession(username), accountId, principalId: roleId, roleId };
}

function kindOfRoleSession(username: string): CallerKind {
  if (username.startsWith('system:node:')) return 'kubernetes-node';
  return username.startsWith('eks:') ? 'eks-service' : 'role-session';
}

function accountPrincipal(rest: string, user: JsonObject, arn: string | undefined): Identity | undefined {
  if (/^administrative:./s.test(rest)) return { kind: 'eks-service' };
  const [, accountId, principalId] = /^(\d{12}):(AIDA[A-Z0-9]+)$/.exec(rest) ?? [];
  if (accountId !== undefined && principalId !== undefined) return { kind: 'iam-user', accountId, principalId };
  return rootOrFederated(rest, user, arn);
}

// aws-iam-authenticator cuts `<account>:<name>` of a federated user in two and writes only the account into the uid.
function rootOrFederated(rest: string, user: JsonObject, arn: string | undefined): Identity | undefined {
  const [, accountId, uidName] = /^(\d{12}):\1(?::(.+))?$/s.exec(rest) ?? [];
  if (accountId === undefined) return undefined;
  const federatedName = uidName ?? nameOfFederatedArn(arn) ?? extraValue(user, 'sessionName');
  if (federatedName === undefined) return { kind: 'root', accountId, principalId: accountId };
  return { kind: 'federated-user', accountId, principalId: accountId, federatedName };
}

function kindByUsername(username: string): CallerKind {
  if (username.startsWith('system:serviceaccount:')) return 'kubernetes-service-account';
  if (username.startsWith('system:node:')) return 'kubernetes-node';
  if (username === 'system:anonymous') return 'anonymous';
  if (username.startsWith('system:')) return 'kubernetes-system';
  return username.startsWith('eks:') ? 'eks-service' : 'kubernetes-user';
}

/** Returns the value of a key of `extra`. Case does not matter in these keys. */
export function extraValue(user: JsonObject, key: string): string | undefined {
  const values = Object.entries(object(user.extra) ?? {})
    .filter(([name]) => name.toLowerCase() === key.toLowerCase())
    .map(([, value]) => text(Array.isArray(value) ? value[0] : value));
  return values.find((value) => value !== undefined);
}
