import type { Question } from '../../attribution/questions.ts';
import { type ReadRange, unread } from '../../claims/read-range.ts';
import { filingId, questionsAnsweredBy } from '../../claims/waits.ts';
import { GRANT_EVENTS } from '../../cloudtrail/evidence-events.ts';
import { readHistoryPage } from '../../cloudtrail/history-page.ts';
import type { TrailFacts } from '../../cloudtrail/record.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SweptHistory, TrailHistory } from '../../ports/histories.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import { type EpochMillis, epochMillis, HOUR } from '../../time.ts';
import { keepFound } from '../grants/wake.ts';
import type { WantingClaim } from './look-up-order.ts';

export interface SweepService {
  readonly sessions: SessionStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly clock: Clock;
  /**
   * CloudTrail's event histories, one for each account and Region, which are read page by page. If absent, only
   * look-ups by name or key are made.
   */
  readonly histories?: readonly TrailHistory[] | undefined;
  readonly swept?: SweptHistory | undefined;
}

/**
 * The largest number of names and keys for which single look-ups are cheaper than whole pages. A page has as many
 * events.
 */
export const FEW = 50;

/** The number of pages without a wanted name or key after which single look-ups are cheaper. */
export const FRUITLESS = 5;

/** How long before the first event grants are read, in milliseconds. This is the length of the longest role session. */
const BEFORE = 12 * HOUR;

/**
 * Reads whole pages of grants, the newest first, if more names and keys are wanted than a page has events. It goes on
 * in each account and Region while pages find at least as much as single look-ups would. The grants are stored.
 * @returns the `filingId` of each wanted question that was answered.
 */
export async function sweepGrants(
  wanting: readonly WantingClaim[],
  service: SweepService,
  stopAt: EpochMillis,
): Promise<ReadonlySet<string>> {
  const { histories = [], clock } = service;
  const found = new Set<string>();
  const wanted = new Set(wanting.flatMap((each) => each.wanted.filter(isSought).map(filingId)));
  if (wanted.size <= FEW) return found;
  const times = wanting.flatMap(({ claim: { first, last } }) => [first ?? [], last ?? []].flat());
  const from = epochMillis(Math.min(...times) - BEFORE);
  const to = epochMillis(Math.min(clock(), Math.max(...times)));
  if (!(from < to)) return found;
  const sweep = { wanted, found, from, to, stopAt };
  await Promise.all(histories.map((history) => sweepHistory(history, sweep, service)));
  return found;
}

interface Sweep {
  readonly wanted: ReadonlySet<string>;
  readonly found: Set<string>;
  readonly from: EpochMillis;
  readonly to: EpochMillis;
  readonly stopAt: EpochMillis;
}

function isSought({ kind }: Question): boolean {
  return kind === 'grants-of-key' || kind === 'grants-of-session' || kind === 'grants-of-token';
}

async function sweepHistory(history: TrailHistory, sweep: Sweep, service: SweepService): Promise<void> {
  for (const eventName of GRANT_EVENTS) {
    const { from, to } = sweep;
    const range = { scope: history.name, lookup: `EventName ${eventName}`, from, to };
    const { read } = service.swept?.of(range, service.clock()) ?? { read: [] };
    let fruitless = 0;
    for (const part of unread(range, read)) {
      const left = await sweepRange(history, eventName, part, { ...sweep, fruitless }, service);
      if (left === undefined) break;
      fruitless = left;
    }
  }
}

/**
 * Reads the pages of one event name. Returns the balance of fruitless pages, or undefined if this event name is over.
 */
async function sweepRange(
  history: TrailHistory,
  eventName: string,
  part: ReadRange,
  sweep: Sweep & { readonly fruitless: number },
  service: SweepService,
): Promise<number | undefined> {
  const { clock } = service;
  const begun = clock();
  let { fruitless } = sweep;
  let token: string | undefined;
  for (;;) {
    if (clock() >= sweep.stopAt || fruitless >= FRUITLESS) return undefined;
    const page = await history.page({ eventName, from: part.from, to: part.to }, token).catch(() => undefined);
    if (page === undefined) return undefined; // The look-ups by name report why.
    const { facts, oldest } = readHistoryPage(page.records);
    await keepFound(facts, service, clock());
    fruitless = Math.max(0, fruitless + 1 - noteFound(facts, sweep));
    token = page.nextToken;
    const reached = token === undefined ? part.from : oldest;
    if (reached !== undefined) service.swept?.note({ ...part, from: reached }, [], begun);
    if (token === undefined) return fruitless;
  }
}

/** Adds the wanted questions that the facts answer to those found. Returns how many are new. */
function noteFound(facts: readonly TrailFacts[], { wanted, found }: Sweep): number {
  const before = found.size;
  for (const question of questionsAnsweredBy(facts)) if (wanted.has(filingId(question))) found.add(filingId(question));
  return found.size - before;
}
