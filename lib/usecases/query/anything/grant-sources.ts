import { actionOf } from '../../../attribution/attribute.ts';
import { byIssue, type KnownGrants } from '../../../attribution/known-grants.ts';
import { type AuditRecord, auditRecord } from '../../../attribution/record.ts';
import { isRole } from '../../../attribution/role-of-record.ts';
import type { AttributionSettings } from '../../../attribution/settings.ts';
import { isSessionPrincipal } from '../../../claims/identity.ts';
import type { Grant } from '../../../cloudtrail/grant.ts';
import { isSameRole, roleIdOf, roleRef } from '../../../identity/arn.ts';
import type { GrantSource } from '../../../ports/sessions.ts';
import type { PastedEvent } from '../../../recognize/subject.ts';
import { type EpochMillis, formatInstant } from '../../../time.ts';
import { idsOfHolders } from '../../attribute/name-holders.ts';
import { askAndAttribute, type SearchedAnswer } from '../../deciding/ask.ts';
import { UNSEARCHED } from '../doubt.ts';
import { callerAnswered } from '../whois.ts';
import type { WhoisQuestion } from '../whois-question.ts';
import { whoisSession } from '../whois-session.ts';
import { awayFrom, type Life } from './at-moment.ts';
import type { GrantSessions, InformantSources, SessionsOfGrants } from './informant.ts';
import { type AttributedOutcome, joinSentences, outcomeOfRecord, type SessionFound } from './outcomes.ts';
import { listedAttribution } from './sessions-of-records.ts';

/**
 * A source of grants. Files have all grants in memory. CloudTrail's event history is searched for each question.
 */
export interface GrantsPlace {
  readonly known: KnownGrants;
  readonly source: GrantSource;
  readonly settings: AttributionSettings;
  /** Returns whether all grants for a request of that time are known, so that none can still arrive. */
  isSettled(at: EpochMillis | undefined): boolean;
  /** Returns the answer, marked as incomplete if the source did not read everything. */
  doubt(answer: SearchedAnswer, at: EpochMillis | undefined): SearchedAnswer;
  /** Adds the grants of a role, a session or a person to `known`, if not all grants are known. */
  addGrants(query: { readonly by: 'role' | 'person'; readonly names: readonly string[] }): Promise<void>;
  /** The maximum number of sessions of a role or person that are attributed. Each may take requests to the source. */
  readonly mostSessions: number;
}

/** A session of a grant. `isComplete` is false if its attribution did not search everything. */
type GrantedSession = SessionFound & Pick<AttributedOutcome, 'isComplete'>;

/** A question about sessions: `isGranted` selects their grants, `isMatch` tests each session after it is attributed. */
interface GrantsQuery {
  isGranted(grant: Grant): boolean;
  isMatch(session: Pick<AuditRecord, 'attribution'>): boolean;
  readonly at: EpochMillis | undefined;
}

/**
 * Limits the sessions of one name without an access key that are attributed. Redacted exports have such sessions. Each
 * of them is compared with all grants of the name.
 */
const MOST_OF_ONE_NAME = 100;

/** Returns the sources of an `Informant` that come from grants. */
export function grantSources(place: GrantsPlace): Required<
  Pick<InformantSources, 'whois' | 'event' | 'tokensIssued'>
> & {
  readonly grants: GrantSessions;
} {
  const { known, source, settings } = place;

  async function whois(question: WhoisQuestion, at: EpochMillis | undefined): Promise<AttributedOutcome> {
    const settled = place.isSettled(at);
    const found = await whoisSession({ question, moment: at ?? 'any', known, source, settings, settled });
    const answer = place.doubt(found, at);
    const { attribution, learnt } = answer;
    const caller = callerAnswered(question, learnt, attribution);
    return { kind: 'attributed', attribution, caller, ...unsearched(answer) };
  }

  async function event({ event: pasted, site }: PastedEvent): Promise<AttributedOutcome> {
    const asking = { known, source, settings, settled: place.isSettled(pasted.at) };
    const answer = place.doubt(await askAndAttribute(actionOf(pasted, site), asking), pasted.at);
    return { ...outcomeOfRecord(auditRecord(pasted, answer, site)), ...unsearched(answer) };
  }

  /**
   * Returns whether the grant is of this role, by name, ARN or ID in any letter case. A grant may state only some of
   * these.
   */
  function isOfRole({ roleId, roleArn }: Grant, wanted: string): boolean {
    const role = roleRef(roleArn);
    const id = wanted.toUpperCase();
    if (roleId === id) return true;
    if (role === undefined) return false;
    return (
      isRole({ arns: [roleArn?.toLowerCase() ?? ''] }, wanted.toLowerCase()) ||
      known.rolesOf(roleIdOf(id)).some((each) => isSameRole(each, role))
    );
  }

  /**
   * Returns the sessions of the selected grants. If there are too many (`mostSessions`, `MOST_OF_ONE_NAME`), attributes
   * the newest ones, or those nearest to `at`.
   */
  async function granted({ isGranted, isMatch, at }: GrantsQuery): Promise<SessionsOfGrants> {
    const all = [...known.grants()].filter(isGranted).sort((a, b) => byIssue(b, a));
    const grants = at === undefined ? all : all.toSorted((a, b) => awayFrom(lifeOf(a), at) - awayFrom(lifeOf(b), at));
    const found: GrantedSession[] = [];
    const chosen = fewOfEachName(grants.slice(0, place.mostSessions));
    for (const grant of chosen) {
      const session = await sessionOf(grant);
      if (session !== undefined && isMatch(session)) found.push(session);
    }
    const { isComplete, note: unread } = unsearched(found.find((each) => each.isComplete === false) ?? {});
    const note = leftText(grants.length - chosen.length, at);
    const sessions = found.map(({ isComplete: _, ...session }) => session);
    return { sessions, isComplete, note: joinSentences(note, unread) };
  }

  async function sessionOf(grant: Grant): Promise<GrantedSession | undefined> {
    const { roleId, accountId, sessionName, accessKeyId, roleArn, issuedAt, expiresAt } = grant;
    const owner = grant.granted === 'federated-user' ? accountId : roleId;
    const session = owner === undefined || sessionName === undefined ? undefined : `${owner}:${sessionName}`;
    const question = questionOf(session, accessKeyId);
    if (question === undefined) return undefined;
    const { attribution: whole, isComplete } = await whois(question, issuedAt);
    const attribution = listedAttribution(whole);
    const [from, to] = [formatInstant(issuedAt), formatInstant(expiresAt)];
    return { session, accessKeyId, role: roleArn ?? roleId, from, to, attribution, isComplete };
  }

  const grants: GrantSessions = {
    async ofRole(role, at) {
      await place.addGrants({ by: 'role', names: [role] });
      return granted({ isGranted: (grant) => isOfRole(grant, role), isMatch: () => true, at });
    },
    async ofPerson(person, isMatch, at) {
      await place.addGrants({ by: 'person', names: [person] });
      return granted({ isGranted: () => true, isMatch, at });
    },
    named: (sessionName, at) =>
      granted({ isGranted: (grant) => grant.sessionName === sessionName, isMatch: () => true, at }),
    obtainedWith: (accessKeyId) =>
      granted({ isGranted: ({ caller }) => caller.accessKeyId === accessKeyId, isMatch: () => true, at: undefined }),
    async roleIds({ arn, session }) {
      await place.addGrants({ by: 'role', names: [session, arn] });
      const role = roleRef(arn);
      return role === undefined ? [] : known.idsOfRole(role);
    },
    idsNamed: (name, range) => idsOfHolders(name, range, known),
    roleNames: () => [...known.grants()].map(({ roleArn }) => roleRef(roleArn)?.roleName),
  };
  return { whois, event, grants, tokensIssued: (credentialId) => known.tokensIssued(credentialId) };
}

/** Returns a sentence that says how many sessions were not checked; undefined if all were. */
function leftText(left: number, at: EpochMillis | undefined): string | undefined {
  const which = at === undefined ? 'earlier' : 'other';
  return left <= 0
    ? undefined
    : `${left} ${which} sessions were not checked. To check one, give its session or access key.`;
}

function unsearched({
  isComplete,
}: Pick<AttributedOutcome, 'isComplete'>): Pick<AttributedOutcome, 'note' | 'isComplete'> {
  return isComplete === false ? { note: UNSEARCHED, isComplete } : {};
}

/**
 * Returns the question that looks up a grant's session. Undefined if the grant has neither a key nor a session in the
 * form that AWS issues. Only forged records lack both.
 */
function questionOf(session: string | undefined, accessKeyId: string | undefined): WhoisQuestion | undefined {
  const principal = session !== undefined && isSessionPrincipal(session) ? session : undefined;
  return principal === undefined && accessKeyId === undefined ? undefined : { principal, accessKeyId };
}

/**
 * Returns the grants with at most `MOST_OF_ONE_NAME` of those that share a name and have no access key. The first of
 * them are kept.
 */
function fewOfEachName(grants: readonly Grant[]): readonly Grant[] {
  const counts = new Map<string | undefined, number>();
  return grants.filter(({ accessKeyId, sessionName }) => {
    if (accessKeyId !== undefined) return true;
    const count = 1 + (counts.get(sessionName) ?? 0);
    counts.set(sessionName, count);
    return count <= MOST_OF_ONE_NAME;
  });
}

function lifeOf({ issuedAt, expiresAt }: Grant): Life {
  return { from: issuedAt, to: expiresAt };
}
