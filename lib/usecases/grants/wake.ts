import type { Facts } from '../../attribution/facts.ts';
import { KnownGrants } from '../../attribution/known-grants.ts';
import { KnownNames } from '../../attribution/known-names.ts';
import { isHeldForGood } from '../../attribution/names-at.ts';
import type { Question } from '../../attribution/questions.ts';
import { reopenClaim } from '../../claims/opening.ts';
import {
  endOfSender,
  isAnsweredForGood,
  parseWaiter,
  questionsAnsweredBy,
  startOfSender,
  waitIds,
} from '../../claims/waits.ts';
import type { NameEnd, NameHolder, NameSighting } from '../../cloudtrail/known-user.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Claims, ClaimWaits, LeftWaits, WaitPage } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { StoredItemError } from '../../ports/stored-items.ts';
import type { EpochMillis } from '../../time.ts';
import { inTurns } from '../../turns.ts';
import { type Faulty, faultyOnes } from '../counting/faulty-items.ts';

/** The stores that are needed to find waiting claims and to make them due. */
export interface WakeStores {
  readonly claims: Claims;
  readonly waits: ClaimWaits;
}

/**
 * Limits how many claims are woken at once, for one account under one key and in all. Settle wakes the rest. Anybody
 * who forges events can make any number of claims wait for the next sign-in of somebody.
 */
const MOST_OF_WAIT = 1_000;
const MOST_WOKEN = 5_000;

/**
 * How many claims of one account settle wakes before the next account has its turn. `MOST_TURNS` limits the turns of an
 * account in one run.
 */
const TURN = 100;
const MOST_TURNS = 10;

/**
 * Makes the claims that wait for one of these facts due at once, including closed ones. If too many claims wait, the
 * accounts that sent their records take turns. The rest is noted for settle (`wakeLeft`). Settle may still be waking an
 * account's claims for an earlier fact. In that case none of them is woken here, and settle wakes all of them once
 * more. So repeated sign-ins do not multiply the work. A wait for the mere existence of a fact is removed once its
 * claim is due.
 * @param but the ID of a claim to leave alone.
 * @returns the faults of claims that cannot be read or written. All other claims are due.
 */
export async function wake(
  facts: readonly Facts[],
  { claims, waits }: WakeStores,
  now: EpochMillis,
  but?: string,
): Promise<readonly StoredItemError[]> {
  const pages = await mapConcurrently(
    questionsAnsweredBy(facts).flatMap((question) => waitIds(question).map((wait) => ({ question, wait }))),
    async ({ question, wait }) => (await firstOfSenders(wait, waits)).map((each) => ({ ...each, question })),
  );
  const found = await mapConcurrently(pages.flat(), async (queue) =>
    queue.isCut && (await waits.repeat({ ...queue, at: now })) ? [] : [queue],
  );
  const queues = found.flat();
  const waiting = queues.flatMap((queue) => queue.waiters.map((waiter) => ({ waiter, queue })));
  const taken = inTurns(waiting, ({ queue }) => [queue.sender]).slice(0, MOST_WOKEN);
  const ofQueue = Map.groupBy(taken, ({ queue }) => queue);
  await mapConcurrently(queues, async (queue) => {
    const { wait, sender, waiters, isCut } = queue;
    const woken = ofQueue.get(queue) ?? [];
    if (!isCut && woken.length === waiters.length) return;
    await waits.leave({ wait, sender, after: woken.at(-1)?.waiter ?? startOfSender(sender), at: now });
  });
  const questions = Map.groupBy(taken, ({ waiter }) => waiter);
  const faulty = await faultyOnes([...questions.keys()], async (waiter) => {
    const { id } = parseWaiter(waiter);
    if (id !== but) await claims.change(id, (claim) => claim && reopenClaim(claim, now));
    const answered = (questions.get(waiter) ?? []).map(({ queue }) => queue.question);
    await waits.remove(waiter, answered.filter(isAnsweredForGood));
  });
  return faulty.map(({ fault }) => fault);
}

/** Claims that wait under one key, all with records of one account. */
interface SenderQueue {
  readonly wait: string;
  readonly sender: string;
  readonly waiters: readonly string[];
  /** Whether more claims of the account wait under the key. */
  readonly isCut: boolean;
}

/** Returns the first claims of each account that wait under the key. It takes one request unless many claims wait. */
async function firstOfSenders(wait: string, waits: ClaimWaits): Promise<readonly SenderQueue[]> {
  const queues: SenderQueue[] = [];
  for (let start: string | undefined; ; ) {
    const page = await waits.page(wait, MOST_OF_WAIT, start);
    const senders = Map.groupBy(page.waiters, (waiter) => parseWaiter(waiter).sender);
    const last = page.after === undefined ? undefined : parseWaiter(page.after).sender;
    const isOfOne = last !== undefined && senders.size === 1 && senders.has(last);
    // A page can begin with other accounts and end within this one. Then it has too few claims of it, and they are read
    // again.
    if (last !== undefined && !isOfOne) senders.delete(last);
    queues.push(...[...senders].map(([sender, waiters]) => ({ wait, sender, waiters, isCut: isOfOne })));
    if (last === undefined) return queues;
    start = isOfOne ? endOfSender(last) : nextStart(page, last);
  }
}

/**
 * Returns where the claims of the page's last account begin. If the page has only expired waits, returns where the next
 * page begins.
 */
function nextStart({ waiters, after }: WaitPage, last: string): string | undefined {
  return waiters.length === 0 ? after : startOfSender(last);
}

/**
 * Wakes the claims that `wake` left, a hundred of each account in turn. It ends if no claim is left, each account had
 * `MOST_TURNS` turns, or the time is over. If the claims of one account cannot be woken, those of other accounts
 * still are.
 * @returns the claims that cannot be read or written.
 * @throws the first error of an account, after the others had their turns.
 */
export async function wakeLeft(
  stores: WakeStores & { readonly clock: Clock },
  stopAt: EpochMillis,
): Promise<readonly Faulty<string>[]> {
  const { waits, clock } = stores;
  const faulty: Faulty<string>[] = [];
  const errors = new Map<string, unknown>();
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    let left = await waits.left();
    if (left === undefined) break;
    for (; left !== undefined && clock() < stopAt; left = await waits.left(left.sender)) {
      const { sender } = left;
      if (errors.has(sender)) continue;
      await wakeTurn(left, stores).then(
        (of) => faulty.push(...of),
        (error) => errors.set(sender, error),
      );
    }
  }
  if (errors.size > 0) throw [...errors.values()][0];
  return faulty;
}

/** Wakes the next claims of an account, and notes where its next turn begins. */
async function wakeTurn(
  left: LeftWaits,
  { claims, waits, clock }: WakeStores & { readonly clock: Clock },
): Promise<readonly Faulty<string>[]> {
  const { waiters, after } = await waits.page(left.wait, TURN, left.after);
  const own = waiters.map(parseWaiter).filter((each) => each.sender === left.sender);
  const faulty = await faultyOnes(
    own.map(({ id }) => id),
    (id) => claims.change(id, (claim) => claim && reopenClaim(claim, clock())),
  );
  const isMore = own.length === waiters.length && after !== undefined;
  const next = left.again ? { after: startOfSender(left.sender) } : undefined;
  await waits.advance(left, isMore ? { after, again: left.again } : next);
  return faulty;
}

/** The claim whose look-up found the facts. Settle is working on it, so it is woken only if it has final records. */
export interface FindingClaim {
  readonly id: string;
  readonly hasFinal: boolean;
}

/**
 * Stores facts that look-ups found, and wakes the claims that wait for them. It wakes claims before it stores the
 * facts, so that a crash in between loses no claim. It wakes them again afterwards, for claims that began to wait
 * meanwhile. New facts may change final records of the claim that looked them up. So all records of that claim are
 * decided again after its pass. Claims that cannot be changed are left to settle, which reports them.
 */
export async function keepFound(
  found: readonly Facts[],
  stores: WakeStores & { readonly sessions: SessionStore },
  now: EpochMillis,
  by?: FindingClaim,
): Promise<void> {
  const facts = await stores.sessions.missing(found);
  if (facts.length === 0) return;
  await wake(await withoutKnownNames(facts, stores.sessions), stores, now, by?.id);
  if (by?.hasFinal === true) {
    await stores.claims.change(by.id, (claim) => claim && { ...reopenClaim(claim, now), rounds: claim.rounds });
  }
  await stores.sessions.add(facts);
  await wake(await withoutKnownNames(facts, stores.sessions), stores, now, by?.id);
}

/**
 * Leaves out names that change no answer, because most users are seen under the same name each hour. Call it again
 * after the facts are stored, since another name may arrive at the same time.
 */
export async function withoutKnownNames(facts: readonly Facts[], sessions: SessionStore): Promise<readonly Facts[]> {
  const firsts = firstNames(facts);
  return mapConcurrently(facts, async (fact) => {
    const { sightings, holders, nameEnds } = fact;
    if (sightings === undefined && holders === undefined && nameEnds === undefined) return fact;
    return {
      ...fact,
      sightings: await filtered(sightings, async (each) => firsts.has(each) && !(await isRepeated(each, sessions))),
      holders: await filtered(holders, async (each) => firsts.has(each) && !(await isBegun(each, sessions))),
      nameEnds: await filtered(nameEnds, async (each) => !(await isOfMany(each, each.at, sessions))),
    };
  });
}

/** Returns the first of all sightings that state the same. A delivery may have thousands of records of one user. */
function firstNames(facts: readonly Facts[]): ReadonlySet<NameSighting | NameHolder> {
  const known = new KnownNames();
  for (const fact of facts) known.add(fact);
  const userIds = new Set(facts.flatMap(({ sightings = [] }) => sightings.map(({ userId }) => userId)));
  const names = new Set(facts.flatMap(({ holders = [] }) => holders.map(({ name }) => name)));
  return new Set([
    ...[...userIds].flatMap((userId) => known.sightingsOf(userId)),
    ...[...names].flatMap((name) => known.holdersOf(name).holders),
  ]);
}

async function filtered<T>(names: readonly T[] | undefined, isKept: (name: T) => Promise<boolean>) {
  const kept = await mapConcurrently(names ?? [], isKept);
  return names?.filter((_, at) => kept[at] === true);
}

/** Returns whether the user's previous sighting has the same name. */
async function isRepeated(sighting: NameSighting, sessions: SessionStore): Promise<boolean> {
  const { userId, name, at } = sighting;
  const known = await knownOf({ kind: 'user-of-id', userId }, at, sessions);
  const others = known.sightingsOf(userId).filter((each) => each.at !== at || each.name !== name);
  const before = others.findLast((each) => each.at <= at);
  return before !== undefined && before.name === name && before.at < at;
}

/** Returns whether the user is known to have had the name before that time. */
async function isBegun(holder: NameHolder, sessions: SessionStore): Promise<boolean> {
  const { name, userId, accountId, from } = holder;
  if (userId === undefined && accountId !== undefined) return isOfMany(holder, from, sessions);
  const known = await knownOf({ kind: 'user-of-name', name }, from, sessions);
  const others = known.holdersOf(name);
  const isSame = (each: NameHolder) => each.userId === userId && (userId !== undefined || each.accountId === undefined);
  return others.holders.some((each) => isSame(each) && each.from < from) || isHeldForGood(others, from);
}

/** Returns whether so many users had the name by then that one more user changes no answer. */
async function isOfMany({ name }: NameHolder | NameEnd, at: EpochMillis, sessions: SessionStore): Promise<boolean> {
  return isHeldForGood((await knownOf({ kind: 'user-of-name', name }, at, sessions)).holdersOf(name), at);
}

async function knownOf(question: Question, moment: EpochMillis, sessions: SessionStore): Promise<KnownGrants> {
  const known = new KnownGrants();
  for (const facts of await sessions.answer([question], moment)) known.add(facts);
  return known;
}
