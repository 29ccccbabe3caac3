import { filedName } from '../../../attribution/actor-names.ts';
import type { Answer } from '../../../attribution/answer.ts';
import { actionOf } from '../../../attribution/attribute.ts';
import { byIssue, type KnownGrants } from '../../../attribution/known-grants.ts';
import { type AuditRecord, auditRecord } from '../../../attribution/record.ts';
import { isRole, roleOfRecord } from '../../../attribution/role-of-record.ts';
import type { AttributionSettings } from '../../../attribution/settings.ts';
import type { AuditEvent } from '../../../audit/audit-event.ts';
import { isSessionPrincipal } from '../../../claims/identity.ts';
import type { Grant } from '../../../cloudtrail/grant.ts';
import { isSameRole, roleIdOf, roleRef } from '../../../identity/arn.ts';
import type { JsonObject } from '../../../json.ts';
import type { GrantSource } from '../../../ports/sessions.ts';
import type { PastedEvent } from '../../../recognise/subject.ts';
import { type EpochMillis, formatInstant, parseInstant } from '../../../time.ts';
import { askAndAttribute } from '../../deciding/ask.ts';
import { type Matcher, matcherOf } from '../filter.ts';
import { callerAnswered } from '../whois.ts';
import type { WhoisQuestion } from '../whois-question.ts';
import { whoisSession } from '../whois-session.ts';
import { notKnown } from './anything.ts';
import { awayFrom, type Life, listed } from './at-moment.ts';
import type { DescribedRequest } from './described-request.ts';
import type { Attributed, Outcome, SessionFound, Sessions } from './found.ts';
import type { Informant } from './informant.ts';
import { withNear } from './near-names.ts';
import { isByOther } from './others.ts';
import type { RecordedRequests } from './recorded-requests.ts';
import { together } from './sentences.ts';
import { sessionsOfRecords } from './sessions-of-records.ts';
import { IMPERSONATED, isActorNamed, isImpersonating, isNamed, isSessionNamed, SHARED_NAME } from './usernames.ts';

/** Grants, be they all known from files, or asked for one by one of CloudTrail's event history. */
export interface GrantsPlace {
  readonly known: KnownGrants;
  readonly source: GrantSource;
  readonly settings: AttributionSettings;
  /** Whether no later grant is waited for, of what happened then. */
  isSettled(at: EpochMillis | undefined): boolean;
  /** The answer with the doubts that the place leaves. */
  doubt(answer: Answer, at: EpochMillis | undefined): Answer;
  /** Adds the grants of a role, a session or a person to those that are known, where they are not all known. */
  gather(asked: { readonly by: 'role' | 'person'; readonly names: readonly string[] }): Promise<void>;
  trailRecord(eventId: string): Promise<JsonObject | undefined>;
  /** Records of the audit events that are at hand, newest first; undefined where there are none to look through. */
  records(isMeant: Matcher): Promise<readonly AuditRecord[] | undefined>;
  /** The recorded requests that can be the described one; undefined where there are none to look through. */
  requestsLike(described: DescribedRequest): Promise<RecordedRequests | undefined>;
  /** The record of this very event, where it is among those that are at hand. */
  recordOf(event: AuditEvent): Promise<AuditRecord | undefined>;
  readonly most: number;
  /** Sessions of a role or person that are attributed: each may take requests. */
  readonly mostSessions: number;
  readonly elsewhere: Informant['elsewhere'];
}

/** Which grants, and which sessions of them. */
interface GrantsQuery {
  isGranted(grant: Grant): boolean;
  isMeant(session: SessionFound): boolean;
  readonly at: EpochMillis | undefined;
}

type Granted = Pick<Sessions, 'sessions' | 'note'>;

const NO_RECORDS =
  'Whether anybody else acted under this username, or had tokens of it issued, the audit log says (--audit beside --cloudtrail), or the service (--api or --table).';

/** Answers by grants. */
export class GrantsInformant implements Informant {
  readonly #place: GrantsPlace;

  constructor(place: GrantsPlace) {
    this.#place = place;
  }

  get most(): number {
    return this.#place.most;
  }

  get elsewhere(): Informant['elsewhere'] {
    return this.#place.elsewhere;
  }

  async whois(question: WhoisQuestion, at: EpochMillis | undefined): Promise<Attributed> {
    const { known, source, settings } = this.#place;
    const settled = this.#place.isSettled(at);
    const found = await whoisSession({ question, moment: at ?? 'any', known, source, settings, settled });
    const { attribution, learnt } = this.#place.doubt(found, at);
    return { kind: 'attributed', attribution, caller: callerAnswered(question, learnt, attribution) };
  }

  /** As it stands among the events at hand, which name the cluster too; else by what it states itself. */
  async event({ event, cluster }: PastedEvent): Promise<Attributed> {
    const stored = await this.#place.recordOf(event);
    if (stored !== undefined)
      return {
        kind: 'attributed',
        attribution: stored.attribution,
        caller: stored.caller,
        record: stored,
        isStored: true,
      };
    const { known, source, settings } = this.#place;
    const asking = { known, source, settings, settled: this.#place.isSettled(event.at) };
    const answer = this.#place.doubt(await askAndAttribute(actionOf(event, cluster), asking), event.at);
    const record = auditRecord(event, answer, cluster);
    return { kind: 'attributed', attribution: record.attribution, caller: record.caller, record };
  }

  async recordsOf(auditId: string): Promise<readonly AuditRecord[]> {
    return (await this.#place.records(matcherOf({ auditId: { any: [auditId] } }))) ?? [];
  }

  requestsLike(described: DescribedRequest): Promise<RecordedRequests | undefined> {
    return this.#place.requestsLike(described);
  }

  async recordsOfKey(accessKeyId: string): Promise<readonly AuditRecord[]> {
    return (await this.#place.records(({ caller }) => caller.accessKeyId === accessKeyId)) ?? [];
  }

  async ofUsername(username: string, at: EpochMillis | undefined): Promise<Outcome> {
    const isUnder: Matcher = (record) =>
      isNamed(record.caller.username ?? '', username) || isImpersonating(record, username);
    const bears: Matcher = (record) => isSessionNamed(record, username);
    const records = (await this.#place.records((record) => isUnder(record) || bears(record))) ?? [];
    const under = records.filter(isUnder);
    const impersonated = under.some((record) => isImpersonating(record, username)) ? IMPERSONATED : undefined;
    // What others call their sessions changes nothing of a username that is one without them.
    if (!under.every(bears)) return noting(listed(sessionsOfRecords(under), at), impersonated);
    const found = records.length > 0 ? listed([], at) : await this.sessionsOfPerson(username, at);
    if (found.sessions.length > 0) return found;
    const named = await this.#sessionsBearing(username, at);
    if (named.sessions.length > 0) return noting(named, impersonated);
    return notKnown(`Nothing is known of the username ${username}.`, this.#place.elsewhere.name);
  }

  /** Sessions of that name: of grants, and those that the audit log alone has. */
  async #sessionsBearing(sessionName: string, at: EpochMillis | undefined): Promise<Sessions> {
    const isGranted = (grant: Grant) => grant.sessionName === sessionName;
    const granted = await this.#granted({ isGranted, isMeant: () => true, at });
    const seen = await this.#withSeen(granted, (record) => isSessionNamed(record, sessionName), at);
    return { ...noting(seen, SHARED_NAME), sessionName };
  }

  async othersAs(username: string, at: EpochMillis | undefined): Promise<Sessions> {
    const records = await this.#place.records(isByOther(username));
    if (records === undefined) return { ...listed([], at), note: NO_RECORDS };
    return listed(sessionsOfRecords(records), at);
  }

  async roleIds({ arn, session }: Parameters<Informant['roleIds']>[0]): Promise<readonly string[]> {
    await this.#place.gather({ by: 'role', names: [session, arn] });
    const role = roleRef(arn);
    return role === undefined ? [] : this.#place.known.idsOfRole(role);
  }

  async sessionsOfRole(role: string, at: EpochMillis | undefined): Promise<Sessions> {
    await this.#place.gather({ by: 'role', names: [role] });
    const isGranted = (grant: Grant) => this.#isOfRole(grant, role);
    const granted = await this.#granted({ isGranted, isMeant: () => true, at });
    const found = await this.#withSeen(granted, (record) => this.#isRecordOfRole(record, role), at);
    const roles = [...this.#place.known.grants()].map(({ roleArn }) => roleRef(roleArn)?.roleName);
    return withNear(found, role, roles);
  }

  async sessionsOfPerson(person: string, at: EpochMillis | undefined): Promise<Sessions> {
    await this.#place.gather({ by: 'person', names: [person] });
    const isOf = (record: Pick<AuditRecord, 'attribution'>) => isActorNamed(record, person);
    const others = new Set<string | undefined>();
    const isMeant = (session: Pick<AuditRecord, 'attribution'>) => {
      const { actor } = session.attribution;
      if (actor !== undefined) others.add(filedName(actor));
      return isOf(session);
    };
    const granted = await this.#granted({ isGranted: () => true, isMeant, at });
    return withNear(await this.#withSeen(granted, isMeant, at), person, others);
  }

  /** With the sessions that no grant tells of, and the audit log has: those that nobody can name are among them. */
  async #withSeen(granted: Granted, isMeant: Matcher, at: EpochMillis | undefined): Promise<Sessions> {
    const keys = new Set(granted.sessions.flatMap(({ accessKeyId }) => accessKeyId ?? []));
    const names = new Set(granted.sessions.flatMap(({ session }) => session ?? []));
    const isListed = ({ accessKeyId, session }: SessionFound) =>
      accessKeyId === undefined ? session !== undefined && names.has(session) : keys.has(accessKeyId);
    const records = await this.#place.records(
      (record) => isMeant(record) && !keys.has(record.caller.accessKeyId ?? ''),
    );
    const seen = sessionsOfRecords(records ?? []).filter((session) => !isListed(session));
    const sessions = [...granted.sessions, ...seen].sort((a, b) => timeOf(b) - timeOf(a));
    return listed(sessions, at, granted.note);
  }

  trailRecord(eventId: string): Promise<JsonObject | undefined> {
    return this.#place.trailRecord(eventId);
  }

  /** By name, ARN or id in any letters, of which a grant may state only some. */
  #isOfRole({ roleId, roleArn }: Grant, asked: string): boolean {
    const role = roleRef(roleArn);
    const id = asked.toUpperCase();
    if (roleId === id) return true;
    if (role === undefined) return false;
    return (
      isRole({ arns: [roleArn?.toLowerCase() ?? ''] }, asked.toLowerCase()) ||
      this.#place.known.rolesOf(roleIdOf(id)).some((each) => isSameRole(each, role))
    );
  }

  #isRecordOfRole(record: AuditRecord, asked: string): boolean {
    const role = roleOfRecord(record);
    if (role === undefined) return false;
    const arns = role.arns.map((arn) => arn.toLowerCase());
    return isRole({ roleId: role.roleId?.toLowerCase(), arns }, asked.toLowerCase());
  }

  /** Where each takes requests, the newest are looked at, or those nearest to the moment that is asked about. */
  async #granted({ isGranted, isMeant, at }: GrantsQuery): Promise<Granted> {
    const all = [...this.#place.known.grants()].filter(isGranted).sort((a, b) => byIssue(b, a));
    const grants = at === undefined ? all : all.toSorted((a, b) => awayFrom(lifeOf(a), at) - awayFrom(lifeOf(b), at));
    const sessions: SessionFound[] = [];
    for (const grant of grants.slice(0, this.#place.mostSessions)) {
      const session = await this.#sessionOf(grant);
      if (session !== undefined && isMeant(session)) sessions.push(session);
    }
    const left = Math.max(0, grants.length - this.#place.mostSessions);
    const which = at === undefined ? 'earlier' : 'other';
    const note = left === 0 ? undefined : `${left} ${which} sessions were not looked at: ask by a session, or a key.`;
    return { sessions, note };
  }

  async #sessionOf(grant: Grant): Promise<SessionFound | undefined> {
    const { roleId, accountId, sessionName, accessKeyId, roleArn, issuedAt, expiresAt } = grant;
    const owner = grant.granted === 'federated-user' ? accountId : roleId;
    const session = owner === undefined || sessionName === undefined ? undefined : `${owner}:${sessionName}`;
    const question = askedOf(session, accessKeyId);
    if (question === undefined) return undefined;
    const { attribution } = await this.whois(question, issuedAt);
    const [from, to] = [formatInstant(issuedAt), formatInstant(expiresAt)];
    return { session, accessKeyId, role: roleArn ?? roleId, from, to, attribution };
  }
}

/** When a session was issued, or first seen. */
function timeOf({ from }: SessionFound): number {
  return parseInstant(from ?? '') ?? 0;
}

/** Undefined where the grant states neither its session nor its key. What is no session of AWS's stands in forged records alone. */
function askedOf(session: string | undefined, accessKeyId: string | undefined): WhoisQuestion | undefined {
  const principal = session !== undefined && isSessionPrincipal(session) ? session : undefined;
  return principal === undefined && accessKeyId === undefined ? undefined : { principal, accessKeyId };
}

function noting(sessions: Sessions, note: string | undefined): Sessions {
  return { ...sessions, note: together(sessions.note, note) };
}

function lifeOf({ issuedAt, expiresAt }: Grant): Life {
  return { from: issuedAt, to: expiresAt };
}
