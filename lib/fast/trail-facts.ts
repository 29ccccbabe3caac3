import { parseTrailCaller, type TrailCaller } from '../cloudtrail/caller.ts';
import { parseExpiration } from '../cloudtrail/expiration.ts';
import { type Grant, isGrantEvent, ROLES_ANYWHERE } from '../cloudtrail/grant.ts';
import { calledRole, eachRole, type KnownRole } from '../cloudtrail/known-role.ts';
import { knownUserOf } from '../cloudtrail/known-user.ts';
import { isProviderEvent } from '../cloudtrail/provider-change.ts';
import { agentOf, type TrailFacts } from '../cloudtrail/record.ts';
import { type Use, type UseRecord, useOf } from '../cloudtrail/use.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { type RoleId, type RoleRef, roleIdOf, roleRef } from '../identity/arn.ts';
import type { JsonObject } from '../json.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { InstantBytes } from './instant-bytes.ts';
import { COLON } from './json-bytes.ts';
import { decoded, KnownBytes } from './known-bytes.ts';
import type { RecordsDocument } from './records-document.ts';
import { TrailBytes } from './trail-bytes.ts';
import { TRAIL } from './trail-fields.ts';

const CALLERS = 4_096;
const NAMES = 1_024;
const STS = 'sts.amazonaws.com';

/** What a caller's `userIdentity` says, whatever it called. */
interface CallerSaid {
  readonly caller: TrailCaller;
  readonly role: KnownRole | undefined;
  /** But for where it was logged. */
  readonly use: Use | undefined;
}

interface RoleArn {
  readonly text: string;
  readonly role: RoleRef | undefined;
  /** As the last record had it: a role has one id. */
  known: KnownRole | undefined;
}

/**
 * What CloudTrail records tell, read where they lie: of AssumeRole as people and services call it, and of calls that are no
 * grants. A caller, role or region that came before is not read again. Any other record is for `parseTrailRecord`.
 */
export class TrailFactsInBytes {
  readonly #trail = new TrailBytes();
  readonly #instants = new InstantBytes();
  readonly #callers = new KnownBytes(CALLERS, callerSaid);
  readonly #roleArns = new KnownBytes(NAMES, roleArnOf);
  readonly #roleIds = new KnownBytes<RoleId>(NAMES, roleIdOf);
  readonly #texts = new KnownBytes(NAMES, (text) => text);

  /** Undefined where the record is to be read in the plain way. */
  of(document: RecordsDocument, record: number): TrailFacts | undefined {
    const trail = this.#trail;
    if (!document.fieldsOf(record, trail) || !trail.isThere(TRAIL.identity)) return undefined;
    const eventName = this.#often(TRAIL.eventName) ?? '';
    return this.#isTaken(eventName) ? this.#facts(eventName) : undefined;
  }

  #isTaken(eventName: string): boolean {
    if (isGrantEvent(eventName)) return eventName === 'AssumeRole';
    return !isProviderEvent(eventName) && !this.#trail.has(TRAIL.assumed);
  }

  #facts(eventName: string): TrailFacts | undefined {
    const trail = this.#trail;
    const { bytes } = trail.json;
    const said = this.#callers.of(bytes, trail.from[TRAIL.identity] ?? 0, trail.to[TRAIL.identity] ?? 0);
    const at = this.#eventTime();
    const eventId = this.#text(TRAIL.eventId);
    const region = this.#often(TRAIL.region);
    const where = { eventName, eventId, region, at };
    if (!isGrantEvent(eventName)) return factsOf(said, { where });
    const issued = at === undefined ? undefined : this.#grant(said.caller, { at, eventId, region });
    return issued && factsOf(said, { where, ...issued });
  }

  #grant(
    caller: TrailCaller,
    { at, eventId, region }: { at: EpochMillis; eventId: string | undefined; region: string | undefined },
  ): { readonly grant: Grant; readonly issued: KnownRole } | undefined {
    const trail = this.#trail;
    const isUsual = trail.has(TRAIL.credentials) && trail.has(TRAIL.assumedRoleId) && trail.has(TRAIL.roleArn);
    if (!isUsual || trail.has(TRAIL.odd) || caller.service === ROLES_ANYWHERE) return undefined;
    if (this.#often(TRAIL.eventSource) !== STS) return undefined;
    const expiration = this.#text(TRAIL.expiration);
    const expiresAt = expiration === undefined ? undefined : parseExpiration(expiration);
    const session = this.#session();
    if (expiresAt === undefined || session === undefined) return undefined;
    const { roleArn, issued, sessionName } = session;
    const grant: Grant = {
      eventName: 'AssumeRole',
      granted: 'role',
      eventIds: eventId === undefined ? [] : [eventId],
      copyId: eventId ?? '',
      sharedEventId: this.#text(TRAIL.sharedEventId),
      region,
      issuedAt: at,
      expiresAt,
      accessKeyId: accessKeyId(this.#text(TRAIL.accessKeyId)),
      roleArn,
      roleId: issued.roleId,
      sessionName,
      accountId: undefined,
      samlProvider: undefined,
      sourceIdentity: this.#text(TRAIL.sourceIdentity) ?? this.#text(TRAIL.askedSourceIdentity),
      federatedProvider: undefined,
      withMfa: trail.has(TRAIL.serialNumber) ? true : undefined,
      certificateName: undefined,
      pod: undefined,
      byIdentityCenter: false,
      caller,
    };
    return { grant, issued };
  }

  /** Of a role whose ARN and id are as AWS writes them. */
  #session() {
    const trail = this.#trail;
    const { bytes } = trail.json;
    if (trail.escapesOf(TRAIL.roleArn) + trail.escapesOf(TRAIL.assumedRoleId) > 0) return undefined;
    const [from, to] = [(trail.from[TRAIL.assumedRoleId] ?? 0) + 1, (trail.to[TRAIL.assumedRoleId] ?? 0) - 1];
    const colon = bytes.indexOf(COLON, from);
    if (colon <= from || colon >= to) return undefined;
    const arn = this.#roleArns.of(bytes, (trail.from[TRAIL.roleArn] ?? 0) + 1, (trail.to[TRAIL.roleArn] ?? 0) - 1);
    const roleId = this.#roleIds.of(bytes, from, colon);
    if (arn.role === undefined || !roleId.startsWith('AROA')) return undefined;
    if (arn.known?.roleId !== roleId) arn.known = { roleId, role: arn.role };
    return { roleArn: arn.text, issued: arn.known, sessionName: decoded(bytes, colon + 1, to) };
  }

  #eventTime(): EpochMillis | undefined {
    const at = this.#instants.read(this.#trail, TRAIL.eventTime);
    return Number.isNaN(at) ? undefined : epochMillis(at);
  }

  /** As `filledTextAt`. */
  #text(field: number): string | undefined {
    const trail = this.#trail;
    if (!trail.has(field)) return undefined;
    const { bytes } = trail.json;
    const [from, to] = [trail.from[field] ?? 0, trail.to[field] ?? 0];
    return trail.escapesOf(field) === 0
      ? decoded(bytes, from + 1, to - 1)
      : (JSON.parse(decoded(bytes, from, to)) as string);
  }

  /** The same, of a text that comes again and again. */
  #often(field: number): string | undefined {
    const trail = this.#trail;
    if (trail.escapesOf(field) > 0 || !trail.has(field)) return this.#text(field);
    return this.#texts.of(trail.json.bytes, (trail.from[field] ?? 0) + 1, (trail.to[field] ?? 0) - 1);
  }
}

function callerSaid(identity: string): CallerSaid {
  const caller = parseTrailCaller(JSON.parse(identity) as JsonObject);
  return { caller, role: calledRole(caller), use: useOf(caller, { eventName: '' }) };
}

function roleArnOf(text: string): RoleArn {
  return { text, role: roleRef(text), known: undefined };
}

interface OfRecord {
  readonly where: UseRecord;
  readonly grant?: Grant;
  readonly issued?: KnownRole;
}

/** In the order of `parseTrailRecord`. */
function factsOf({ caller, role, use }: CallerSaid, { where, grant, issued }: OfRecord): TrailFacts {
  const roles = eachRole(role, issued);
  return {
    grant,
    use: use && { ...use, record: where },
    user: knownUserOf(caller, grant, where.at),
    roles: roles.length === 0 ? undefined : roles,
    agent: agentOf(caller, where),
    providerChange: undefined,
    flaw: undefined,
  };
}
