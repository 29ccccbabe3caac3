import { filedName } from '../../../attribution/actor-names.ts';
import type { Flag } from '../../../attribution/flags.ts';
import type { AuditRecord } from '../../../attribution/record.ts';
import { parseCaller } from '../../../audit/caller.ts';
import { LISTED_STATUSES } from '../../../claims/claim.ts';
import { serviceAccountOf } from '../../../identity/service-account.ts';
import { type Matcher, matcherOf } from '../filter.ts';
import { type GivenValue, questionOf, type RecordsQuestion } from '../question.ts';

/** A question by which records are asked for: each of its values is wanted. */
export type Values = readonly Pick<GivenValue, 'name' | 'value'>[];

export function recordQuestion(values: Values): RecordsQuestion {
  return questionOf(
    values.map((value) => ({ ...value, negated: false })),
    {},
  );
}

/** Over files: whether a record has one of the values of each name. */
export function matcherOfValues(values: Values): Matcher {
  const matchers = [...Map.groupBy(values, ({ name }) => name)].map(([name, of]) =>
    matcherOf({ [name]: { any: of.map(({ value }) => value) } }),
  );
  return (record) => matchers.every((matches) => matches(record));
}

/** Whether somebody else than its bearer acted under or as the username, or had a token of the service account issued. */
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

type Request = NonNullable<AuditRecord['request']>;

function isTokenRequest(request: AuditRecord['request']): request is Request {
  return request?.verb === 'create' && request.resource === 'serviceaccounts' && request.subresource === 'token';
}

function isNamed(
  { namespace, name }: Request,
  account: { readonly namespace: string; readonly name: string },
): boolean {
  return namespace === account.namespace && name === account.name;
}

/** The question that finds who had tokens of a service account issued; undefined where the username is of none. */
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
 * The questions that find what was done with tokens by whom nobody can name, and by those who had them issued, the latest first:
 * the tables know actors and claims, and no usernames.
 */
export function tokenUses(issued: readonly AuditRecord[]): readonly Values[] {
  const flag = { name: 'flag', value: 'token-of-service-account' } as const;
  const actors = issued.flatMap(({ attribution: { actor } }) => (actor === undefined ? [] : (filedName(actor) ?? [])));
  const byActor = [...new Set(actors)].map((value): Values => [{ name: 'actor', value }, flag]);
  return [[...LISTED_STATUSES.map((value) => ({ name: 'status', value }) as const), flag], ...byActor];
}

/** What is said of those whose use of tokens was not looked for; undefined of nobody. */
export function tokensLeft(left: number): string | undefined {
  if (left === 0) return undefined;
  return `Not searched: what ${left} of the callers who requested tokens did with them. To see it, run eks-whois records --flag token-of-service-account.`;
}

/** The flag of what a person did under the name of a node, or of an EKS service; undefined where it is neither's. */
export function flagOfPerson(username: string): Flag | undefined {
  const { kind } = parseCaller({ username });
  if (kind === 'kubernetes-node') return 'node-role-used-by-person';
  return kind === 'eks-service' ? 'eks-name-used-by-person' : undefined;
}
