import type { Facts } from '../../attribution/facts.ts';
import { KnownGrants } from '../../attribution/known-grants.ts';
import { KnownNames } from '../../attribution/known-names.ts';
import { isBorneForGood } from '../../attribution/names-at.ts';
import type { Question } from '../../attribution/questions.ts';
import { reopenClaim } from '../../claims/opening.ts';
import { isAnsweredForGood, questionsAnsweredBy, waitIds } from '../../claims/waits.ts';
import type { NameBearer, NameEnd, NameSighting } from '../../cloudtrail/known-user.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { Claims, ClaimWaits } from '../../ports/claims.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { StoredItemError } from '../../ports/stored-items.ts';
import type { EpochMillis } from '../../time.ts';
import { type Faulty, faultyOnes } from '../counting/faulty-items.ts';

/** Stores needed to find waiting claims and to make them due. */
export interface WakeStores {
  readonly claims: Claims;
  readonly waits: ClaimWaits;
}

/**
 * The most claims under one key that are woken at once, and the number at which the keys that follow are left to settle. Whoever can forge
 * events can let any number of claims wait for another one's next sign-in.
 */
const MOST_OF_WAIT = 1_000;
const MOST_WOKEN = 5_000;

/**
 * Makes the claims that wait for one of these facts due at once, including closed ones. If too many wait, it notes that settle has to
 * wake the rest (`wakeLeft`). A wait for the mere existence of a fact is removed once the claim is due.
 * @param but ID of a claim to leave alone.
 * @returns the faults of claims that cannot be read or written; the other claims are due.
 */
export async function wake(
  facts: readonly Facts[],
  { claims, waits }: WakeStores,
  now: EpochMillis,
  but?: string,
): Promise<readonly StoredItemError[]> {
  const pages = await mapConcurrently(
    questionsAnsweredBy(facts).flatMap((question) => waitIds(question).map((wait) => ({ question, wait }))),
    async (each) => ({ ...each, ...(await waits.page(each.wait, MOST_OF_WAIT)) }),
  );
  let woken = 0;
  const waiting = pages.filter(({ ids }) => {
    const hasRoom = woken < MOST_WOKEN;
    woken += ids.length;
    return hasRoom;
  });
  const isWoken = new Set(waiting);
  await mapConcurrently(pages, async (page) => {
    const { wait, after } = isWoken.has(page) ? page : { ...page, after: '' };
    if (after !== undefined) await waits.leave({ wait, after, at: now });
  });
  const ids = [...new Set(waiting.flatMap((each) => each.ids))];
  const faulty = await faultyOnes(ids, async (id) => {
    if (id !== but) await claims.change(id, (claim) => claim && reopenClaim(claim, now));
    const answered = waiting.flatMap((each) => (each.ids.includes(id) ? [each.question] : []));
    await waits.remove(id, answered.filter(isAnsweredForGood));
  });
  return faulty.map(({ fault }) => fault);
}

/**
 * Wakes claims that `wake` left: of each key as many as it does at once, so that the keys take turns.
 * @returns the claims that cannot be read or written.
 */
export async function wakeLeft(
  { claims, waits, clock }: WakeStores & { readonly clock: Clock },
  stopAt: EpochMillis,
): Promise<readonly Faulty<string>[]> {
  const faulty: Faulty<string>[] = [];
  for (const left of await waits.left(MOST_OF_WAIT)) {
    if (clock() >= stopAt) break;
    const { ids, after } = await waits.page(left.wait, MOST_OF_WAIT, left.after);
    const wakeOne = (id: string) => claims.change(id, (claim) => claim && reopenClaim(claim, clock()));
    faulty.push(...(await faultyOnes(ids, wakeOne)));
    await waits.advance(left, after);
  }
  return faulty;
}

/** The claim whose look-up found the facts. Settle is working on it, so it is woken only if it has final records. */
export interface FoundBy {
  readonly id: string;
  readonly hasFinal: boolean;
}

/**
 * Stores facts that look-ups found, and wakes the claims that wait for them. It wakes them before it stores the facts, so
 * that a crash in between loses none, and again afterwards, for claims that began to wait meanwhile. Settle reports claims
 * that cannot be changed. New facts may change final records of the claim that looked them up, so all of its records are
 * decided again after its pass.
 */
export async function keepFound(
  found: readonly Facts[],
  stores: WakeStores & { readonly sessions: SessionStore },
  now: EpochMillis,
  by?: FoundBy,
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
 * Returns the facts without the names that change no answer: most users are seen under the same name each hour. Call it
 * again after the facts are stored, since another name may arrive at the same time.
 */
export async function withoutKnownNames(facts: readonly Facts[], sessions: SessionStore): Promise<readonly Facts[]> {
  const firsts = firstNames(facts);
  return mapConcurrently(facts, async (fact) => {
    const { sightings, bearers, nameEnds } = fact;
    if (sightings === undefined && bearers === undefined && nameEnds === undefined) return fact;
    return {
      ...fact,
      sightings: await filtered(sightings, async (each) => firsts.has(each) && !(await isRepeated(each, sessions))),
      bearers: await filtered(bearers, async (each) => firsts.has(each) && !(await isBegun(each, sessions))),
      nameEnds: await filtered(nameEnds, async (each) => !(await isOfMany(each, each.at, sessions))),
    };
  });
}

/** Returns the first of the sightings that state the same. A delivery may have thousands of records of one user. */
function firstNames(facts: readonly Facts[]): ReadonlySet<NameSighting | NameBearer> {
  const known = new KnownNames();
  for (const fact of facts) known.add(fact);
  const userIds = new Set(facts.flatMap(({ sightings = [] }) => sightings.map(({ userId }) => userId)));
  const names = new Set(facts.flatMap(({ bearers = [] }) => bearers.map(({ name }) => name)));
  return new Set([
    ...[...userIds].flatMap((userId) => known.sightingsOf(userId)),
    ...[...names].flatMap((name) => known.bearersOf(name).bearers),
  ]);
}

async function filtered<T>(names: readonly T[] | undefined, isKept: (name: T) => Promise<boolean>) {
  const kept = await mapConcurrently(names ?? [], isKept);
  return names?.filter((_, at) => kept[at] === true);
}

/** Returns whether the user's sighting before this one has the same name. */
async function isRepeated(sighting: NameSighting, sessions: SessionStore): Promise<boolean> {
  const { userId, name, at } = sighting;
  const known = await knownOf({ kind: 'user-of-id', userId }, at, sessions);
  const others = known.sightingsOf(userId).filter((each) => each.at !== at || each.name !== name);
  const before = others.findLast((each) => each.at <= at);
  return before !== undefined && before.name === name && before.at < at;
}

/** Returns whether the user is known to have borne the name before. */
async function isBegun(bearer: NameBearer, sessions: SessionStore): Promise<boolean> {
  const { name, userId, accountId, from } = bearer;
  if (userId === undefined && accountId !== undefined) return isOfMany(bearer, from, sessions);
  const known = await knownOf({ kind: 'user-of-name', name }, from, sessions);
  const others = known.bearersOf(name);
  const isSame = (each: NameBearer) => each.userId === userId && (userId !== undefined || each.accountId === undefined);
  return others.bearers.some((each) => isSame(each) && each.from < from) || isBorneForGood(others, from);
}

/** Returns whether so many users bore the name by then that one more changes nothing. */
async function isOfMany({ name }: NameBearer | NameEnd, at: EpochMillis, sessions: SessionStore): Promise<boolean> {
  return isBorneForGood((await knownOf({ kind: 'user-of-name', name }, at, sessions)).bearersOf(name), at);
}

async function knownOf(question: Question, moment: EpochMillis, sessions: SessionStore): Promise<KnownGrants> {
  const known = new KnownGrants();
  for (const facts of await sessions.answer([question], moment)) known.add(facts);
  return known;
}
