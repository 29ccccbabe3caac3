import { assumedRoleRef, pathlessRoleArn, roleRef } from '../identity/arn.ts';
import { filledTextAt, type JsonObject, objectAt } from '../json.ts';
import { MARKS } from './known-proxies.ts';

/**
 * Audit events that one caller made in the name of people. What the API server authenticated is the caller alone: names
 * and marks are the caller's word.
 */
export interface Impersonation {
  readonly username: string | undefined;
  readonly uid: string | undefined;
  /** Of a role session, without its path; undefined where the event states no role. */
  readonly roleArn: string | undefined;
  readonly cluster: string | undefined;
  readonly events: number;
  /** Some of those who were named. */
  readonly names: readonly string[];
  /** Whether there are others than these. */
  readonly more: boolean;
  /** Which of the keys that known proxies write were seen. */
  readonly marks: readonly string[];
}

/** So many names are kept of each caller. */
const MOST_NAMES = 3;

/**
 * What an audit event says of an impersonation; undefined where there is none, and where a component is named (`system:…`).
 * The API server writes `impersonatedUser` only where it allowed the impersonation (k8s.io/apiserver,
 * pkg/endpoints/filters/impersonation.go: `audit.LogImpersonatedUser` comes after the authorizer).
 */
export function impersonationOf(event: JsonObject, cluster: string | undefined): Impersonation | undefined {
  const [user, impersonated] = [objectAt(event, 'user'), objectAt(event, 'impersonatedUser')];
  const name = filledTextAt(impersonated, 'username');
  if (user === undefined || name === undefined || name.startsWith('system:')) return undefined;
  const keys = Object.keys(objectAt(impersonated, 'extra') ?? {}).map((key) => key.toLowerCase());
  return {
    username: filledTextAt(user, 'username'),
    uid: filledTextAt(user, 'uid'),
    roleArn: roleOf(objectAt(user, 'extra')),
    cluster,
    events: 1,
    names: [name],
    more: false,
    marks: MARKS.filter((mark) => keys.includes(mark)),
  };
}

function roleOf(extra: JsonObject | undefined): string | undefined {
  const texts = Object.entries(extra ?? {}).flatMap(([key, value]) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return /^(?:canonicalArn|arn)$/i.test(key) && typeof first === 'string' ? [first] : [];
  });
  return texts.flatMap((arn) => roleArnOf(arn) ?? [])[0];
}

/** The role's ARN without its path, be it stated as a role's or as its session's. */
function roleArnOf(arn: string): string | undefined {
  const role = roleRef(arn) ?? assumedRoleRef(arn);
  return role && pathlessRoleArn(role, arn);
}

/** Adds up impersonations of one caller in one cluster; there can be as many callers as there are identities. */
export class Impersonations {
  readonly #found = new Map<string, Impersonation>();

  add(one: Impersonation | undefined): void {
    if (one === undefined) return;
    const key = JSON.stringify([one.username, one.roleArn ?? one.uid, one.cluster]);
    const before = this.#found.get(key);
    this.#found.set(key, before === undefined ? one : together(before, one));
  }

  all(): readonly Impersonation[] {
    return [...this.#found.values()];
  }
}

export function together(one: Impersonation, other: Impersonation): Impersonation {
  const names = [...new Set([...one.names, ...other.names])];
  return {
    ...one,
    events: one.events + other.events,
    names: names.slice(0, MOST_NAMES),
    more: one.more || other.more || names.length > MOST_NAMES,
    marks: [...new Set([...one.marks, ...other.marks])],
  };
}

/** The most groups that a Logs Insights query can answer with (CloudWatch Logs quotas, "Logs Insights results"). */
const MOST_GROUPS = 10_000;

const marked = MARKS.map((mark, index) => `max(strcontains(@message, "${mark}")) as mark${index}`).join(', ');

/**
 * Logs Insights: who made requests in the name of people, by caller. Marks are looked for in the whole message, bodies
 * too: they tell what a proxy looks like, and are no reason to trust it.
 */
export const IMPERSONATIONS = `filter @logStream like /^kube-apiserver-audit/ and ispresent(impersonatedUser.username) and impersonatedUser.username not like /^system:/ | stats count(*) as events, count_distinct(impersonatedUser.username) as names, latest(impersonatedUser.username) as name, ${marked} by user.username, user.uid, user.extra.canonicalArn.0 | limit ${MOST_GROUPS}`;

/** One row of the answer, its values by field. */
export function readImpersonation(row: ReadonlyMap<string, string>, cluster: string): Impersonation {
  const text = (field: string) => row.get(field) || undefined;
  const arn = text('user.extra.canonicalArn.0');
  const name = text('name');
  return {
    username: text('user.username'),
    uid: text('user.uid'),
    roleArn: arn && roleArnOf(arn),
    cluster,
    events: Number(text('events') ?? 0),
    names: name === undefined ? [] : [name],
    more: Number(text('names') ?? 0) > 1,
    marks: MARKS.filter((_, index) => text(`mark${index}`) === '1'),
  };
}
