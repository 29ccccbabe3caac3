import type { PodsOfActor } from '../../../attribution/actor.ts';
import type { Flag } from '../../../attribution/flags.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { parseCaller } from '../../../audit/caller.ts';
import { LISTED_STATUSES } from '../../../claims/claim.ts';
import { serviceAccountOf } from '../../../identity/service-account.ts';
import { INSTANCE_ID_SHAPE } from '../../../identity/session-name.ts';
import { wasDone } from '../../activity/requests.ts';
import { type Matcher, matcherOf } from '../filter.ts';
import { type GivenValue, questionOf, type RecordsQuestion } from '../question.ts';

/**
 * The values of a question about records. A record matches if, for each name, it has one of the values given for that
 * name.
 */
export type Values = readonly Pick<GivenValue, 'name' | 'value'>[];

export function recordQuestion(values: Values): RecordsQuestion {
  return questionOf(
    values.map((value) => ({ ...value, negated: false })),
    {},
  );
}

/** Returns a matcher for records in files: they must have one of the given values for each name. */
export function matcherOfValues(values: Values): Matcher {
  const matchers = [...Map.groupBy(values, ({ name }) => name)].map(([name, of]) =>
    matcherOf({ [name]: { any: of.map(({ value }) => value) } }),
  );
  return (record) => matchers.every((matches) => matches(record));
}

/**
 * Returns a matcher for records of callers who acted as somebody else. They used or impersonated the username without
 * being its owner, or requested a token of the service account.
 */
export function isByOther(username: string): Matcher {
  const account = serviceAccountOf(username);
  return (record) => {
    if (record.attribution.status === 'system') return false;
    if (record.impersonated?.username === username) return true;
    const { request, caller } = record;
    if (caller.username === username) return true;
    return account !== undefined && isTokenRequest(request) && isNamed(request, account);
  };
}

/** Subresources of a pod through which a caller can run commands in it. */
export const INTO_PODS: readonly string[] = ['pods/exec', 'pods/attach', 'pods/ephemeralcontainers'];
export const TOKENS = 'serviceaccounts/token';

/**
 * Returns whether this request can have given somebody the role of these pods. It succeeded. It ran a command in such
 * a pod, created one, or requested a token of the service account.
 */
export function isIntoPods(record: AuditRecord, { namespace, pod, serviceAccount }: PodsOfActor): boolean {
  const { request } = record;
  if (request?.namespace !== namespace || !wasDone(record)) return false;
  if (request.resource === 'serviceaccounts') return isTokenRequest(request) && request.name === serviceAccount;
  if (request.resource !== 'pods' || (pod !== undefined && request.name !== pod)) return false;
  const isCreated = pod !== undefined && request.verb === 'create' && request.subresource === undefined;
  return isCreated || INTO_PODS.includes(`pods/${request.subresource}`);
}

type Request = NonNullable<AuditRecord['request']>;

/** Returns whether the request asks for a token of a service account. */
export function isTokenRequest(request: AuditRecord['request']): request is Request {
  return request?.verb === 'create' && request.resource === 'serviceaccounts' && request.subresource === 'token';
}

function isNamed(
  { namespace, name }: Request,
  account: { readonly namespace: string; readonly name: string },
): boolean {
  return namespace === account.namespace && name === account.name;
}

/**
 * Returns the values that find requests for tokens of a service account. Undefined if the username is of another kind.
 */
export function tokenRequests(username: string): Values | undefined {
  const account = serviceAccountOf(username);
  return (
    account && [
      { name: 'namespace', value: account.namespace },
      { name: 'resource', value: 'serviceaccounts/token' },
      { name: 'object', value: account.name },
    ]
  );
}

/**
 * Returns the questions that find requests with these tokens. They cover unidentified callers, and each actor who
 * requested a token. The latest requester comes first. The tables have no index of usernames, so no question has
 * one.
 */
export function tokenUses(issued: readonly AuditRecord[]): readonly Values[] {
  const flag = { name: 'flag', value: 'token-of-service-account' } as const;
  const actors = issued.flatMap(({ attribution: { actor } }) => actor?.id ?? []);
  const byActor = [...new Set(actors)].map((value): Values => [{ name: 'actor', value }, flag]);
  return [[...LISTED_STATUSES.map((value) => ({ name: 'status', value }) as const), flag], ...byActor];
}

/** Returns a sentence that says for how many callers the use of tokens was not searched. Undefined if `left` is 0. */
export function tokensLeft(left: number): string | undefined {
  if (left === 0) return undefined;
  return `Not searched: what ${left} of the callers who requested tokens did with them. To see it, run eks-whois records --flag token-of-service-account.`;
}

/**
 * Returns the flags of requests that somebody made under the username of a node or an EKS service without being it.
 * Empty for other usernames.
 */
export function flagsOfOthers(username: string): readonly Flag[] {
  const { kind } = parseCaller({ username });
  if (kind === 'kubernetes-node') return ['node-role-used-by-person', 'unusual-node-client'];
  return kind === 'eks-service' ? ['eks-name-used-by-person'] : [];
}

/**
 * Returns the usernames that a name can stand for. `ip-10-0-0-1.ec2.internal` also stands for the username of that
 * node.
 */
export function usernamesOf(name: string): readonly string[] {
  return NODE_NAME.test(name) ? [name, `system:node:${name}`] : [name];
}

/** The private DNS name of an EC2 instance (Amazon EC2 User Guide, "EC2 instance hostnames and domains"). */
const NODE_NAME = new RegExp(`^(?:ip-[0-9-]+|${INSTANCE_ID_SHAPE})(?:\\.[a-z0-9-]+)*\\.internal$`);
