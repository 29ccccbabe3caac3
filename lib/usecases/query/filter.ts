import type { Actor } from '../../attribution/actor.ts';
import { isActorId } from '../../attribution/actor-id.ts';
import { namesOfActor } from '../../attribution/actor-names.ts';
import { isOwnWork, METHODS } from '../../attribution/attribution.ts';
import { FLAGS } from '../../attribution/flags.ts';
import { NO_NAMESPACE, placeOf } from '../../attribution/place.ts';
import { STATUSES } from '../../attribution/reasons.ts';
import { type AuditRecord, withoutLearned } from '../../attribution/record.ts';
import { accountsOf, isOfRole, roleOfRecord } from '../../attribution/role-of-record.ts';
import { resourceMatcher } from '../../audit/resource-matcher.ts';
import { canonicalResource } from '../../audit/resource-words.ts';
import { isNamelessSession, isSessionNameAlone, isSessionPrincipal, sessionOf } from '../../claims/identity.ts';
import type { KnownKind } from '../../claims/known.ts';
import { isAccessKeyId } from '../../identity/access-key.ts';
import { isAccountId, roleRef } from '../../identity/arn.ts';
import { clusterKeyOf, meansCluster } from '../../identity/cluster.ts';
import { parseSessionPrincipal } from '../../identity/session-name.ts';
import { nearest } from '../../nearness.ts';
import { hasWildcard, wildcardMatcher } from '../../wildcard.ts';

/** Returns whether a record matches a filter's value. */
export type Matcher = (record: AuditRecord) => boolean;

/** One field by which records can be filtered. */
interface Field {
  /** What the values mean. Shown in `--help` and in `openapi.yaml`. */
  readonly says: string;
  /** A longer text that replaces `says` in `openapi.yaml`, if a program needs to know more. */
  readonly saysToPrograms?: string;
  /** The words before the value in the message that no request matches it: `by the actor`. */
  readonly nothing: string;
  /**
   * The words before a list of all existing values. A message has them if no value is similar to the given one. Only
   * for
   * fields with few values.
   */
  readonly listed?: string;
  /** Returns the spelling in which values are compared, if people write a value in several ways. */
  readonly canonical?: (value: string) => string;
  /** All allowed values, if the field has a fixed list. */
  readonly words?: readonly string[];
  /** Returns a sentence that says what is wrong with a value. Undefined if the value is valid. */
  readonly flaw?: (value: string) => string | undefined;
  /** Returns a matcher for the records that have this value. */
  readonly matches: (value: string) => Matcher;
  /**
   * Returns the record's values of this field. If nothing matches, similar ones among them are suggested to the user.
   */
  readonly valuesOf?: (record: AuditRecord) => readonly (string | undefined)[];
  /**
   * The kind of names in the service's directory that are values of this field. Used for completion and suggestions.
   */
  readonly known?: KnownKind;
  /** An example for `openapi.yaml`. The example day has it, so a request with it returns something. */
  readonly example: string;
  /** A pattern, or the name of a schema, for `openapi.yaml`, if only some texts are valid values. */
  readonly pattern?: string;
  readonly schema?: string;
}

const lower = (value: string): string => value.toLowerCase();

/**
 * All filter fields, in the order in which they are listed. From this table come the options of the command line and
 * their completion, the parameters of the API in `openapi.yaml`, the filters of the page, and the filters over files.
 */
export const FIELDS = {
  actor: {
    says: "who acted: actor ID, or exact name, email, ARN or principal ID; or 'ben*'",
    saysToPrograms:
      'Who acted: the actor ID, or the exact name, email address, ARN or principal ID. It can have `*` for any text and `?` for one character. It then means everybody whom `/known` lists under such a name, ARN or ID, at most 400.',
    nothing: 'by the actor',
    matches(value) {
      const isNamed = actorMatcher(value);
      return ({ attribution: { actor } }) => actor !== undefined && isNamed(actor);
    },
    valuesOf: ({ attribution: { actor } }) => (actor === undefined ? [] : namesOfActor(actor)),
    known: 'actor',
    example: 'ana.silva',
  },
  candidate: {
    says: 'who may have acted: a candidate of an ambiguous record',
    nothing: 'that may be by the actor',
    matches(value) {
      const isNamed = actorMatcher(value);
      return ({ attribution: { candidates = [] } }) => candidates.some(({ actor }) => isNamed(actor));
    },
    valuesOf: namesOfCandidates,
    known: 'actor',
    example: 'ben.okafor',
  },
  account: {
    says: 'the AWS account of the actor. If the actor is not known, the account of the role',
    saysToPrograms:
      'The ID of the AWS account of the actor. If a user assumed a role of another account, it is the account of the user. If nobody is known, it is the account of the role.',
    nothing: 'by somebody of the account',
    listed: 'by',
    flaw: (value) => (isAccountId(value) ? undefined : 'Give an account ID of 12 digits.'),
    matches: (value) => (record) => accountsOf(record).includes(value),
    valuesOf: accountsOf,
    example: '111122223333',
    pattern: '^[0-9]{12}$',
  },
  role: {
    says: "the role that the cluster saw: ARN, name or ID; 'eks-*'",
    nothing: 'with the role',
    listed: 'with',
    matches: (value) => (record) => isOfRole(record, value),
    valuesOf(record) {
      const { roleId, arns = [] } = roleOfRecord(record) ?? {};
      return [roleId, ...arns.flatMap((arn) => [arn, roleRef(arn)?.roleName])];
    },
    known: 'role',
    example: 'payments-developer',
  },
  session: {
    says: 'the session: AROA…:<session name>, an access key ID, or a session name',
    saysToPrograms:
      'The session: `AROA…:<session name>` (or `<account>:<name>` of a federated user), an access key ID, or a session name of any role. For events without a session name, it is `AROA… <username>`, as in the query of an alert.',
    nothing: 'in the session',
    flaw: (value) =>
      isAccessKeyId(value) || isSessionPrincipal(value) || isNamelessSession(value) || isSessionNameAlone(value)
        ? undefined
        : 'Give AROA…:<session name>, an access key ID, or a session name.',
    matches: sessionMatcher,
    valuesOf: ({ caller: { roleId, accountId, sessionName } }) =>
      sessionName === undefined ? [] : [`${roleId ?? accountId ?? ''}:${sessionName}`],
    example: 'AROAHV7GPLCB4FEXAMPLE:etl-debug',
  },
  key: {
    says: 'the access key ID',
    nothing: 'with the access key',
    flaw: (value) => (isAccessKeyId(value) ? undefined : 'Give an access key ID: AKIA… or ASIA….'),
    matches: (value) => (record) => record.caller.accessKeyId === value,
    valuesOf: ({ caller }) => [caller.accessKeyId],
    example: 'ASIATMFNRFYKCEXAMPLE',
    schema: 'AccessKeyId',
  },
  username: {
    says: "the username that the cluster saw; 'system:serviceaccount:shop:*' for all of a namespace",
    saysToPrograms:
      'The username that the cluster saw; `*` stands for any text, and `?` for one character. Searching by username needs one more filter: a namespace, a cluster, a time range, an audit ID, a session, a key, an actor, a status or a role.',
    nothing: 'under the username',
    matches(value) {
      const isMatch = wildcardMatcher(value);
      return ({ caller: { username } }) => username !== undefined && isMatch(username);
    },
    valuesOf: ({ caller }) => [caller.username],
    example: 'system:serviceaccount:reports:report-exporter',
  },
  cluster: {
    says: "the cluster: name, 'prod-*', or ARN if several have the name",
    nothing: 'in the cluster',
    listed: 'in',
    matches: (value) => (record) => meansCluster(value, clusterKeyOf(record)),
    valuesOf: ({ cluster, clusterArn }) => [cluster, clusterArn],
    known: 'cluster',
    example: 'staging',
  },
  namespace: {
    says: `the namespace, or 'team-*'; ${NO_NAMESPACE} for cluster-wide requests`,
    nothing: 'in the namespace',
    listed: 'in',
    matches(value) {
      const isMatch = wildcardMatcher(value);
      return (record) => isMatch(placeOf(record).namespace);
    },
    valuesOf: (record) => [placeOf(record).namespace],
    known: 'namespace',
    example: 'payments',
  },
  resource: {
    says: "the resource, as in an audit policy: secrets, pods/exec, 'pods/*', deployments.apps",
    nothing: 'with the resource',
    flaw: (value) =>
      /^[^/\s]+(?:\/[^/\s]+)?$/.test(value) ? undefined : 'Give a resource, or <resource>/<subresource>.',
    matches(value) {
      const isMatch = resourceMatcher(value);
      return ({ request }) => request !== undefined && isMatch(request);
    },
    valuesOf({ request: { resource, subresource, apiGroup } = {} }) {
      const own = subresource === undefined ? resource : `${resource}/${subresource}`;
      return [own, ...(apiGroup === undefined || apiGroup === '' ? [] : [`${resource}.${apiGroup}`])];
    },
    example: 'pods/exec',
    pattern: '^[^/\\s]+(/[^/\\s]+)?$',
  },
  object: {
    says: "the object's name; 'web-*' matches names that begin with web-",
    nothing: 'with the object',
    matches(value) {
      const isMatch = wildcardMatcher(value);
      return ({ request }) => request?.name !== undefined && isMatch(request.name);
    },
    valuesOf: ({ request }) => [request?.name],
    example: 'feature-flags',
  },
  verb: {
    says: 'the verb: get, list, watch, create, update, patch, delete, deletecollection, …',
    nothing: 'with the verb',
    listed: 'with',
    canonical: lower,
    matches: (value) => (record) => record.request?.verb?.toLowerCase() === value,
    valuesOf: ({ request }) => [request?.verb],
    example: 'delete',
  },
  code: {
    says: 'the response code: 403, or 4xx',
    nothing: 'with the response code',
    listed: 'with',
    canonical: lower,
    flaw: (value) => (/^[1-5](?:\d\d|xx)$/.test(value) ? undefined : 'Give a response code, for example 403 or 4xx.'),
    matches: (value) => (record) => {
      const code = String(record.response?.code ?? '');
      return value.endsWith('xx') ? code.length === 3 && code[0] === value[0] : code === value;
    },
    valuesOf: ({ response }) => [response?.code === undefined ? undefined : String(response.code)],
    example: '4xx',
    pattern: '^[1-5]([0-9]{2}|[xX]{2})$',
  },
  ip: {
    says: 'a source IP or a CIDR block: 203.0.113.7, 10.0.0.0/8',
    nothing: 'from the source IP',
    flaw: (value) =>
      addressMatcher(value) === undefined ? 'Give an IP address, or a CIDR block such as 10.0.0.0/8.' : undefined,
    matches(value) {
      const isOf = addressMatcher(value) ?? (() => false);
      return (record) => addressesOf(record).some(isOf);
    },
    example: '203.0.113.0/24',
  },
  userAgent: {
    says: 'part of the user agent: kubectl, python',
    nothing: 'with the user agent',
    matches(value) {
      const part = value.toLowerCase();
      return ({ source }) => source?.userAgent?.toLowerCase().includes(part) === true;
    },
    example: 'kubectl',
  },
  status: {
    says: 'the status of the attribution',
    nothing: 'with the status',
    words: STATUSES,
    matches: (value) => (record) => record.attribution.status === value,
    example: 'unattributed',
    schema: 'Status',
  },
  flag: {
    says: 'a flag of the attribution (docs/record.md)',
    nothing: 'with the flag',
    words: FLAGS,
    matches: (value) => (record) => record.attribution.flags.some((flag) => flag === value),
    example: 'name-chosen-by-caller',
    schema: 'Flag',
  },
  method: {
    says: 'the method that identified the actor',
    nothing: 'with the method',
    words: METHODS,
    matches: (value) => (record) => record.attribution.method === value,
    example: 'access-key',
    schema: 'Method',
  },
  auditId: {
    says: 'the audit ID; the client chooses it, so several records can have it',
    nothing: 'with the audit ID',
    matches: (value) => (record) => record.auditId === value,
    valuesOf: ({ auditId }) => [auditId],
    example: 'fe837e73-f4ba-47e6-a348-7d4406f8a9a5',
  },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS).filter((name): name is FieldName => name in FIELDS);

/** The condition on one field: it must have one of the values `any`, if given, and none of the values `not`. */
export interface Condition {
  readonly any?: readonly string[];
  readonly not?: readonly string[];
}

/**
 * A filter over records. A record must meet the conditions of all fields. Values are in the canonical spelling of their
 * field.
 */
export type RecordFilter = { readonly [Name in FieldName]?: Condition };

export function isField(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

/** Returns the row of a field, typed so that every optional property can be read. */
export function fieldOf(name: FieldName): Field {
  return FIELDS[name];
}

/** Returns a sentence that says what is wrong with a value of the field. Undefined if the value is valid. */
export function flawOf(name: FieldName, value: string): string | undefined {
  const { words, flaw } = fieldOf(name);
  if (words?.includes(value) !== false) return flaw?.(canonicalOf(name, value));
  const [near] = nearest(value, words);
  return `${near === undefined ? '' : `Did you mean ${near}? `}Give one of ${words.join(', ')}.`;
}

/**
 * Returns a value in the canonical spelling of its field. A resource can be written in every way that kubectl accepts.
 * The list of these is not in `FIELDS`, so that the page need not load it.
 */
export function canonicalOf(name: FieldName, value: string): string {
  if (name === 'resource') return canonicalResource(value);
  return fieldOf(name).canonical?.(value) ?? value;
}

/** Returns a matcher for the filter. Make it once for many records, because it prepares the values. */
export function matcherOf(filter: RecordFilter): Matcher {
  const matchers = FIELD_NAMES.flatMap((name) => conditionMatchers(name, filter[name] ?? {}));
  return (record) => matchers.every((isMet) => isMet(record));
}

function conditionMatchers(name: FieldName, { any, not = [] }: Condition): Matcher[] {
  const matcher = fieldOf(name).matches;
  const excluded = not.map((value) => (name === 'status' && value === 'system' ? ownWork : matcher(value)));
  const wanted = any?.map((value) => matcher(value));
  return [
    ...(wanted === undefined ? [] : [(record: AuditRecord) => wanted.some((isIt) => isIt(record))]),
    ...(excluded.length === 0 ? [] : [(record: AuditRecord) => !excluded.some((isIt) => isIt(record))]),
  ];
}

/**
 * Returns whether a filter that excludes the status `system` hides the record. Anonymous access has this status too,
 * but can be a break-in, so it is not hidden. Nor are a node's credentials that are used with another client.
 */
function ownWork({ attribution }: AuditRecord): boolean {
  return isOwnWork(attribution);
}

/** Returns whether the filter matches every record. */
export function isOpen(filter: RecordFilter): boolean {
  return Object.keys(filter).length === 0;
}

/** Returns the filter without the `any` values of these fields. Their `not` values stay. */
export function withoutWanted(filter: RecordFilter, names: readonly FieldName[]): RecordFilter {
  const entries = Object.entries(filter).flatMap(([name, { any, not }]): [string, Condition][] => {
    const isKept = any !== undefined && !names.some((other) => other === name);
    const left = { ...(isKept && { any }), ...(not !== undefined && { not }) };
    return Object.keys(left).length === 0 ? [] : [[name, left]];
  });
  return Object.fromEntries(entries);
}

/** Returns the filter without some of its fields. */
export function without(filter: RecordFilter, ...names: readonly FieldName[]): RecordFilter {
  return Object.fromEntries(Object.entries(filter).filter(([name]) => !names.some((other) => other === name)));
}

/**
 * Returns a matcher for actors that have this name or ID. A value with wildcards matches only actors that the directory
 * can list.
 */
function actorMatcher(value: string): (actor: Actor) => boolean {
  if (!hasWildcard(value) || isActorId(value)) return (actor) => namesOfActor(actor).includes(value);
  const isMatch = wildcardMatcher(value);
  return (actor) => actor.idBasis !== 'session' && namesOfActor({ ...actor, workload: undefined }).some(isMatch);
}

function namesOfCandidates({ attribution: { candidates = [] } }: AuditRecord): readonly string[] {
  return candidates.flatMap(({ actor }) => namesOfActor(actor));
}

const addresses = new WeakMap<AuditRecord, readonly Address[]>();

/**
 * Returns a record's source IPs, parsed. They are cached for all matchers, because parsing takes longer than comparing.
 */
function addressesOf(record: AuditRecord): readonly Address[] {
  const known = addresses.get(record);
  if (known !== undefined) return known;
  const read = (record.source?.ips ?? []).flatMap((text) => addressOf(text) ?? []);
  addresses.set(record, read);
  return read;
}

function sessionMatcher(value: string): Matcher {
  if (isAccessKeyId(value)) return ({ caller }) => caller.accessKeyId === value;
  if (isNamelessSession(value)) return (record) => namelessSessionOf(record) === value;
  if (isSessionNameAlone(value)) return ({ caller }) => caller.sessionName === value;
  const principal = parseSessionPrincipal(value);
  return ({ caller }) =>
    principal !== undefined &&
    (caller.roleId ?? caller.accountId) === principal.id &&
    caller.sessionName === principal.name;
}

/**
 * Returns the session by which a caller without a stated name is found. A session name that was learned from the
 * username does not count.
 */
function namelessSessionOf({ caller }: AuditRecord): string | undefined {
  const userId = caller.uid?.split(':').at(-1); // For the uid of an IAM user, this is the `AIDA…` ID.
  return sessionOf({ ...withoutLearned(caller), userId });
}

/** A parsed IP address. IPv4 addresses in IPv6 form (`::ffff:192.0.2.1`) become IPv4 addresses. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/**
 * Returns a matcher for an IP address or a CIDR block (`10.0.0.0/8`, `2001:db8::/32`). Undefined if the text is
 * neither.
 */
export function addressMatcher(wanted: string): ((address: Address) => boolean) | undefined {
  const [, text = '', given] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(wanted) ?? [];
  const network = addressOf(text);
  if (network === undefined) return undefined;
  const cut = given === undefined ? 0 : writtenBits(text) - Number(given);
  if (cut < 0 || cut > network.bits) return undefined;
  const shift = BigInt(cut);
  return ({ bits, value }) => bits === network.bits && value >> shift === network.value >> shift;
}

/**
 * Returns the number of bits to which a CIDR block's prefix length refers. It is 128 for an address in IPv6 form,
 * even of IPv4, and otherwise 32.
 */
function writtenBits(text: string): number {
  return text.includes(':') ? 128 : 32;
}

/**
 * Parses an IP address. Returns undefined for any other text, because callers can write anything in `X-Forwarded-For`.
 * Source: RFC 4291, 2.2.
 */
export function addressOf(text: string): Address | undefined {
  if (!text.includes(':')) return ipv4(text);
  const groups = groupsOf(text.replace(/%[\w.-]+$/, ''));
  if (groups === undefined) return undefined;
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

const IPV4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

/**
 * Parses an IPv4 address of four decimal parts. A text such as `10.0.0` is refused, because people mean a CIDR block by
 * it.
 */
function ipv4(text: string): Address | undefined {
  const parts = IPV4.test(text) ? text.split('.').map(Number) : [];
  if (parts.length === 0 || parts.some((part) => part > 255)) return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
}

const GROUPS = 8;

/**
 * Parses the eight groups of an IPv6 address. `::` stands for groups of zeros, and an IPv4 address at the end is two
 * groups.
 */
function groupsOf(text: string): readonly number[] | undefined {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const [first, last] = [groupsIn(head, tail === undefined), groupsIn(tail ?? '', true)];
  if (first === undefined || last === undefined) return undefined;
  const left = GROUPS - first.length - last.length;
  if (tail === undefined ? left !== 0 : left < 1) return undefined;
  return [...first, ...new Array<number>(left).fill(0), ...last];
}

function groupsIn(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const embedded = isEnd ? ipv4(groups.at(-1) ?? '') : undefined;
  const plain = embedded === undefined ? groups : groups.slice(0, -1);
  if (plain.some((group) => !/^[\da-f]{1,4}$/i.test(group))) return undefined;
  const numbers = plain.map((group) => Number.parseInt(group, 16));
  return embedded === undefined
    ? numbers
    : [...numbers, Number(embedded.value >> 16n), Number(embedded.value & 0xffffn)];
}
