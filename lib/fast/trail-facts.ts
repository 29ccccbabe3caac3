import { parseTrailCaller, type TrailCaller } from '../cloudtrail/caller.ts';
import { parseExpiration } from '../cloudtrail/expiration.ts';
import { isGrantEvent, ROLES_ANYWHERE } from '../cloudtrail/grant.ts';
import { calledRole, eachRole, type KnownRole } from '../cloudtrail/known-role.ts';
import { knownUserOf } from '../cloudtrail/known-user.ts';
import { isProviderEvent } from '../cloudtrail/provider-change.ts';
import { agentOf, type TrailFacts } from '../cloudtrail/record.ts';
import { isBetterRecord, type Use, type UseRecord, useOf } from '../cloudtrail/use.ts';
import { type RoleId, type RoleRef, roleIdOf, roleRef } from '../identity/arn.ts';
import type { JsonObject } from '../json.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import type { GrantRow, Span } from './grant-rows.ts';
import type { GrantsInRows } from './grants-in-rows.ts';
import { InstantBytes } from './instant-bytes.ts';
import { COLON } from './json-bytes.ts';
import { KnownBytes } from './known-bytes.ts';
import type { GrantedRole } from './plain-grant.ts';
import type { RecordsDocument } from './records-document.ts';
import { TrailBytes } from './trail-bytes.ts';
import { TRAIL } from './trail-fields.ts';
import { decoded } from './utf-8.ts';

const CALLERS = 4_096;
const NAMES = 1_024;
const STS = 'sts.amazonaws.com';

/** What a caller's `userIdentity` says, whatever it called. */
interface CallerSaid {
  readonly caller: TrailCaller;
  readonly role: KnownRole | undefined;
  /** But for where it was logged. */
  readonly use: Use | undefined;
  /** The best evidence for it that was told. */
  told: UseRecord | undefined;
}

interface RoleArn {
  readonly text: string;
  readonly role: RoleRef | undefined;
  /** As the last record had it: a role has one id. */
  last: RoleWithId | undefined;
}

/** A role's session, and where its principal and its name stand. */
interface RoleSession extends Pick<GrantRow, 'principal' | 'sessionName'> {
  readonly granted: RoleWithId;
}

/** A role with its id, as a fact and as rows share it. */
interface RoleWithId {
  readonly issued: KnownRole;
  readonly role: GrantedRole;
}

/** What a grant that is kept as a row does not have. */
const MORE_THAN_PLAIN = [TRAIL.odd, TRAIL.sharedEventId, TRAIL.sourceIdentity, TRAIL.askedSourceIdentity];
/** What it must have, each without escapes. */
const OF_GRANT = [TRAIL.eventId, TRAIL.region, TRAIL.roleArn, TRAIL.assumedRoleId, TRAIL.accessKeyId, TRAIL.expiration];

/**
 * What CloudTrail records tell, read where they lie: of AssumeRole as it is called as a rule, and of calls that are no grants.
 * A caller, role or region that came before is not read again. Any other record is for `parseTrailRecord`.
 */
export class TrailFactsInBytes {
  readonly #to: GrantsInRows;
  readonly #trail = new TrailBytes();
  readonly #instants = new InstantBytes();
  readonly #callers = new KnownBytes(CALLERS, callerSaid);
  readonly #roleArns = new KnownBytes(NAMES, roleArnOf);
  readonly #roleIds = new KnownBytes<RoleId>(NAMES, roleIdOf);
  readonly #texts = new KnownBytes(NAMES, (text) => text);

  /** @param to what is known, to which it is added. */
  constructor(to: GrantsInRows) {
    this.#to = to;
  }

  /** Adds what the record tells; false where it is to be read in the plain way. */
  add(document: RecordsDocument, record: number): boolean {
    const trail = this.#trail;
    if (!document.fieldsOf(record, trail) || !trail.isThere(TRAIL.identity)) return false;
    const eventName = trail.escapesOf(TRAIL.eventName) > 0 ? undefined : this.#often(TRAIL.eventName);
    if (eventName === undefined || isProviderEvent(eventName)) return false;
    const said = this.#callers.of(trail.json.bytes, trail.from[TRAIL.identity] ?? 0, trail.to[TRAIL.identity] ?? 0);
    if (!isGrantEvent(eventName)) return !trail.has(TRAIL.assumed) && this.#addCall(eventName, said);
    return eventName === 'AssumeRole' && this.#addGrant(said);
  }

  #addCall(eventName: string, said: CallerSaid): boolean {
    const at = this.#instants.read(this.#trail, TRAIL.eventTime);
    this.#to.add(this.#factsOf(eventName, said, Number.isNaN(at) ? undefined : epochMillis(at)));
    return true;
  }

  #addGrant(said: CallerSaid): boolean {
    const trail = this.#trail;
    const session = this.#session();
    const expiration = this.#text(TRAIL.expiration);
    if (session === undefined || expiration === undefined || said.caller.service === ROLES_ANYWHERE) return false;
    const issuedAt = this.#instants.read(trail, TRAIL.eventTime);
    const expiresAt = parseExpiration(expiration);
    if (Number.isNaN(issuedAt) || expiresAt === undefined) return false;
    const row: GrantRow = {
      bytes: trail.json.bytes,
      key: this.#span(TRAIL.accessKeyId),
      eventId: this.#span(TRAIL.eventId),
      principal: session.principal,
      sessionName: session.sessionName,
      issuedAt,
      expiresAt,
      role: session.granted.role,
      caller: said.caller,
      withMfa: trail.has(TRAIL.serialNumber),
    };
    if (!this.#to.addRow(row)) return false;
    this.#to.add(this.#factsOf('AssumeRole', said, epochMillis(issuedAt), session.granted.issued));
    return true;
  }

  /** In the order of `parseTrailRecord`. The grant is a row. */
  #factsOf(eventName: string, said: CallerSaid, at: EpochMillis | undefined, issued?: KnownRole): TrailFacts {
    const { caller, role } = said;
    const where = { eventName, eventId: this.#text(TRAIL.eventId), region: this.#text(TRAIL.region), at };
    const roles = eachRole(role, issued);
    return {
      use: useToTell(said, where),
      user: knownUserOf(caller, undefined, at),
      roles: roles.length === 0 ? undefined : roles,
      agent: agentOf(caller, where),
    };
  }

  /** Of a role whose ARN and id are as AWS writes them. */
  #session(): RoleSession | undefined {
    const trail = this.#trail;
    const { bytes } = trail.json;
    for (const field of MORE_THAN_PLAIN) if (trail.has(field)) return undefined;
    for (const field of OF_GRANT) if (!trail.has(field) || trail.escapesOf(field) > 0) return undefined;
    if (!trail.has(TRAIL.credentials) || this.#often(TRAIL.eventSource) !== STS) return undefined;
    const principal = this.#span(TRAIL.assumedRoleId);
    const colon = bytes.indexOf(COLON, principal.from);
    if (colon <= principal.from || colon >= principal.to) return undefined;
    const roleId = this.#roleIds.of(bytes, principal.from, colon);
    const { from, to } = this.#span(TRAIL.roleArn);
    const granted = grantedRole(this.#roleArns.of(bytes, from, to), roleId, this.#often(TRAIL.region));
    return granted && { granted, principal, sessionName: { from: colon + 1, to: principal.to } };
  }

  /** Of a text, within its quotes. */
  #span(field: number): Span {
    return { from: (this.#trail.from[field] ?? 0) + 1, to: (this.#trail.to[field] ?? 0) - 1 };
  }

  /** As `filledTextAt`. */
  #text(field: number): string | undefined {
    const trail = this.#trail;
    if (!trail.has(field)) return undefined;
    const { bytes } = trail.json;
    const [from, to] = [trail.from[field] ?? 0, trail.to[field] ?? 0];
    if (trail.escapesOf(field) === 0) return decoded(bytes, from + 1, to - 1);
    return JSON.parse(decoded(bytes, from, to)) as string;
  }

  /** The same, of a text without escapes that comes again and again. */
  #often(field: number): string {
    const { from, to } = this.#span(field);
    return this.#trail.escapesOf(field) > 0 ? '' : this.#texts.of(this.#trail.json.bytes, from, to);
  }
}

/** The same objects while id and region are those of the ARN's last record. */
function grantedRole(arn: RoleArn, roleId: RoleId, region: string): RoleWithId | undefined {
  if (arn.role === undefined || !roleId.startsWith('AROA')) return undefined;
  const isSame = arn.last?.role.roleId === roleId && arn.last.role.region === region;
  arn.last = isSame ? arn.last : { issued: { roleId, role: arn.role }, role: { roleArn: arn.text, roleId, region } };
  return arn.last;
}

function callerSaid(identity: string): CallerSaid {
  const caller = parseTrailCaller(JSON.parse(identity) as JsonObject);
  return { caller, role: calledRole(caller), use: useOf(caller, { eventName: '' }), told: undefined };
}

/** Of uses that say the same one is kept: who was told of it already need not be told again of worse evidence. */
function useToTell(said: CallerSaid, record: UseRecord): Use | undefined {
  if (said.use === undefined || (said.told !== undefined && !isBetterRecord(record, said.told))) return undefined;
  said.told = record;
  return { ...said.use, record };
}

function roleArnOf(text: string): RoleArn {
  return { text, role: roleRef(text), last: undefined };
}
