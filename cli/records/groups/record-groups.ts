import type { Actor } from '../../../lib/attribution/actor.ts';
import type { Flag } from '../../../lib/attribution/flags.ts';
import type { Status } from '../../../lib/attribution/reasons.ts';
import type { AuditRecord, RecordedCaller } from '../../../lib/attribution/record.ts';
import { parseInstant } from '../../../lib/time.ts';

/** Records that are counted together. Its texts come from whoever called: show them escaped. */
export interface RecordGroup {
  /** One of the records, for what they have in common; absent in a group that takes what is too much for rows. */
  readonly like: AuditRecord | undefined;
  readonly status: Status;
  count: number;
  /** Times of the earliest and the latest event, as written; undefined where none is readable. */
  first: string | undefined;
  last: string | undefined;
  readonly clusters: Counts;
  readonly namespaces: Counts;
  readonly verbs: Counts;
  readonly flags: Set<Flag>;
}

/** How often each text came, of the first so many; `''` counts records without one. */
export class Counts {
  readonly #counts = new Map<string, number>();
  /** Records whose text is not among the counted ones: whoever calls can name any namespace. */
  others = 0;

  add(text: string | undefined): void {
    const key = text ?? '';
    const before = this.#counts.get(key);
    if (before === undefined && this.#counts.size >= MOST_TEXTS) this.others += 1;
    else this.#counts.set(key, (before ?? 0) + 1);
  }

  /** The most frequent first. */
  sorted(): readonly (readonly [string, number])[] {
    return [...this.#counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }
}

const MOST_TEXTS = 200;
/** Of each status; about a kilobyte each. */
const MOST_GROUPS = 10_000;

/** Counts records by a key; with more keys than fit, the rest of a status is one group. */
export class RecordGroups {
  readonly #groups = new Map<string, RecordGroup>();
  readonly #keyOf: (record: AuditRecord) => string;
  readonly #perStatus = new Map<Status, number>();

  constructor(keyOf: (record: AuditRecord) => string) {
    this.#keyOf = keyOf;
  }

  add(record: AuditRecord): void {
    const group = this.#groupOf(record);
    group.count += 1;
    const { time } = record;
    if (time !== undefined && parseInstant(time) !== undefined) {
      if (group.first === undefined || isBefore(time, group.first)) group.first = time;
      if (group.last === undefined || isBefore(group.last, time)) group.last = time;
    }
    group.clusters.add(record.cluster);
    group.namespaces.add(record.request?.namespace);
    group.verbs.add(record.request?.verb);
    for (const flag of record.attribution.flags) group.flags.add(flag);
  }

  /** The most frequent first. */
  sorted(): readonly RecordGroup[] {
    return [...this.#groups.values()].sort((a, b) => b.count - a.count || ((a.first ?? '') < (b.first ?? '') ? -1 : 1));
  }

  #groupOf(record: AuditRecord): RecordGroup {
    const { status } = record.attribution;
    const key = this.#keyOf(record);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const number = (this.#perStatus.get(status) ?? 0) + 1;
    const isTooMuch = number > MOST_GROUPS;
    const rest = isTooMuch ? this.#groups.get(`others ${status}`) : undefined;
    if (rest !== undefined) return rest;
    this.#perStatus.set(status, number);
    const group = newGroup(isTooMuch ? undefined : record, status);
    this.#groups.set(isTooMuch ? `others ${status}` : key, group);
    return group;
  }
}

function newGroup(like: AuditRecord | undefined, status: Status): RecordGroup {
  const [clusters, namespaces, verbs] = [new Counts(), new Counts(), new Counts()];
  return { like, status, count: 0, first: undefined, last: undefined, clusters, namespaces, verbs, flags: new Set() };
}

/** Of two readable times. */
function isBefore(time: string, other: string): boolean {
  return Number(parseInstant(time)) < Number(parseInstant(other));
}

/** Who acted: the actor; where none is known, the session that claims; of the cluster's own work the username. */
export function keyOfActor({ attribution, caller }: AuditRecord): string {
  const { status, actor, candidates } = attribution;
  if (actor !== undefined) return JSON.stringify([status, keyOf(actor)]);
  if (status === 'system') return JSON.stringify([status, caller.username]);
  return JSON.stringify([status, keyOfCaller(caller), candidates?.map((each) => keyOf(each.actor))]);
}

/** The session that bears these flags, and who it is. */
export function keyOfFlaggedSession({ attribution, caller }: AuditRecord): string {
  const { status, actor, flags } = attribution;
  return JSON.stringify([status, flags, actor && keyOf(actor), keyOfCaller(caller)]);
}

/** Two actors are one as the contract has it (rule 4); somebody of another account who acts with one's identity is another. */
function keyOf({ kind, accountId, principalId, arn, provider, name, sessionName, workload, delegate }: Actor): unknown {
  const by = delegate?.accountId;
  if (principalId !== undefined && accountId !== undefined) return [accountId, principalId, workload, by];
  return arn === undefined ? [kind, accountId, provider, name, sessionName, workload, by] : [arn, workload, by];
}

/** The session, and who it is, whatever flags its records bear. */
export function keyOfSession({ attribution: { status, actor, candidates }, caller }: AuditRecord): string {
  const who = actor === undefined ? candidates?.map((each) => keyOf(each.actor)) : keyOf(actor);
  return JSON.stringify([status, who, keyOfCaller(caller)]);
}

/** What a claim consists of (CONTRACT, "claim"), but the tokens of one service account are counted together. */
function keyOfCaller({ uid, username, sessionName, accessKeyId }: RecordedCaller): unknown {
  return [uid, username, sessionName, accessKeyId];
}
