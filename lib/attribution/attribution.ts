import type { GrantEventName } from '../cloudtrail/evidence-events.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import type { UseRecord } from '../cloudtrail/use.ts';
import { type AccessKeyId, isTemporaryKey } from '../identity/access-key.ts';
import { formatInstant } from '../time.ts';
import type { Actor, FoundActor } from './actor.ts';
import { GRANT_JOINS, type GrantJoin, type Hops } from './chain.ts';
import { type Flag, flagsWhere } from './flags.ts';
import type { PartialReason, UnattributedReason } from './reasons.ts';

/** The methods by which an actor can be found (CONTRACT, rule 6). */
export const METHODS = [...GRANT_JOINS, 'direct', 'use', 'token', 'proxy'] as const;
export type Method = (typeof METHODS)[number];

/** The methods whose answers have a chain, which can be empty. Answers by other methods rest on the event itself. */
type ChainMethod = Exclude<Method, EventMethod>;
const EVENT_METHODS = ['direct', 'proxy'] as const satisfies readonly Method[];
export type EventMethod = (typeof EVENT_METHODS)[number];

/** Returns whether an answer by this method rests on the event itself. */
export function isEventMethod(method: Method): method is EventMethod {
  return EVENT_METHODS.some((ofEvent) => ofEvent === method);
}

/**
 * Returns whether the request is the cluster's or AWS's own work, which lists leave out or sum up. Anonymous access is
 * not, and neither are a node's credentials with another client.
 */
export function isOwnWork({ status, flags }: Pick<Attribution, 'status' | 'flags'>): boolean {
  return status === 'system' && !flags.some((flag) => TO_REVIEW.includes(flag));
}

const TO_REVIEW = flagsWhere(({ list }) => list !== undefined);

/**
 * One hop of a chain, as it is stored. `eventIds` are its evidence in CloudTrail. Times are RFC 3339 in UTC. Trust: as
 * for the fields with the same names in `Grant`.
 */
export interface GrantLink {
  readonly eventName: GrantEventName;
  readonly eventIds: readonly string[];
  readonly region?: string | undefined;
  /** The source IP of the call, or the name of the AWS service that made the call. */
  readonly sourceIp?: string | undefined;
  /** The user agent, at most 256 characters. The caller can write anything here. */
  readonly userAgent?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly roleId?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly accessKeyId?: string | undefined;
  /**
   * The long-term access key of an IAM user or root user that signed the call. Absent for a temporary key: the hop
   * before issued that one.
   */
  readonly callerAccessKeyId?: string | undefined;
  readonly issuedAt: string;
  readonly expiresAt: string;
  /** How the grant was matched. */
  readonly joinedBy: GrantJoin;
}

/** A service account token that a request used. Its evidence is the audit event that issued it. */
export interface TokenLink {
  readonly eventName: 'TokenRequest';
  /** The `auditID` of the event that issued the token. The client can have chosen it. */
  readonly eventIds: readonly string[];
  /** The service account of the token, `<namespace>:<name>`. */
  readonly serviceAccount: string;
  readonly credentialId: string;
  readonly issuedAt: string;
  readonly joinedBy: 'token';
}

export type ChainLink = GrantLink | TokenLink;

/**
 * The use on which an answer by method `use` rests, as it is stored. `eventIds` has its evidence in CloudTrail. `time`
 * is RFC 3339 in UTC.
 */
export interface UseLink {
  readonly eventName: string;
  /** The event ID, as a list of one. Empty if the CloudTrail record has none. */
  readonly eventIds: readonly string[];
  readonly region?: string | undefined;
  readonly time?: string | undefined;
}

/** What a use can show beside the owner of its session: when the session began, a reason, or a flag. Answers have them in this order. */
export const USE_SHOWS = ['session-start', 'acts-by-delegation', 'through-agent'] as const;
export type UseShows = (typeof USE_SHOWS)[number];

/** A use that shows a part of the answer which no grant of the chain shows. It can also be another record of the same sign-in session. */
export interface ShowingUse extends UseLink {
  readonly shows: UseShows;
}

export interface Candidate {
  readonly actor: Actor;
  readonly chain: readonly ChainLink[];
  /** The evidence, if no grant of the event's key is known and a use of the key names this actor. */
  readonly use?: UseLink | undefined;
  readonly uses?: readonly ShowingUse[] | undefined;
}

/** The answer about one audit event (CONTRACT, rule 6 and record). The status decides which fields are present. */
export type Attribution =
  | FullAttribution
  | PartialAttribution
  | AmbiguousAttribution
  | MissingAttribution
  | PendingOrSystem;

/** An answer whose actor is known. */
export type FullAttribution = Basis & NamedConclusion & { readonly status: 'attributed'; readonly reason?: undefined };

/** An answer with an actor who is not yet the person or workload. `reason` says where the proof ends. */
export type PartialAttribution = Basis &
  NamedConclusion & { readonly status: 'partial'; readonly reason: PartialReason };

/** An answer with several possible actors. It names none of them as the actor. */
export interface AmbiguousAttribution extends Conclusion, WithoutActor {
  readonly status: 'ambiguous';
  readonly candidates: readonly Candidate[];
  readonly reason?: undefined;
}

/** An answer without any possible actor. `reason` says why there is none. */
export interface MissingAttribution extends Conclusion, WithoutActor {
  readonly status: 'unattributed';
  readonly reason: UnattributedReason;
  readonly candidates?: undefined;
}

/** An answer that names nobody yet (`pending`), or that is not about a person's session (`system`). */
export interface PendingOrSystem extends Conclusion, WithoutActor {
  readonly status: 'pending' | 'system';
  readonly reason?: undefined;
  readonly candidates?: undefined;
}

/** What an answer with an actor rests on: the event alone, or a chain from the actor to the caller's session. */
export type Basis = {
  /** Uses that show a part of the answer which no grant of the chain shows. Absent if there are none. */
  readonly uses?: readonly ShowingUse[] | undefined;
} & (
  | { readonly method: EventMethod; readonly chain?: undefined; readonly use?: undefined }
  | {
      readonly method: ChainMethod;
      readonly chain: readonly ChainLink[];
      /**
       * The use that names the actor. Present with the method `use`. Also present with `token`, if the event that
       * issued the token was answered by that method.
       */
      readonly use?: UseLink | undefined;
    }
);

interface Conclusion {
  /** Whether later grants can still change the answer. */
  readonly provisional: boolean;
  readonly flags: readonly Flag[];
}

interface NamedConclusion extends Conclusion {
  readonly actor: Actor;
  readonly candidates?: undefined;
}

interface WithoutActor {
  readonly method?: undefined;
  readonly actor?: undefined;
  readonly chain?: undefined;
  readonly use?: undefined;
  readonly uses?: undefined;
}

/** Returns the answer for an actor. Its status is `attributed`, or `partial` if the actor is not yet the person or workload. */
export function namedAttribution(
  { actor, partial: reason }: FoundActor,
  basis: Basis,
  { provisional, flags }: Conclusion,
): FullAttribution | PartialAttribution {
  const uses = basis.uses !== undefined && basis.uses.length > 0 && { uses: basis.uses };
  if (basis.chain === undefined) {
    const { method } = basis;
    if (reason === undefined) return { status: 'attributed', method, provisional, flags, actor, ...uses };
    return { status: 'partial', method, provisional, reason, flags, actor, ...uses };
  }
  const { method, chain } = basis;
  const use = { ...(basis.use && { use: basis.use }), ...uses };
  if (reason === undefined) return { status: 'attributed', method, provisional, flags, actor, chain, ...use };
  return { status: 'partial', method, provisional, reason, flags, actor, chain, ...use };
}

/** Returns every actor of an answer: one, several candidates, or none. */
export function actorsOf({ actor, candidates = [] }: Pick<Attribution, 'actor' | 'candidates'>): readonly Actor[] {
  return actor === undefined ? candidates.map((each) => each.actor) : [actor];
}

/**
 * Returns all evidence of an answer and its candidates: the event IDs of CloudTrail records, and the audit IDs of
 * events that issued tokens.
 */
export function evidenceIds({
  chain = [],
  use,
  uses = [],
}: Pick<Attribution, 'chain' | 'use' | 'uses'>): readonly string[] {
  return [...chain, ...(use === undefined ? [] : [use]), ...uses].flatMap(({ eventIds }) => eventIds);
}

/** Returns a use in the form in which answers and records have it. */
export function useLink({ eventName, eventId, region, at }: UseRecord): UseLink {
  return {
    eventName,
    eventIds: eventId === undefined ? [] : [eventId],
    ...(region !== undefined && { region }),
    ...(at !== undefined && { time: formatInstant(at) }),
  };
}

/** Returns the hops of a chain in the form in which answers and records have them. */
export function chainLinks(hops: Hops): ChainLink[] {
  return hops.map(({ grant, joinedBy }) => grantLink(grant, joinedBy));
}

function longTermKey(key: AccessKeyId | undefined): AccessKeyId | undefined {
  return key === undefined || isTemporaryKey(key) ? undefined : key;
}

function grantLink(grant: Grant, joinedBy: GrantJoin): GrantLink {
  return {
    eventName: grant.eventName,
    eventIds: grant.eventIds,
    region: grant.region,
    sourceIp: grant.sourceIp,
    userAgent: grant.userAgent,
    roleArn: grant.roleArn,
    roleId: grant.roleId,
    sessionName: grant.sessionName,
    accessKeyId: grant.accessKeyId,
    callerAccessKeyId: longTermKey(grant.caller.accessKeyId),
    issuedAt: formatInstant(grant.issuedAt),
    expiresAt: formatInstant(grant.expiresAt),
    joinedBy,
  };
}
