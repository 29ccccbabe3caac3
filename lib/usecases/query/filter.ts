import { namesOfActor } from '../../attribution/actor-names.ts';
import { type Attribution, isOwnWork, METHODS } from '../../attribution/attribution.ts';
import { FLAGS } from '../../attribution/flags.ts';
import { NO_NAMESPACE, placeOf } from '../../attribution/place.ts';
import { STATUSES } from '../../attribution/reasons.ts';
import type { AuditRecord, RecordedCaller } from '../../attribution/record.ts';
import { isOfRole, roleOfRecord } from '../../attribution/role-of-record.ts';
import { resourceMatcher } from '../../audit/resource-matcher.ts';
import { canonicalResource } from '../../audit/resource-words.ts';
import { isNamelessSession, isSessionPrincipal, sessionOf } from '../../claims/identity.ts';
import type { KnownKind } from '../../claims/known.ts';
import { isAccessKeyId } from '../../identity/access-key.ts';
import { roleRef } from '../../identity/arn.ts';
import { parseSessionPrincipal } from '../../identity/session-name.ts';

/** Whether a record is one of those that a value asks for. */
export type Matcher = (record: AuditRecord) => boolean;

/** One thing that records can be asked by. */
interface Field {
  /** For `--help` and `openapi.yaml`: what the values are. */
  readonly says: string;
  /** What `openapi.yaml` says in its place, where a program has to know more. */
  readonly saysToPrograms?: string;
  /** How it is said that nothing was done of such a value. */
  readonly nothing: string;
  /** With which word its values are listed where none is near, since there are few. */
  readonly listed?: string;
  /** How a value is written, where people write it in several ways. */
  readonly canonical?: (value: string) => string;
  /** The only values that there are. */
  readonly words?: readonly string[];
  /** What is wrong with a value, as a sentence; undefined where nothing is. */
  readonly flaw?: (value: string) => string | undefined;
  /** Which records a value means. */
  readonly matches: (value: string) => Matcher;
  /** Of which values a record is, where there are such that can be near. */
  readonly valuesOf?: (record: AuditRecord) => readonly (string | undefined)[];
  /** Which names of the service's directory are its values: for completion, and to say what is near. */
  readonly known?: KnownKind;
  /** For `openapi.yaml`; of the example day, so that the page of the API answers something. */
  readonly example: string;
  /** For `openapi.yaml`, where a value is no text of any kind: a pattern, or the name of a schema. */
  readonly pattern?: string;
  readonly schema?: string;
}

const lower = (value: string): string => value.toLowerCase();

/**
 * Every field of a question, in the order in which they are listed. The command line, its completion, the API with
 * `openapi.yaml`, the page and the filters over files are made from it.
 */
export const FIELDS = {
  actor: {
    says: 'who acted: name, e-mail, ARN or principal id, exact',
    nothing: 'by the actor',
    matches:
      (value) =>
      ({ attribution: { actor } }) =>
        actor !== undefined && namesOfActor(actor).includes(value),
    valuesOf: ({ attribution: { actor } }) => (actor === undefined ? [] : namesOfActor(actor)),
    known: 'actor',
    example: 'ana.silva',
  },
  candidate: {
    says: 'who may have acted: one of several who can be meant',
    nothing: 'that may be of the actor',
    matches: (value) => (record) => namesOfCandidates(record).includes(value),
    valuesOf: namesOfCandidates,
    known: 'actor',
    example: 'ben.okafor',
  },
  role: {
    says: 'the role that the cluster saw: ARN, name or id',
    nothing: 'of the role',
    listed: 'of',
    matches: (value) => (record) => isOfRole(record, value),
    valuesOf(record) {
      const { roleId, arns = [] } = roleOfRecord(record) ?? {};
      return [roleId, ...arns.flatMap((arn) => [arn, roleRef(arn)?.roleName])];
    },
    known: 'role',
    example: 'payments-developer',
  },
  session: {
    says: 'the session: AROA…:<session name>, or an access key id',
    saysToPrograms:
      'The session: `AROA…:<session name>` (or `<account>:<name>` of a federated user), or an access key id. Where an event states no session name also `AROA… <username>`, as the query of an alert has it.',
    nothing: 'in the session',
    flaw: (value) =>
      isAccessKeyId(value) || isSessionPrincipal(value) || isNamelessSession(value)
        ? undefined
        : 'Give AROA…:<session name>, or an access key id.',
    matches: sessionMatcher,
    valuesOf: ({ caller: { roleId, accountId, sessionName } }) =>
      sessionName === undefined ? [] : [`${roleId ?? accountId ?? ''}:${sessionName}`],
    example: 'AROAHV7GPLCB4FEXAMPLE:etl-debug',
  },
  key: {
    says: 'the access key id',
    nothing: 'with the key',
    flaw: (value) => (isAccessKeyId(value) ? undefined : 'Give an access key id: AKIA… or ASIA….'),
    matches: (value) => (record) => record.caller.accessKeyId === value,
    valuesOf: ({ caller }) => [caller.accessKeyId],
    example: 'ASIATMFNRFYKCEXAMPLE',
    schema: 'AccessKeyId',
  },
  username: {
    says: 'the username that the cluster saw',
    saysToPrograms:
      'The username that the cluster saw. Nothing leads to it: without an audit ID, a session, a key, an actor, a status or a role it wants a cluster, a namespace or a time beside it.',
    nothing: 'under the username',
    matches: (value) => (record) => record.caller.username === value,
    valuesOf: ({ caller }) => [caller.username],
    example: 'system:serviceaccount:reports:report-exporter',
  },
  cluster: {
    says: 'the cluster',
    nothing: 'in the cluster',
    listed: 'in',
    matches: (value) => (record) => record.cluster === value,
    valuesOf: ({ cluster }) => [cluster],
    known: 'cluster',
    example: 'staging',
  },
  namespace: {
    says: `the namespace; ${NO_NAMESPACE} for what lies in none`,
    nothing: 'in the namespace',
    listed: 'in',
    matches: (value) => (record) => placeOf(record).namespace === value,
    valuesOf: (record) => [placeOf(record).namespace],
    known: 'namespace',
    example: 'payments',
  },
  resource: {
    says: "the resource as an audit policy writes it: secrets, pods/exec, 'pods/*', deployments.apps",
    nothing: 'with the resource',
    flaw: (value) =>
      /^[^/\s]+(?:\/[^/\s]+)?$/.test(value) ? undefined : 'Give a resource, or <resource>/<subresource>.',
    matches(value) {
      const isMeant = resourceMatcher(value);
      return ({ request }) => request !== undefined && isMeant(request);
    },
    valuesOf({ request: { resource, subresource, apiGroup } = {} }) {
      const own = subresource === undefined ? resource : `${resource}/${subresource}`;
      return [own, ...(apiGroup === undefined || apiGroup === '' ? [] : [`${resource}.${apiGroup}`])];
    },
    example: 'pods/exec',
    pattern: '^[^/\\s]+(/[^/\\s]+)?$',
  },
  object: {
    says: "the object's name; 'web-*' for those that begin so",
    nothing: 'with the object',
    matches: objectMatcher,
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
    says: 'the status code of the answer: 403, or 4xx',
    nothing: 'with the code',
    listed: 'with',
    canonical: lower,
    flaw: (value) => (/^[1-5](?:\d\d|xx)$/.test(value) ? undefined : 'Give a status code, like 403, or 4xx.'),
    matches: (value) => (record) => {
      const code = String(record.response?.code ?? '');
      return value.endsWith('xx') ? code.length === 3 && code[0] === value[0] : code === value;
    },
    valuesOf: ({ response }) => [response?.code === undefined ? undefined : String(response.code)],
    example: '4xx',
    pattern: '^[1-5]([0-9]{2}|[xX]{2})$',
  },
  ip: {
    says: 'a source address, or a prefix: 203.0.113.7, 10.0.0.0/8',
    nothing: 'from the address',
    flaw: (value) =>
      addressMatcher(value) === undefined ? 'Give an address, or a prefix like 10.0.0.0/8.' : undefined,
    matches(value) {
      const isOf = addressMatcher(value) ?? (() => false);
      return (record) => addressesOf(record).some(isOf);
    },
    example: '203.0.113.0/24',
  },
  userAgent: {
    says: 'a part of the user agent: kubectl, python',
    nothing: 'by the user agent',
    matches(value) {
      const part = value.toLowerCase();
      return ({ source }) => source?.userAgent?.toLowerCase().includes(part) === true;
    },
    example: 'kubectl',
  },
  status: {
    says: 'the status of the answer',
    nothing: 'with the status',
    words: STATUSES,
    matches: (value) => (record) => record.attribution.status === value,
    example: 'unattributed',
    schema: 'Status',
  },
  flag: {
    says: 'a flag of the answer (docs/record.md)',
    nothing: 'with the flag',
    words: FLAGS,
    matches: (value) => (record) => record.attribution.flags.some((flag) => flag === value),
    example: 'name-chosen-by-caller',
    schema: 'Flag',
  },
  method: {
    says: 'the method by which the actor was found',
    nothing: 'by the method',
    words: METHODS,
    matches: (value) => (record) => record.attribution.method === value,
    example: 'access-key',
    schema: 'Method',
  },
  auditId: {
    says: 'the audit id; the client chooses it, so that several records may bear it',
    nothing: 'with the audit id',
    matches: (value) => (record) => record.auditId === value,
    valuesOf: ({ auditId }) => [auditId],
    example: 'fe837e73-f4ba-47e6-a348-7d4406f8a9a5',
  },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof FIELDS;
export const FIELD_NAMES = Object.keys(FIELDS).filter((name): name is FieldName => name in FIELDS);

/** What a field's value must be: one of `any`, where there are some, and none of `not`. */
export interface Condition {
  readonly any?: readonly string[];
  readonly not?: readonly string[];
}

/** Which records are meant: those that meet the condition of every field. Values are as the field writes them. */
export type RecordFilter = { readonly [Name in FieldName]?: Condition };

export function isField(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

/** What is known of a field: of several fields, whatever only some of them have. */
export function fieldOf(name: FieldName): Field {
  return FIELDS[name];
}

/** What is wrong with a value of the field, as a sentence. */
export function flawOf(name: FieldName, value: string): string | undefined {
  const { words, flaw } = fieldOf(name);
  if (words?.includes(value) === false) return `Give one of ${words.join(', ')}.`;
  return flaw?.(canonicalOf(name, value));
}

/** A value as the field writes it; a resource also from what kubectl takes for it, which the page has not to load. */
export function canonicalOf(name: FieldName, value: string): string {
  if (name === 'resource') return canonicalResource(value);
  return fieldOf(name).canonical?.(value) ?? value;
}

/** Whether a record is meant. To be made once for many records. */
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

/** Leaving out what the cluster itself did is not to hide a breach. */
function ownWork({ attribution }: AuditRecord): boolean {
  return isOwnWork(attribution);
}

/** Whether the filter leaves nothing out. */
export function isOpen(filter: RecordFilter): boolean {
  return Object.keys(filter).length === 0;
}

/** Without what these fields must be: what they must not be stays. */
export function withoutWanted(filter: RecordFilter, names: readonly FieldName[]): RecordFilter {
  const entries = Object.entries(filter).flatMap(([name, { any, not }]): [string, Condition][] => {
    const isKept = any !== undefined && !names.some((other) => other === name);
    const left = { ...(isKept && { any }), ...(not !== undefined && { not }) };
    return Object.keys(left).length === 0 ? [] : [[name, left]];
  });
  return Object.fromEntries(entries);
}

/** Without some of its fields. */
export function without(filter: RecordFilter, ...names: readonly FieldName[]): RecordFilter {
  return Object.fromEntries(Object.entries(filter).filter(([name]) => !names.some((other) => other === name)));
}

function namesOfCandidates({ attribution: { candidates = [] } }: AuditRecord): readonly string[] {
  return candidates.flatMap(({ actor }) => namesOfActor(actor));
}

const addresses = new WeakMap<AuditRecord, readonly Address[]>();

/** Each record's are read once, however many addresses are asked for: reading takes longer than comparing. */
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
  const principal = parseSessionPrincipal(value);
  return ({ caller }) =>
    principal !== undefined &&
    (caller.roleId ?? caller.accountId) === principal.id &&
    caller.sessionName === principal.name;
}

/** What a caller without a name in its session is asked for by, also after its name was learnt from the username. */
function namelessSessionOf({ caller, attribution }: AuditRecord): string | undefined {
  const { sessionName: _learnt, ...unnamed } = caller;
  const isStated = statesName(caller, attribution);
  const userId = caller.uid?.split(':').at(-1); // `AIDA…` of an IAM user's own uid
  return sessionOf({ ...(isStated ? caller : unnamed), userId });
}

/**
 * Whether the event itself stated the session's name, as far as its record tells: the caller's ARN has it, it is there though
 * no grant was found, or it was the name by which one was.
 */
function statesName({ arn, sessionName }: RecordedCaller, { status, method }: Attribution): boolean {
  if (sessionName === undefined) return false;
  const isUndecided = status === 'unattributed' || status === 'pending';
  return isUndecided || arn?.endsWith(`/${sessionName}`) === true || method === 'session-name';
}

/** A pod's name ends in what nobody remembers: an asterisk at the end stands for it. */
function objectMatcher(value: string): Matcher {
  const beginning = value.endsWith('*') ? value.slice(0, -1) : undefined;
  return ({ request }) =>
    request?.name !== undefined &&
    (beginning === undefined ? request.name === value : request.name.startsWith(beginning));
}

/** A source address as it is compared: 32 or 128 bits. IPv4 addresses in IPv6 form (`::ffff:192.0.2.1`) are IPv4. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/**
 * Whether a source address is the one that is asked for, or lies within the asked prefix (`10.0.0.0/8`, `2001:db8::/32`).
 * Undefined where the asked text is neither.
 */
export function addressMatcher(asked: string): ((address: Address) => boolean) | undefined {
  const [, text = '', given] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(asked) ?? [];
  const network = addressOf(text);
  if (network === undefined) return undefined;
  const cut = given === undefined ? 0 : writtenBits(text) - Number(given);
  if (cut < 0 || cut > network.bits) return undefined;
  const shift = BigInt(cut);
  return ({ bits, value }) => bits === network.bits && value >> shift === network.value >> shift;
}

/** A prefix of an IPv4 address in IPv6 form counts the bits before it too. */
function writtenBits(text: string): number {
  return text.includes(':') ? 128 : 32;
}

/** Undefined where the text is no address: whoever called may have written it (`X-Forwarded-For`). Source: RFC 4291, 2.2. */
export function addressOf(text: string): Address | undefined {
  if (!text.includes(':')) return ipv4(text);
  const groups = groupsOf(text.replace(/%[\w.-]+$/, ''));
  if (groups === undefined) return undefined;
  const value = groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

const IPV4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;

/** Four decimal parts: `10.0.0` is an address to some programs, and whoever writes it means a prefix. */
function ipv4(text: string): Address | undefined {
  const parts = IPV4.test(text) ? text.split('.').map(Number) : [];
  if (parts.length === 0 || parts.some((part) => part > 255)) return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
}

const GROUPS = 8;

/** The eight groups of an IPv6 address, of which `::` leaves out some, and an IPv4 address at the end says two. */
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
