import {
  type AuditEvent,
  type AuditOptions,
  auditEvent,
  type KubernetesUser,
  type Request,
  sessionUser,
} from './audit.ts';
import type { Session } from './callers.ts';
import { type Cluster, type IamUser, PROD } from './company.ts';
import type { JsonObject, TrailRecord } from './trail.ts';

/** A scene of the day: its entries in the two logs, and the true answer. */

/** The answer that follows from the story. The product has to find it from the logs alone. */
export interface Answer {
  readonly status: 'attributed' | 'partial' | 'ambiguous' | 'unattributed' | 'system';
  readonly method?: 'access-key' | 'session-start' | 'session-name' | 'username' | 'direct' | 'token';
  readonly reason?: string;
  readonly actorKind?: string;
  readonly actorName?: string;
  readonly workload?: string;
  readonly sourceIdentity?: string;
  /** The number of grants and tokens in the chain. */
  readonly hops?: number;
  /** The names of all candidates, in alphabetical order. */
  readonly candidates?: readonly string[];
  readonly flags?: readonly string[];
}

export interface StoryEvent {
  readonly event: AuditEvent;
  readonly answer: Answer;
  /** One line for the reader of the table. */
  readonly shows: string;
}

export interface Scene {
  readonly trail: readonly TrailRecord[];
  readonly events: readonly StoryEvent[];
}

/** Somebody at work on a cluster. All events of a session have the same user block, source IP and answer. */
export interface At {
  readonly cluster: Cluster;
  readonly user: KubernetesUser;
  readonly ips: readonly string[];
  readonly answer: Answer;
  readonly shows: string;
  readonly userAgent?: string;
}

type Rest = Partial<Omit<AuditOptions, 'at' | 'request' | 'cluster' | 'user'>> & {
  shows?: string;
  answer?: Answer;
  body?: JsonObject;
};

/** Returns one request by them. */
export function does(who: At, at: string, request: Request, rest: Rest = {}): StoryEvent {
  const { cluster, user, ips, userAgent } = who;
  const { shows = who.shows, answer = who.answer, body, ...options } = rest;
  const withBody = body ? { ...request, body } : request;
  const agent = userAgent ? { userAgent } : {};
  return { event: auditEvent({ cluster, user, ips, at, request: withBody, ...agent, ...options }), answer, shows };
}

/** Returns several scenes as one. */
export function together(...scenes: readonly Scene[]): Scene {
  return { trail: scenes.flatMap((scene) => scene.trail), events: scenes.flatMap((scene) => scene.events) };
}

/** Returns the answer for an IAM user who is matched by the access key of the session. */
export function iamUserByKey(user: IamUser, hops: number, flags: readonly string[] = []): Answer {
  return { status: 'attributed', method: 'access-key', actorKind: 'iam-user', actorName: user.name, hops, flags };
}

/** Returns an IAM user at work, in prod by default, whom the session's access key identifies. */
export function atWork(
  user: IamUser,
  session: Session,
  as: Parameters<typeof sessionUser>[1],
  shows: string,
  { flags = [], ...rest }: Partial<At> & Pick<Answer, 'flags'> = {},
): At {
  const answer = iamUserByKey(user, 1, flags);
  return { cluster: PROD, user: sessionUser(session, as), ips: [user.ip], answer, shows, ...rest };
}

export const SYSTEM: Answer = { status: 'system' };
