import fc from 'fast-check';
import { expect } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { type Claim, LISTED_STATUSES, type ListedStatus } from '../../lib/claims/claim.ts';
import { finishPass } from '../../lib/claims/finish.ts';
import { openClaim } from '../../lib/claims/opening.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { formatInstant, HOUR, MINUTE, SECOND } from '../../lib/time.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { listSessions } from '../../lib/usecases/query/sessions-query.ts';
import { claimsUpTo, endOfOpenRange } from '../../lib/usecases/query/up-to-now.ts';
import type { QueriedTables } from '../../lib/usecases/query/visible-tables.ts';
import { OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { accountOnly } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { intent } from '../contract/intents.ts';
import { later } from '../contract/now.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { SetClock } from '../usecases/service.ts';

/** A change between two pages: a session acts again, is filed under another status, or is new. Times are in minutes. */
export type Move =
  | { readonly kind: 'acts'; readonly which: number; readonly minute: number }
  | { readonly kind: 'filed'; readonly which: number; readonly status: ListedStatus }
  | { readonly kind: 'new'; readonly minute: number; readonly status: ListedStatus };

export interface FirstClaim {
  readonly status: ListedStatus;
  readonly minute: number;
}

/** Behind the first two and a half hours they are of the future. */
const minute = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 300 }));
const status = fc.constantFrom(...LISTED_STATUSES);
const which = fc.nat({ max: 20 });
const move: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constant('acts' as const), which, minute }),
  fc.record({ kind: fc.constant('filed' as const), which, status }),
  fc.record({ kind: fc.constant('new' as const), minute, status }),
);

export const stories = fc.record({
  begun: fc.array(fc.record({ status, minute }), { maxLength: 9 }),
  /** Between each two pages, as long as there are any. */
  moves: fc.array(fc.array(move, { maxLength: 3 }), { maxLength: 14 }),
  limit: fc.integer({ min: 1, max: 5 }),
  wanted: fc.option(status, { nil: undefined }),
});

const EMPTY_SUMMARY = {
  count: 1,
  liveStatuses: [],
  reasons: [],
  causes: [],
  actors: [],
  clusters: [],
  verbs: [],
  namespaces: [],
  senders: [],
  open: 0,
};
/** More pages than any of the stories has. */
const MOST_PAGES = 200;

type Between = (page: number, cursor: string) => Promise<unknown>;

/** The tables of the stories. */
type MovingTables = Omit<QueriedTables, 'counts' | 'notes' | 'heartbeats' | 'volumes'>;

/** Claims with a partial record each, whatever else they have that makes their own status graver. */
export class MovingClaims {
  readonly #stores: MovingTables;
  readonly #clock: SetClock;
  readonly #ids: string[] = [];

  constructor(stores: MovingTables, clock: SetClock) {
    this.#stores = stores;
    this.#clock = clock;
  }

  /** @returns their ids. */
  async begin(begun: readonly FirstClaim[]): Promise<readonly string[]> {
    for (const each of begun) await this.#open(each);
    this.#clock.pass(2 * HOUR);
    return [...this.#ids];
  }

  /** @returns the ids of those that were filed under another status. */
  async happen(moves: readonly Move[]): Promise<readonly string[]> {
    const filed: string[] = [];
    for (const each of moves) {
      this.#clock.pass(SECOND);
      if (each.kind === 'new') await this.#open(each);
      if (each.kind === 'new' || this.#ids.length === 0) continue;
      const id = this.idOf(each.which);
      if (each.kind === 'acts') await this.#act(id, each.minute, 'partial');
      if (each.kind !== 'filed') continue;
      await this.#change(id, (claim) => filedAnew(claim, each.status, this.#clock));
      filed.push(id);
    }
    return filed;
  }

  /** The ids of the rows of all pages. */
  async sessions(
    { limit, wanted }: { readonly limit: number; readonly wanted?: ListedStatus | undefined },
    between: Between,
  ): Promise<readonly string[]> {
    return paged(between, async (cursor) => {
      const { sessions, ...page } = await listSessions(
        { status: wanted, limit, cursor },
        claimsUpTo(this.#stores.claims, this.#end),
      );
      return { found: sessions.map(({ id }) => id), ...page };
    });
  }

  /** The audit IDs of the partial records of all pages: claim ids, behind a dot the number of a later record. */
  async records(limit: number, between: Between): Promise<readonly string[]> {
    return paged(between, async (cursor) => {
      const question = asking({ status: 'partial' });
      const { records, ...page } = await queryRecords({ question, limit, cursor }, { ...this.#stores, end: this.#end });
      return { found: records.map(({ auditId }) => auditId), ...page };
    });
  }

  get #end() {
    return endOfOpenRange(this.#clock.now());
  }

  idOf(which: number): string {
    return this.#ids[which % this.#ids.length] ?? '';
  }

  async #open({ minute: at, status: first }: FirstClaim): Promise<void> {
    const id = sha256(`claim ${this.#ids.length}`);
    this.#ids.push(id);
    await this.#act(id, at, first);
  }

  async #act(id: string, at: number, as: ListedStatus): Promise<void> {
    const time = later(at * MINUTE + this.#ids.length);
    const meant = intent(id, { status: as, first: time, last: time });
    const before = await this.#change(id, (claim) => openClaim(claim, meant, this.#clock.now()));
    await this.#stores.records.insert([partialRecord(before, `${id}.${before.rounds}.${this.#clock.now()}`, time)]);
  }

  async #change(id: string, change: (claim: Claim | undefined) => Claim | undefined): Promise<Claim> {
    const changed = await this.#stores.claims.change(id, change);
    if (changed === undefined) throw new Error(`No claim ${id}.`);
    return changed;
  }
}

const PARTIAL = storedRecord({}, [grant({ by: accountOnly(OTHER_ACCOUNT, 'AROAOTHER') })]).record.attribution;

function partialRecord({ id, session }: Claim, auditID: string, at: ReturnType<typeof later>): StoredRecord {
  const stored = storedRecord({ auditID, requestReceivedTimestamp: formatInstant(at) });
  return { ...stored, claimId: id, session, record: { ...stored.record, attribution: PARTIAL } };
}

/** Returns the claim after settle's pass over its records, which found this status. */
function filedAnew(claim: Claim | undefined, as: ListedStatus, clock: SetClock): Claim | undefined {
  if (claim === undefined) return undefined;
  const pass = { startedAt: clock.now(), summary: { ...EMPTY_SUMMARY, statuses: [as, 'partial'] as const } };
  return finishPass(claim, { pass, notice: undefined, lookedUp: { read: [], isUnfinished: false } }, clock.now());
}

async function paged(
  between: Between,
  read: (cursor: string | undefined) => Promise<{ readonly found: readonly string[]; readonly cursor?: string }>,
): Promise<readonly string[]> {
  const all: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await read(cursor);
    all.push(...answer.found);
    cursor = answer.cursor;
    if (cursor === undefined) return all;
    await between(page, cursor);
  }
  throw new Error('The answer has no end.');
}

export function startingClock(): SetClock {
  return new SetClock(utc('12:30:00'));
}

if (PARTIAL.status !== 'partial') throw new Error('The record is meant to be partial.');

type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never;

/** Checks that each session of the beginning has exactly one row. With a status, a session that was moved may have none. */
export async function checkSessions({ begun, moves, limit, wanted }: Story, claims: MovingClaims): Promise<void> {
  const ids = await claims.begin(begun);
  const were = ids.filter((_id, at) => wanted === undefined || begun[at]?.status === wanted);
  const filed = new Set<string>();
  const rows = await claims.sessions({ limit, wanted }, async (page) => {
    for (const id of await claims.happen(moves[page] ?? [])) filed.add(id);
  });
  expect(rows.toSorted()).toEqual([...new Set(rows)].toSorted());
  const stayed = were.filter((id) => wanted === undefined || !filed.has(id));
  expect(stayed.filter((id) => !rows.includes(id))).toEqual([]);
}

/** Checks that each record of the beginning comes exactly once. */
export async function checkRecords({ begun, moves, limit }: Story, claims: MovingClaims): Promise<void> {
  const ids = await claims.begin(begun);
  const found = await claims.records(limit, (page) => claims.happen(moves[page] ?? []));
  expect(found.toSorted()).toEqual([...new Set(found)].toSorted());
  expect(ids.filter((id) => !found.some((each) => each.startsWith(`${id}.`)))).toEqual([]);
}

/** More than a cursor has room for: a session each minute. */
const MANY = 1_200;
/** After so many pages nothing moves any more. */
const LAST_MOVE = 8;

/** Checks that each of them comes, and twice only if it moved while pages were read, and that no cursor makes a URL too long. */
export async function checkMany(
  claims: MovingClaims,
  read: (claims: MovingClaims, between: Between) => Promise<readonly string[]>,
): Promise<void> {
  const begun = Array.from({ length: MANY }, (_, at) => ({ status: 'partial', minute: at }) as const);
  const ids = await claims.begin(begun);
  const moved = new Set<string>();
  const found = await read(claims, async (page, cursor) => {
    expect(cursor.length).toBeLessThanOrEqual(6_000);
    if (page > LAST_MOVE) return;
    // One that was read first or last, one between, and one far down; late events bring them where much was read, or not yet.
    for (const which of [MANY - 1 - page, 300 + 97 * page, page]) {
      moved.add(claims.idOf(which));
      await claims.happen([{ kind: 'acts', which, minute: which + 400 }]);
    }
  });
  const counts = Map.groupBy(found, (each) => each.replace(/\..*/, ''));
  expect(ids.filter((id) => !counts.has(id))).toEqual([]);
  expect(ids.filter((id) => (counts.get(id)?.length ?? 0) > 1 && !moved.has(id))).toEqual([]);
}
