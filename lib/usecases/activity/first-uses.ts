import type { AuditRecord } from '../../attribution/record.ts';
import { roleOfRecord } from '../../attribution/role-of-record.ts';
import { isTemporaryKey } from '../../identity/access-key.ts';
import { roleRef } from '../../identity/arn.ts';
import { senderOf } from '../../identity/cluster.ts';
import { type EpochMillis, parseInstant } from '../../time.ts';
import { fewerInTurns } from '../../turns.ts';
import type { ReadingExtent } from './request-source.ts';
import { Span } from './requests.ts';

/** The kinds of values that a person can use for the first time, in the order of the report. */
export const USED_KINDS = ['source-ip', 'user-agent', 'role', 'access-key'] as const;
export type UsedKind = (typeof USED_KINDS)[number];

/** The values that a person used in the time range, but in none of their older requests that were read. */
export interface FirstUses {
  /** The first uses by kind, and the earliest first within each kind. */
  readonly listed: readonly FirstUse[];
  /** The number of further first uses. */
  readonly left: number;
  /** The person's requests that were compared. If there is only one, nothing is called new. */
  readonly compared: ComparedRequests;
}

export interface ComparedRequests {
  readonly requests: number;
  /** How many of the compared requests are from before the time range. */
  readonly before: number;
  /** The time of the earliest compared request. */
  readonly from?: string | undefined;
  /** Whether all of their older requests were read. */
  readonly isComplete: boolean;
  /**
   * The number of the person's requests that were left out of the comparison because a requested token made them.
   * Anybody who has such a token can use it. Absent if there are none.
   */
  readonly withTokens?: number | undefined;
}

export interface FirstUse {
  readonly kind: UsedKind;
  readonly value: string;
  /** The time and the audit ID of the first request that used it. */
  readonly time?: string | undefined;
  readonly auditId: string;
}

/** Limits the first uses that are listed. */
const MOST_LISTED = 20;
/** Limits the values of one kind that are remembered. A client can state any user agent. */
const MOST_VALUES = 1_000;

/** A value that was used, and the earliest request that used it. */
interface Usage {
  readonly shown: string;
  readonly first: AuditRecord;
  /** Whether that request is within the time range. */
  readonly isWithin: boolean;
}

/** The values in the requests that one account handed over, or in those of the hub's own logs. */
class SenderUses {
  readonly span = new Span();
  readonly of: Readonly<Record<UsedKind, Map<string, Usage>>> = {
    'source-ip': new Map(),
    'user-agent': new Map(),
    role: new Map(),
    'access-key': new Map(),
  };

  add(record: AuditRecord, isWithin: boolean): void {
    this.span.add(record.time);
    for (const kind of USED_KINDS) {
      const { key, shown } = USES[kind](record) ?? {};
      if (key === undefined || shown === undefined) continue;
      const { [kind]: used } = this.of;
      const known = used.get(key);
      if (known === undefined && used.size >= MOST_VALUES) continue;
      if (known === undefined || timeOf(record) < timeOf(known.first))
        used.set(key, { shown, first: record, isWithin });
    }
  }
}

/** Counts requests, and how many of them are from before the time range. */
class RequestCount {
  readonly span = new Span();
  requests = 0;
  before = 0;

  add(record: AuditRecord, isWithin: boolean): void {
    this.span.add(record.time);
    this.requests += 1;
    this.before += Number(!isWithin);
  }
}

/**
 * Collects the values that a person used, in the time range and before it. Requests can come in any order and any
 * number. An account can forge requests of anybody in its own log. So a value that was used there does not count as
 * known elsewhere.
 */
export class FirstUsesCollector {
  readonly #own = new SenderUses();
  readonly #senders = new Map<string | undefined, SenderUses>([[undefined, this.#own]]);
  /** The requests by the account that sent them. */
  readonly #counts = new Map<string | undefined, RequestCount>();

  /** Adds a request of the time range. */
  add(record: AuditRecord): void {
    this.#add(record, true);
  }

  /** Adds a request from before the time range, or another one that only serves the comparison. */
  addEarlier(record: AuditRecord): void {
    this.#add(record, false);
  }

  result({ isComplete }: Pick<ReadingExtent, 'isComplete'>): FirstUses {
    const senders = new Map<string, (string | undefined)[]>();
    const placeOf = ({ kind, value }: FirstUse) => `${kind} ${value}`;
    const all = USED_KINDS.flatMap((kind) =>
      firstOfEach(
        [...this.#senders].map(([sender, uses]) => {
          const found = this.#newOf(kind, uses);
          for (const use of found) senders.set(placeOf(use), [...(senders.get(placeOf(use)) ?? []), sender]);
          return found;
        }),
      ),
    );
    return {
      // An account can forge any number of first uses. Those must not hide the first uses of others, even of the same
      // value.
      listed: fewerInTurns(all, (use) => senders.get(placeOf(use)) ?? [], MOST_LISTED),
      left: all.length - Math.min(all.length, MOST_LISTED),
      compared: { ...this.#compared(all.length > 0), isComplete },
    };
  }

  /**
   * Counts the requests that were compared. If nothing is new and some accounts have no older request, it counts only
   * the requests of these accounts. Otherwise older requests that another account forged could suggest a comparison.
   */
  #compared(hasNew: boolean): Omit<ComparedRequests, 'isComplete'> {
    const all = [...this.#counts.values()];
    const alone = hasNew ? [] : all.filter(({ before }) => before === 0);
    const span = new Span();
    let [requests, before] = [0, 0];
    for (const count of alone.length > 0 ? alone : all) {
      span.add(count.span.first);
      requests += count.requests;
      before += count.before;
    }
    return { requests, before, from: span.first };
  }

  #add(record: AuditRecord, isWithin: boolean): void {
    if (isByHolder(record)) return;
    const account = senderOf(record);
    const count = this.#counts.get(account) ?? new RequestCount();
    this.#counts.set(account, count);
    count.add(record, isWithin);
    const sender = record.origin?.handedOverBy;
    const uses = this.#senders.get(sender) ?? new SenderUses();
    this.#senders.set(sender, uses);
    uses.add(record, isWithin);
  }

  /**
   * Returns the values that were first used in the time range. They are compared with older requests of the same sender
   * and of the hub's own logs. Empty if there are none.
   */
  #newOf(kind: UsedKind, { of: { [kind]: used }, span }: SenderUses): readonly FirstUse[] {
    const { [kind]: known } = this.#own.of;
    // If too many values came to remember all of them, a value that seems new may have been used before.
    if (used.size >= MOST_VALUES || known.size >= MOST_VALUES) return [];
    const begins = [span.first, this.#own.span.first].flatMap((each) => instantOf(each) ?? []);
    return [...used]
      .filter(([key, { shown, first, isWithin }]) => {
        const at = instantOf(first.time);
        if (!isWithin || at === undefined || !begins.some((begin) => at > begin)) return false;
        const isKnown = used !== known && timeOf(known.get(key)?.first ?? {}) <= at;
        return !isKnown && [used, known].every((each) => !isShownEarlier(each, key, shown, at));
      })
      .map(([, usage]) => usage)
      .sort((a, b) => timeOf(a.first) - timeOf(b.first))
      .map(({ shown, first }) => ({ kind, value: shown, time: first.time, auditId: first.auditId }));
  }
}

/**
 * Returns the first uses of all senders in the order of time. A value that is new with several senders counts once, by
 * its first use.
 */
function firstOfEach(ofSenders: readonly (readonly FirstUse[])[]): readonly FirstUse[] {
  const isFirst = (use: FirstUse, sender: number) =>
    !ofSenders.some((others, at) =>
      others.some(
        (other) => at !== sender && other.value === use.value && timeOf(other) - timeOf(use) < Number(at < sender),
      ),
    );
  return ofSenders
    .flatMap((uses, sender) => uses.filter((use) => isFirst(use, sender)))
    .sort((a, b) => timeOf(a) - timeOf(b));
}

/**
 * Returns whether an earlier request used the value, but stated only the part that is shown. For example, it stated a
 * role's ARN without its ID.
 */
function isShownEarlier(used: ReadonlyMap<string, Usage>, key: string, shown: string, at: EpochMillis): boolean {
  const others = key === shown ? [...used] : [[shown, used.get(shown)] as const];
  return others.some(([other, usage]) => other !== key && usage?.shown === shown && timeOf(usage.first) <= at);
}

/** The words for each kind. */
export const USED_WORDS: Readonly<Record<UsedKind, string>> = {
  'source-ip': 'source IP',
  'user-agent': 'user agent',
  role: 'role',
  'access-key': 'access key',
};

/** Returns sentences about the requests that were compared, and whether others were not. */
export function comparedText({ listed, compared }: FirstUses): string {
  const { requests, before, from = 'an unknown time', isComplete, withTokens } = compared;
  const tokens = withTokens ? ' Requests with tokens are not compared.' : '';
  if (requests < 2)
    return isComplete
      ? `No other request of theirs is known in the logs of the same account, so nothing can be called new.${tokens}`
      : `It is not known what is new, because older requests of theirs were not read.${tokens}`;
  if (before === 0 && listed.length === 0)
    return `It is not known what is new: none of their ${requests} known requests is from before this time range. The earliest is at ${from}.${olderText(isComplete)}${tokens}`;
  const head = listed.length === 0 ? 'Nothing is new, compared' : 'These values were compared';
  const earlier = before === 0 ? 'None of them is' : before === 1 ? '1 of them is' : `${before} of them are`;
  return `${head} with ${requests} requests by the same actor since ${from}. ${earlier} from before this time range.${olderText(isComplete)}${tokens}`;
}

/**
 * Returns a sentence about the values that one request used first. Undefined if nothing is new. Escape it before
 * display.
 */
export function firstUsesText(uses: FirstUses | undefined): string | undefined {
  const { listed = [], left = 0, compared } = uses ?? {};
  if (listed.length === 0 || compared === undefined) return undefined;
  const { before, from = 'an unknown time', isComplete } = compared;
  const used = listed.map(({ kind, value }) => `${USED_WORDS[kind]} ${value}`).join(', ');
  const more = left > 0 ? ` and ${left} more` : '';
  if (before === 0)
    return `Perhaps new: ${used}${more}. No earlier request of the same actor is known.${olderText(isComplete)}`;
  const them = listed.length + left === 1 ? 'it' : 'any of these';
  return `First use: ${used}${more}. Earlier requests of the same actor, since ${from}: ${before}, none with ${them}.${olderText(isComplete)}`;
}

function olderText(isComplete: boolean): string {
  return isComplete ? '' : ' Older ones were not read.';
}

interface UsedValue {
  readonly key: string;
  readonly shown: string;
}

const USES: Readonly<Record<UsedKind, (record: AuditRecord) => UsedValue | undefined>> = {
  'source-ip': ({ source }) => sameAsShown(source?.ips?.at(-1)),
  'user-agent': ({ source }) => sameAsShown(source?.userAgent),
  role: roleUse,
  // Each session has its own temporary key. So only a new long-term key is worth a mention.
  'access-key': ({ caller: { accessKeyId: key } }) =>
    key !== undefined && !isTemporaryKey(key) ? sameAsShown(key) : undefined,
};

/**
 * Returns whether a token's holder made the request. Such a request says nothing about the person who got the token.
 */
export function isByHolder({ attribution }: AuditRecord): boolean {
  return attribution.method === 'token';
}

function sameAsShown(text: string | undefined): UsedValue | undefined {
  return text === undefined ? undefined : { key: text, shown: text };
}

/** Returns the role. Its key is its ID: a role that was created again has another ID. */
function roleUse(record: AuditRecord): UsedValue | undefined {
  const role = roleOfRecord(record);
  if (role === undefined) return undefined;
  const arn = role.arns.find((each) => roleRef(each) !== undefined) ?? role.arns[0];
  const key = role.roleId ?? arn;
  return key === undefined ? undefined : { key, shown: arn ?? key };
}

function timeOf({ time }: Pick<AuditRecord, 'time'>): number {
  return instantOf(time) ?? Number.MAX_SAFE_INTEGER;
}

function instantOf(time: string | undefined): EpochMillis | undefined {
  return time === undefined ? undefined : parseInstant(time);
}
