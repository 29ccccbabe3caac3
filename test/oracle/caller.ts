import { nameOfFederatedArn, sessionOfStsArn } from './arns.ts';
import { type JsonObject, object, present, text } from './json.ts';
import { accessKey, type NameReading, readDefaultTemplate, readTemplate, type TemplateReading } from './names.ts';
import type { CallerKind } from './types.ts';

/** Rule 1 and the first half of rule 2: who calls, and what the event states of the session. */
export type Caller = {
  readonly kind: CallerKind;
  readonly username?: string;
  readonly accountId?: string;
  /** What the uid ends in: the id of the role, of the IAM user, or the account of a root user. */
  readonly principalId?: string;
  readonly roleId?: string;
  readonly statedName?: string;
  readonly templateNames: readonly NameReading[];
  readonly accessKeyId?: string;
  /** `extra.arn`, as the authenticator wrote it. */
  readonly arn?: string;
  /** `extra.canonicalArn`: the role's, without its path. */
  readonly canonicalArn?: string;
};

type Identity = { kind: CallerKind; accountId?: string; principalId?: string; roleId?: string; federatedName?: string };

export function readCaller(user: JsonObject, usernameTemplates: readonly string[]): Caller {
  const arn = extraValue(user, 'arn');
  const username = text(user.username);
  const { federatedName, ...identity } = identityOf(user, arn);
  const readings = username === undefined ? [] : readTemplates(username, usernameTemplates, identity.accountId);
  return present<Caller>({
    ...identity,
    username,
    statedName: federatedName ?? extraValue(user, 'sessionName') ?? text(sessionOfStsArn(arn)?.sessionName),
    templateNames: readings.flatMap((reading) => reading.name ?? []),
    accessKeyId: accessKey(extraValue(user, 'accessKeyId')) ?? readings.find((r) => r.accessKeyId)?.accessKeyId,
    arn,
    canonicalArn: extraValue(user, 'canonicalArn'),
  });
}

function readTemplates(username: string, templates: readonly string[], accountId?: string): TemplateReading[] {
  const configured = templates.map((template) => readTemplate(template, username, accountId));
  return [...configured, readDefaultTemplate(username, accountId)].filter((reading) => reading !== undefined);
}

function identityOf(user: JsonObject, arn: string | undefined): Identity {
  const username = text(user.username) ?? '';
  const uid = text(user.uid) ?? '';
  const rest = /^(?:aws-iam-authenticator|heptio-authenticator-aws):(.*)$/s.exec(uid)?.[1];
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
  const federatedName = uidName ?? extraValue(user, 'sessionName') ?? nameOfFederatedArn(arn);
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

function extraValue(user: JsonObject, key: string): string | undefined {
  const values = Object.entries(object(user.extra) ?? {})
    .filter(([name]) => name.toLowerCase() === key.toLowerCase())
    .map(([, value]) => text(Array.isArray(value) ? value[0] : value));
  return values.find((value) => value !== undefined);
}
