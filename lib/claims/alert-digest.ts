import { present } from '../json.ts';
import { type EpochMillis, epochMillis, formatInstant, parseInstant } from '../time.ts';
import { fewerInTurns } from '../turns.ts';
import type { Alert } from './alert.ts';
import type { AlertCause } from './alert-cause.ts';
import { type AlertGroup, gravityOf, groupId } from './alert-group.ts';
import { groupQueries } from './group-queries.ts';
import type { ServiceAddress } from './ready-query.ts';

/** An alert that waits for the digest. Trust: see `Alert`. */
export interface HeldAlert
  extends Pick<
    Alert,
    'claimId' | 'caller' | 'clusters' | 'first' | 'last' | 'count' | 'namespaces' | 'actors' | 'query'
  > {
  readonly group: AlertGroup;
  /** When the alert began to wait, and when it is due. It can wait longer, until the window of the last digest ends. */
  readonly at: EpochMillis;
  readonly due: EpochMillis;
}

/**
 * Limits the characters of each text in an alert that waits. `MOST_NAMES` limits each of its lists. Up to twenty
 * thousand such alerts are in memory at once.
 */
const LONGEST_HELD = 200;
const MOST_NAMES = 6;

/**
 * Returns the alert in the short form in which it waits for the digest. It keeps only some of its names, and its long
 * texts are cut. The texts in its command are not cut.
 */
export function heldOf(alert: Alert, when: Pick<HeldAlert, 'group' | 'at' | 'due'>): HeldAlert {
  const { claimId, caller, clusters, first, last, count, namespaces, actors, query } = alert;
  const { kind, uid, username, sessionName, accessKeyId, arn } = caller;
  const names = (list: readonly string[]) => list.filter(({ length }) => length <= LONGEST_HELD).slice(0, MOST_NAMES);
  return present<HeldAlert>({
    ...{ ...when, claimId, first, last, count, query },
    caller: present({
      kind,
      uid: cut(uid),
      username: cut(username),
      sessionName: cut(sessionName),
      accessKeyId,
      arn: cut(arn),
    }),
    clusters: names(clusters),
    namespaces: names(namespaces),
    actors: actors.slice(0, MOST_NAMES).map((actor) => cut(actor)),
  });
}

function cut(text: string): string;
function cut(text: string | undefined): string | undefined;
function cut(text: string | undefined): string | undefined {
  return text === undefined || text.length <= LONGEST_HELD ? text : `${text.slice(0, LONGEST_HELD - 1)}…`;
}

/** Many alerts as one message. Trust: see `Alert`. */
export interface AlertDigest {
  readonly kind: 'digest';
  /** The time range in which the alerts would have been sent by themselves. */
  readonly from: string;
  readonly to: string;
  /** The number of claims. A claim counts once for each group that it is in. */
  readonly sessions: number;
  /** All causes in the digest. */
  readonly causes: readonly AlertCause[];
  /**
   * The totals for each combination of causes, the gravest first. If there are too many, the accounts that sent the
   * records take turns, so that each has some.
   */
  readonly summary: readonly DigestSummary[];
  /**
   * The totals for each account that sent records, those with the most sessions first. If several accounts sent records
   * of a session, it counts for each of them.
   */
  readonly accounts: readonly DigestAccount[];
  /** The number of accounts that were left out. */
  readonly moreAccounts: number;
  /**
   * The groups, the gravest first, then the rarest. If there are too many, the accounts that sent the records take
   * turns.
   */
  readonly groups: readonly DigestGroup[];
  /** The number of groups that were left out. The totals include them. */
  readonly moreGroups: number;
  /** Whether more alerts wait than this digest has. They are in the next one. */
  readonly hasMore: boolean;
}

export interface DigestAccount {
  /** The account that sent the records. Empty if it is not known. */
  readonly accountId: string;
  readonly groups: number;
  readonly sessions: number;
}

interface Counts {
  readonly sessions: number;
  readonly records: number;
  readonly first?: string;
  readonly last?: string;
  /** Commands that together list all sessions of the group. */
  readonly queries: readonly string[];
}

/** The total of all groups with the same causes. */
export interface DigestSummary extends Counts, Pick<AlertGroup, 'kind' | 'causes'> {
  readonly groups: number;
}

export interface DigestGroup extends Counts, AlertGroup {
  /** The number of these sessions whose actor a later grant has shown since. */
  readonly explained: number;
  /** Some of the sessions. */
  readonly listed: readonly DigestSession[];
}

export interface DigestSession
  extends Pick<HeldAlert, 'claimId' | 'caller' | 'first' | 'last' | 'count' | 'actors' | 'query'> {
  readonly at: string;
}

/** Limits the totals of a digest. Somebody who forges events can combine causes in many ways. */
const MOST_TOTALS = 50;
/** Limits the groups in one message. If there are many groups, each shows fewer sessions. */
const MOST_GROUPS = 100;
const MOST_ACCOUNTS = 20;
const MOST_LISTED = 10;
const MOST_LISTED_IN_ALL = 200;

interface Members {
  readonly group: AlertGroup;
  readonly notices: readonly HeldAlert[];
}

/**
 * Returns the digest of the waiting alerts.
 *
 * @param held at least one alert.
 * @param hasMore whether more alerts wait.
 */
export function digestOf(held: readonly HeldAlert[], at: ServiceAddress | undefined, hasMore = false): AlertDigest {
  const notices = onceEach(held);
  const groups = together(notices, ({ group }) => groupId(group));
  const listed = fewerInTurns(groups, ({ group }) => group.senders, MOST_GROUPS);
  const accounts = accountsOf(groups);
  const most = Math.min(MOST_LISTED, Math.floor(MOST_LISTED_IN_ALL / listed.length));
  const explained = explainedIn(notices);
  const times = notices.map((each) => each.at);
  return {
    kind: 'digest',
    from: formatInstant(epochMillis(times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY))),
    to: formatInstant(epochMillis(times.reduce((a, b) => Math.max(a, b), 0))),
    sessions: notices.length,
    causes: [...new Set(groups.flatMap(({ group }) => group.causes))].sort(),
    summary: summaryOf(notices, groups, at),
    accounts: accounts.slice(0, MOST_ACCOUNTS),
    moreAccounts: Math.max(0, accounts.length - MOST_ACCOUNTS),
    groups: listed.map((members) => ({
      ...members.group,
      ...countsOf(members, at),
      explained: members.notices.filter(explained).length,
      listed: members.notices.slice(0, most).map(sessionOf),
    })),
    moreGroups: groups.length - listed.length,
    hasMore,
  };
}

/**
 * Returns a shorter digest, if the message would be too long. First the totals lose their commands. Then the largest
 * groups lose half of their sessions and commands. So an account with long texts shortens only its own groups. Last,
 * groups are left out. Returns the same digest if nothing can be shortened.
 */
export function shortened(digest: AlertDigest): AlertDigest {
  const { summary, groups, moreGroups } = digest;
  if (summary.some(({ queries }) => queries.length > 0))
    return { ...digest, summary: summary.map((total) => ({ ...total, queries: [] })) };
  const sizes = new Map(groups.filter(hasDetails).map((group) => [group, JSON.stringify(group).length]));
  if (sizes.size > 0) {
    const mean = [...sizes.values()].reduce((sum, size) => sum + size, 0) / sizes.size;
    return { ...digest, groups: groups.map((group) => ((sizes.get(group) ?? 0) >= mean ? withLess(group) : group)) };
  }
  const most = Math.floor(groups.length / 2);
  return groups.length === 0
    ? digest
    : {
        ...digest,
        groups: fewerInTurns(groups, ({ senders }) => senders, most),
        moreGroups: moreGroups + groups.length - most,
      };
}

function hasDetails({ listed, queries }: DigestGroup): boolean {
  return listed.length > 0 || queries.length > 0;
}

/** Returns the group with half of its sessions and commands. If it lists no sessions, it loses its commands. */
function withLess(group: DigestGroup): DigestGroup {
  const { listed, queries } = group;
  if (listed.length === 0) return { ...group, queries: [] };
  const half = Math.floor(listed.length / 2);
  return { ...group, listed: listed.slice(0, half), queries: queries.slice(0, Math.ceil(queries.length / 2)) };
}

function accountsOf(groups: readonly Members[]): readonly DigestAccount[] {
  const totals = new Map<string, DigestAccount>();
  for (const { group, notices } of groups)
    for (const accountId of group.senders) {
      const known = totals.get(accountId) ?? { groups: 0, sessions: 0 };
      totals.set(accountId, { accountId, groups: known.groups + 1, sessions: known.sessions + notices.length });
    }
  return [...totals.values()].sort((a, b) => b.sessions - a.sessions);
}

/** Returns the groups of a digest, the largest first. The caller begins a new window for each of them. */
export function groupsBySize(held: readonly HeldAlert[]): readonly AlertGroup[] {
  const groups = together(onceEach(held), ({ group }) => groupId(group));
  return groups.toSorted((a, b) => b.notices.length - a.notices.length).map(({ group }) => group);
}

/** Removes duplicates. After a crash, an alert may wait twice. The later one is kept, because it knows more. */
function onceEach(held: readonly HeldAlert[]): readonly HeldAlert[] {
  const ordered = held.toSorted((a, b) => a.at - b.at);
  return [...new Map(ordered.map((each) => [`${groupId(each.group)} ${each.claimId}`, each])).values()];
}

/**
 * Groups the alerts, the gravest groups first, then the rarest.
 * @param idOf returns the ID of an alert's group.
 */
function together(notices: readonly HeldAlert[], idOf: (notice: HeldAlert) => string): readonly Members[] {
  const groups = [...Map.groupBy(notices, idOf).values()].flatMap((members) => {
    const [one] = members;
    return one === undefined ? [] : [{ group: one.group, notices: members }];
  });
  return groups.toSorted((a, b) => gravityOf(a.group) - gravityOf(b.group) || a.notices.length - b.notices.length);
}

function summaryOf(
  notices: readonly HeldAlert[],
  groups: readonly Members[],
  at: ServiceAddress | undefined,
): readonly DigestSummary[] {
  const idOf = ({ kind, causes }: AlertGroup) => JSON.stringify([kind, causes]);
  const counts = Map.groupBy(groups, ({ group }) => idOf(group));
  const totals = together(notices, ({ group }) => idOf(group));
  const sendersOf = (members: Members) => [...new Set(members.notices.flatMap(({ group }) => group.senders))];
  return fewerInTurns(totals, sendersOf, MOST_TOTALS).map((members) => {
    const { kind, causes } = members.group;
    return { kind, causes, groups: counts.get(idOf(members.group))?.length ?? 0, ...countsOf(members, at) };
  });
}

function countsOf({ group, notices }: Members, at: ServiceAddress | undefined): Counts {
  const first = extreme(
    notices.map((each) => each.first),
    (a, b) => a < b,
  );
  const last = extreme(
    notices.map((each) => each.last),
    (a, b) => a > b,
  );
  return present<Counts>({
    sessions: notices.length,
    records: notices.reduce((sum, { count }) => sum + count, 0),
    first,
    last,
    queries: groupQueries(group, notices, { first, last }, at),
  });
}

/** Returns a test for alerts: whether the same digest has a later resolution that explains the alert. */
function explainedIn(notices: readonly HeldAlert[]): (notice: HeldAlert) => boolean {
  const resolved = notices.filter(({ group }) => group.kind === 'resolved');
  const resolvedAt = new Map(resolved.map(({ claimId, at }) => [claimId, at]));
  return ({ group, claimId, at }) => group.kind === 'alert' && (resolvedAt.get(claimId) ?? -1) >= at;
}

function sessionOf({ claimId, caller, first, last, count, actors, query, at }: HeldAlert): DigestSession {
  return present<DigestSession>({ claimId, caller, first, last, count, actors, query, at: formatInstant(at) });
}

function extreme(
  texts: readonly (string | undefined)[],
  isBefore: (a: EpochMillis, b: EpochMillis) => boolean,
): string | undefined {
  let found: { readonly text: string; readonly at: EpochMillis } | undefined;
  for (const text of texts) {
    const at = text === undefined ? undefined : parseInstant(text);
    if (text === undefined || at === undefined) continue;
    if (found === undefined || isBefore(at, found.at)) found = { text, at };
  }
  return found?.text;
}
