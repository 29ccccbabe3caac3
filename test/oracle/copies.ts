import { actionOfBodies, keptUri } from './action.ts';
import { roleOfIamArn, sessionOfStsArn } from './arns.ts';
import { extraValue, podOf, statedNameOf } from './caller.ts';
import { type JsonObject, object, text } from './json.ts';
import { accessKey } from './names.ts';
import { originalOf } from './proxies.ts';

/** The parts of an event by which copies are compared. */
type CopiedEvent = {
  readonly auditId: string;
  readonly cluster?: string;
  readonly user: JsonObject;
  readonly impersonated?: JsonObject | undefined;
  readonly raw: JsonObject;
};

/** The content of a copy of an event, field by field (rule 10). */
type Statement = ReadonlyMap<string, unknown>;

/** Returns whether the events are copies of one event: the same cluster, audit ID, stage and microsecond. */
export function areCopies(a: CopiedEvent, b: CopiedEvent): boolean {
  return a.auditId === b.auditId && placeOf(a) === placeOf(b);
}

/** Returns whether the events state the same, field by field. */
export function areEqual(a: CopiedEvent, b: CopiedEvent): boolean {
  return isWithin(a, b) && isWithin(b, a);
}

/** Returns whether the copy states everything that this event states, and more. */
function isLeaner(event: CopiedEvent, copy: CopiedEvent): boolean {
  return isWithin(event, copy) && !isWithin(copy, event);
}

/** Returns whether the two copies contradict each other. */
function conflict(event: CopiedEvent, other: CopiedEvent): boolean {
  const theirs = statementOf(other);
  return [...statementOf(event)].some(([field, value]) => theirs.has(field) && theirs.get(field) !== value);
}

/** Returns the result for an event with copies: a record, a record that another copy contradicts, or none. */
export function verdictOn(event: CopiedEvent, all: readonly CopiedEvent[]): 'record' | 'conflicting' | 'left out' {
  const copies = all.filter((other) => other !== event && areCopies(event, other));
  if (copies.some((copy) => isLeaner(event, copy))) return 'left out';
  return copies.some((copy) => conflict(event, copy)) ? 'conflicting' : 'record';
}

function placeOf({ auditId, cluster, raw }: CopiedEvent): string {
  const stamp = text(raw.requestReceivedTimestamp);
  const time = readStamp(stamp);
  return JSON.stringify([cluster ?? null, auditId, text(raw.stage) ?? null, time ?? stamp ?? null]);
}

/** Returns the time with exactly six decimals, without a zone. All generated times are in UTC. */
function readStamp(stamp: string | undefined): string | undefined {
  const [, day, time, fraction = ''] = /^(\S+)[T ]([\d:]+)(?:\.(\d+))?Z?$/.exec(stamp ?? '') ?? [];
  return day === undefined ? undefined : `${day} ${time}.${fraction.padEnd(6, '0')}`;
}

function isWithin(event: CopiedEvent, other: CopiedEvent): boolean {
  const theirs = statementOf(other);
  return [...statementOf(event)].every(([field, value]) => theirs.get(field) === value);
}

function statementOf({ raw, user, impersonated }: CopiedEvent): Statement {
  const code = object(raw.responseStatus)?.code;
  const arn = extraValue(user, 'arn');
  const role = sessionOfStsArn(arn) ?? roleOfIamArn(extraValue(user, 'canonicalArn'));
  const first = impersonated && originalOf(impersonated);
  const groups = impersonated?.groups;
  const bodies = actionOfBodies(raw);
  const named = object(raw.objectRef);
  const ofObject = ['apiGroup', 'resource', 'subresource', 'namespace', 'name'].map((field): [string, unknown] => [
    `object's ${field}`,
    text(named?.[field]),
  ]);
  const fields: [string, unknown][] = [
    ['verb', text(raw.verb)],
    ['path', keptUri(raw)],
    ['code', typeof code === 'number' ? code : undefined],
    ['decision', text(object(raw.annotations)?.['authorization.k8s.io/decision'])],
    ...ofObject,
    ['impersonated username', text(impersonated?.username)],
    ['impersonated uid', text(impersonated?.uid)],
    ['impersonated groups', Array.isArray(groups) && groups.length > 0 ? groups.join('\n') : undefined],
    ['first user', first?.name],
    ["first user's uid", first?.uid],
    ['uid', text(user.uid)],
    ['username', text(user.username)],
    ['access key', accessKey(extraValue(user, 'accessKeyId'))],
    ['ARN', arn],
    ['role', role && `${role.partition} ${role.accountId} ${role.roleName}`],
    ['session', statedNameOf(user)],
    ['credential', extraValue(user, 'authentication.kubernetes.io/credential-id')],
    ...Object.entries(podOf(user) ?? {}).map(([part, value]): [string, unknown] => [`pod's ${part}`, value]),
    ['bodies', Object.keys(bodies).length > 0 ? JSON.stringify(bodies) : undefined],
  ];
  return new Map(fields.filter(([, value]) => value !== undefined));
}
