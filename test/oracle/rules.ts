import { type Caller, readCaller } from './caller.ts';
import { decide } from './decide.ts';
import { type JsonObject, object, present, text } from './json.ts';
import { usernameShows } from './match.ts';
import { type Known, readKnown } from './records.ts';
import { readTime } from './time.ts';
import type { Attribution, OracleRecord, World } from './types.ts';

export type { OracleRecord, World } from './types.ts';

/** The flags in the order in which the contract lists them. */
const FLAGS = [
  'access-key-mismatch',
  'name-chosen-by-caller',
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'impersonation',
  'session-name-claims-other-actor',
  'source-identity-claims-other-actor',
];

type AuditEvent = { readonly auditId: string; readonly user: JsonObject; readonly raw: JsonObject };

/** The rules of attribution, by brute force: each event is held against each grant. For work on files. */
export function oracle(world: World): OracleRecord[] {
  const known = readKnown(world.cloudtrail);
  return eachOnce(world.audit.flatMap((raw) => readEvent(raw) ?? [])).map((event) => attribute(event, known, world));
}

function attribute(event: AuditEvent, known: Known, world: World): OracleRecord {
  const caller = readCaller(event.user, world.usernameTemplates);
  const impersonated = object(event.raw.impersonatedUser);
  const time = readTime(event.raw.requestReceivedTimestamp);
  const question = { caller, known, ...(time === undefined ? {} : { time }) };
  const decided = decide(question, text(impersonated?.username));
  const flags = [...decided.flags, ...(impersonated ? ['impersonation'] : [])];
  const attribution = { ...decided, flags: FLAGS.filter((flag) => flags.includes(flag)) };
  return { auditId: event.auditId, caller: callerOf(caller, attribution), attribution };
}

function callerOf(caller: Caller, { method, chain }: Attribution): OracleRecord['caller'] {
  const granted = method === undefined ? undefined : chain?.at(-1)?.sessionName;
  const decidedName = granted !== undefined && usernameShows(caller, granted) ? granted : undefined;
  return present<OracleRecord['caller']>({
    kind: caller.kind,
    sessionName: caller.statedName ?? decidedName,
    accountId: caller.accountId,
    roleId: caller.roleId,
    accessKeyId: caller.accessKeyId,
  });
}

function readEvent(value: unknown): AuditEvent | undefined {
  const raw = object(value);
  const user = object(raw?.user);
  const auditId = raw?.auditID;
  return raw && user && typeof auditId === 'string' ? { auditId, user, raw } : undefined;
}

// The audit ID alone is the client's word: reusing a harmless request's must hide nothing.
function eachOnce(events: readonly AuditEvent[]): AuditEvent[] {
  return events.filter((event, index) => events.findIndex((other) => sameEvent(event, other)) === index);
}

function sameEvent(a: AuditEvent, b: AuditEvent): boolean {
  const fields = ['stage', 'requestReceivedTimestamp', 'verb', 'requestURI'].every((field) =>
    sameText(a.raw[field], b.raw[field]),
  );
  return (
    a.auditId === b.auditId && fields && ['uid', 'username'].every((field) => sameText(a.user[field], b.user[field]))
  );
}

function sameText(a: unknown, b: unknown): boolean {
  return (typeof a === 'string' ? a : undefined) === (typeof b === 'string' ? b : undefined);
}
