import type { AuditRecord } from '../../attribution/record.ts';
import { roleOfRecord } from '../../attribution/role-of-record.ts';
import { isTemporaryKey } from '../../identity/access-key.ts';
import { roleRef } from '../../identity/arn.ts';
import { parseInstant } from '../../time.ts';
import type { ReadingExtent } from './request-source.ts';
import { Span } from './requests.ts';

/** What a person can use for the first time, in the order of the report. */
export const USED_KINDS = ['source-ip', 'user-agent', 'role', 'access-key'] as const;
export type UsedKind = (typeof USED_KINDS)[number];

/** What somebody used in the time range, and in no earlier request of theirs that was read. */
export interface FirstUses {
  /** The earliest of each kind first. */
  readonly listed: readonly FirstUse[];
  /** The number of further first uses. */
  readonly left: number;
  /** The earlier requests that were compared. If there are none, nothing can be called new, and `listed` is empty. */
  readonly earlier: { readonly requests: number; readonly from?: string | undefined; readonly isComplete: boolean };
}

export interface FirstUse {
  readonly kind: UsedKind;
  readonly value: string;
  /** The time and the audit ID of the first request in the time range that used it. */
  readonly time?: string | undefined;
  readonly auditId: string;
}

/** Limits the first uses that are listed. */
const MOST_LISTED = 20;
/** Limits the values of one kind that are remembered. A client can state any user agent. */
const MOST_VALUES = 1_000;

type UsedValues = Map<string, { readonly shown: string; readonly first: AuditRecord }>;

/** Collects what somebody used, in the time range and before it. Requests can come in any order and any number. */
export class FirstUsesGathering {
  readonly #used = newValues();
  readonly #before = newValues();
  readonly #earlier = new Span();
  #requests = 0;

  /** Adds a request of the time range. */
  add(record: AuditRecord): void {
    addTo(this.#used, record);
  }

  /** Adds a request from before the time range. */
  addEarlier(record: AuditRecord): void {
    this.#requests += 1;
    this.#earlier.add(record.time);
    addTo(this.#before, record);
  }

  result({ isComplete }: Pick<ReadingExtent, 'isComplete'>): FirstUses {
    const all = this.#requests === 0 ? [] : USED_KINDS.flatMap((kind) => this.#newOf(kind));
    return {
      listed: all.slice(0, MOST_LISTED),
      left: all.length - Math.min(all.length, MOST_LISTED),
      earlier: { requests: this.#requests, from: this.#earlier.first, isComplete },
    };
  }

  #newOf(kind: UsedKind): readonly FirstUse[] {
    const { [kind]: before } = this.#before;
    // If not every earlier value was remembered, a value that is missing may still have been used.
    if (before.size >= MOST_VALUES) return [];
    const found = [...this.#used[kind]].flatMap(([key, { shown, first }]) =>
      before.has(key) ? [] : [{ shown, first }],
    );
    return found
      .sort((a, b) => timeOf(a.first) - timeOf(b.first))
      .map(({ shown, first }) => ({ kind, value: shown, time: first.time, auditId: first.auditId }));
  }
}

function newValues(): Readonly<Record<UsedKind, UsedValues>> {
  return { 'source-ip': new Map(), 'user-agent': new Map(), role: new Map(), 'access-key': new Map() };
}

function addTo(values: Readonly<Record<UsedKind, UsedValues>>, record: AuditRecord): void {
  for (const kind of USED_KINDS) {
    const used = USES[kind](record);
    if (used === undefined) continue;
    const known = values[kind].get(used.key);
    if (known === undefined && values[kind].size >= MOST_VALUES) continue;
    if (known === undefined || timeOf(record) < timeOf(known.first))
      values[kind].set(used.key, { shown: used.shown, first: record });
  }
}

interface UsedValue {
  readonly key: string;
  readonly shown: string;
}

const USES: Readonly<Record<UsedKind, (record: AuditRecord) => UsedValue | undefined>> = {
  'source-ip': ({ source }) => sameAsShown(source?.ips?.at(-1)),
  'user-agent': ({ source }) => sameAsShown(source?.userAgent),
  role: roleUse,
  // Each session has another temporary key, so only long-term keys tell something.
  'access-key': ({ caller: { accessKeyId: key } }) =>
    key !== undefined && !isTemporaryKey(key) ? sameAsShown(key) : undefined,
};

function sameAsShown(text: string | undefined): UsedValue | undefined {
  return text === undefined ? undefined : { key: text, shown: text };
}

/** Returns the role: by its ID, which every event with a role states. A role that was created again has another one. */
function roleUse(record: AuditRecord): UsedValue | undefined {
  const role = roleOfRecord(record);
  if (role === undefined) return undefined;
  const arn = role.arns.find((each) => roleRef(each) !== undefined) ?? role.arns[0];
  const key = role.roleId ?? arn;
  return key === undefined ? undefined : { key, shown: arn ?? key };
}

function timeOf({ time }: AuditRecord): number {
  return (time === undefined ? undefined : parseInstant(time)) ?? Number.MAX_SAFE_INTEGER;
}
