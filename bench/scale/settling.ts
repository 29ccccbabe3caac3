import type { Claim } from '../../lib/claims/claim.ts';
import { finishPass, handToLookUps } from '../../lib/claims/finish.ts';
import { openClaim, reopenClaim } from '../../lib/claims/opening.ts';
import { EMPTY_SUMMARY } from '../../lib/claims/summary.ts';
import { epochMillis, MINUTE } from '../../lib/time.ts';
import { inTurns } from '../../lib/turns.ts';
import { DueSessions } from './due-list.ts';
import { Lags } from './lags.ts';
import { LookingUp } from './looking-up.ts';
import { ASSUMED } from './quotas.ts';
import { Random } from './random.ts';
import { SERVICE } from './service.ts';
import type { Sessions } from './sessions.ts';
import type { Setup } from './setup.ts';

/** A run over some lists of due claims. */
interface ListRun {
  readonly lists: readonly DueSessions[];
  readonly at: number;
  readonly stopAt: number;
  /** Claims to look up. Absent if the run makes no look-ups. */
  readonly wanting: Sessions[] | undefined;
}

/** Model of settle: the claims that are due, each minute, by the rules of `lib/claims`, in shards and with workers. */
export class SettleModel {
  readonly named = new Lags();
  /** Delays of unattributed sessions from the deadline to the final answer and its alert. */
  readonly reported = new Lags();
  passes = 0;
  corrections = 0;
  /** Passes during the load, and claims overdue at its end. */
  passesInLoad = 0;
  claimsLeft = 0;
  /** Time of all runs. */
  millis = 0;
  /** Runs of the schedule and of workers. */
  runs = 0;
  lookups = 0;
  /** The largest part of their time that the runs of one shard needed, or those of the schedule. */
  #busy = new Map<DueSessions | undefined, { busy: number; able: number }>();
  #lookUpAble = 0;
  #run = 0;
  #wanted = 0;
  #handled = 0;
  #lookUpMillis = 0;
  /** Claims due again in the run that decided them. */
  readonly #had: Sessions[] = [];
  readonly #setup: Setup;
  readonly #shards: readonly DueSessions[];
  readonly #lookUps: DueSessions;
  readonly #random: Random;
  readonly #lookingUp: LookingUp;

  constructor(of: Setup) {
    this.#setup = of;
    this.#lookingUp = new LookingUp(of);
    this.#random = new Random(of.seed + 2);
    this.#shards = Array.from({ length: of.relief.shards }, () => new DueSessions(of.relief.turns));
    this.#lookUps = new DueSessions(of.relief.turns);
  }

  /** Opens the claims: their first records are stored. */
  open(at: number, sessions: Sessions): void {
    if (sessions.grantAt !== undefined && sessions.grantAt <= at) sessions.knownAt = sessions.grantAt;
    const isOfBusiest = this.#random.next() < this.#setup.busiest.session;
    sessions.shard = isOfBusiest ? 0 : Math.floor(this.#random.next() * this.#shards.length);
    const first = epochMillis(sessions.first);
    const intent = { ...IDENTITY, status: 'pending' as const, first, last: first, live: true };
    this.#file(sessions, openClaim(undefined, intent, epochMillis(Math.round(at))));
  }

  /** Stores their grants. Claims that wait for them are due at once. */
  grant(at: number, { parts }: Sessions): void {
    for (const part of parts) this.#grant(at, part);
  }

  #grant(at: number, sessions: Sessions): void {
    if (sessions.knownAt !== undefined || sessions.claim === undefined) return;
    sessions.knownAt = at;
    this.#file(sessions, reopenClaim(sessions.claim, epochMillis(Math.round(at))));
  }

  /** Makes the runs of a minute: a worker for each list with many due claims, and the schedule's run for the others. */
  run(at: number): void {
    const lists = [...this.#shards, this.#lookUps];
    const busy = lists.filter((list) => this.#dueIn(list, at) > SERVICE.settle.fewDue);
    const others = lists.filter((list) => !busy.includes(list));
    for (const list of busy) this.#runOver([list], at, at + ASSUMED.coldStart);
    this.#runOver(others, at, at + SERVICE.settle.timeAtRest);
    if (at > this.#setup.minutes * MINUTE) return;
    this.passesInLoad = this.passes;
    this.claimsLeft = this.#overdue(at + SERVICE.settle.timeout);
  }

  /** Makes one run: first from the table, then look-ups in the time that is left. */
  #runOver(lists: readonly DueSessions[], at: number, from: number): void {
    const stopAt = at + SERVICE.settle.timeout - SERVICE.configs[this.#setup.trail].timeMargin;
    const looksUp = lists.includes(this.#lookUps);
    const wanting: Sessions[] = [];
    const tableUntil = this.#decide({ lists, at, stopAt, wanting: looksUp ? wanting : undefined }, from);
    let now = tableUntil;
    if (wanting.length > 0 && now < stopAt) now = this.#lookUp(at, now, stopAt, wanting);
    for (const sessions of this.#had.splice(0)) this.#file(sessions, sessions.claim);
    this.millis += Math.min(now, stopAt) - at;
    this.runs += 1;
    if (at > this.#setup.minutes * MINUTE) return;
    if (looksUp) this.#lookUpAble += stopAt - at;
    const part = lists.length === 1 ? lists[0] : undefined;
    const { busy, able } = this.#busy.get(part) ?? { busy: 0, able: 0 };
    this.#busy.set(part, { busy: busy + Math.min(tableUntil, stopAt) - at, able: able + stopAt - at });
  }

  /** Decides each claim once in a run. */
  #decide(run: ListRun, from: number): number {
    const { lists, at, stopAt, wanting = [] } = run;
    let now = from;
    this.#run += 1;
    for (let next = this.#take(lists, now); next !== undefined; next = this.#take(lists, now)) {
      const limit = wanting.length > 0 ? stopAt - (stopAt - at) * SERVICE.settle.forLookUps : stopAt;
      if (now >= limit) {
        this.#file(next, next.claim);
        return now;
      }
      const cost = this.#cost(next, now);
      const fitting = Math.max(1, Math.ceil((limit - now) / cost));
      const taken = fitting < next.count ? this.#split(next, fitting) : next;
      const begun = now;
      now += cost * taken.count;
      this.#pass(begun, now, taken, run.wanting);
    }
    return now;
  }

  #lookUp(startedAt: number, at: number, stopAt: number, wanting: readonly Sessions[]): number {
    const { until, found, requests, looked } = this.#lookingUp.run(at, stopAt, this.#inTurns(wanting));
    const isFound = new Set(found);
    for (const sessions of new Set([...found, ...looked])) {
      if (isFound.has(sessions)) sessions.knownAt = until;
      const final = sessions.first + SERVICE.configs[this.#setup.trail].deadline;
      if (!isFound.has(sessions) && until < final) continue;
      this.passes += sessions.count;
      this.#note(until, final, sessions, isFound.has(sessions));
      this.#finish(startedAt, until, sessions, true, final);
    }
    this.lookups += requests;
    this.#wanted += wanting.reduce((sum, { count }) => sum + count, 0);
    this.#handled += [...new Set([...found, ...looked])].reduce((sum, { count }) => sum + count, 0);
    this.#lookUpMillis += until - at;
    return until;
  }

  #inTurns(wanting: readonly Sessions[]): readonly Sessions[] {
    return this.#setup.relief.turns ? inTurns(wanting, ({ isForged }) => [String(isForged)]) : wanting;
  }

  /** Returns the time of a pass over one claim, from its requests to the tables. */
  #cost({ first, length, events, isNoted }: Sessions, now: number): number {
    const records = 1 + (events - 1) * Math.min(1, Math.max(0, (now - first) / length));
    const pages = Math.ceil(records / SERVICE.settle.page);
    const corrected = isNoted === true ? 0 : records * (ASSUMED.eventCoreMillis / SERVICE.ingest.cores);
    const requests = ASSUMED.requestsOfPass + (pages - 1) * ASSUMED.requestsOfPage;
    return requests * ASSUMED.tableRequest + corrected;
  }

  #pass(startedAt: number, now: number, sessions: Sessions, wanting: Sessions[] | undefined): void {
    this.passes += sessions.count;
    sessions.run = this.#run;
    const { deadline, lookups, lookupDelay } = SERVICE.configs[this.#setup.trail];
    const final = sessions.first + deadline;
    const isKnown = sessions.knownAt !== undefined && sessions.knownAt <= now;
    const isFinal = isKnown || (now >= final && !lookups);
    if (isFinal) this.#note(now, final, sessions, isKnown);
    const isWanting = !isFinal && lookups && now >= (sessions.claim?.openedAt ?? 0) + lookupDelay;
    const rounds = sessions.claim?.rounds ?? 0;
    this.#finish(startedAt, now, sessions, isFinal, final);
    if (!isWanting) return;
    if (wanting !== undefined) wanting.push(sessions);
    else if (sessions.claim) this.#file(sessions, handToLookUps(sessions.claim, rounds, epochMillis(Math.round(now))));
  }

  #finish(startedAt: number, now: number, sessions: Sessions, isFinal: boolean, final: number): void {
    const { claim } = sessions;
    if (claim === undefined) return;
    const open = isFinal ? EMPTY_SUMMARY : { ...EMPTY_SUMMARY, open: 1, nextFinal: epochMillis(final) };
    const pass = { startedAt: epochMillis(startedAt), summary: open };
    const lookedUp = { read: [], isUnfinished: false };
    this.#file(sessions, finishPass(claim, { pass, notice: undefined, lookedUp }, epochMillis(Math.round(now))));
  }

  /**
   * Notes the names of records. Records stored before the grant was known are named now; later ones were named when
   * stored.
   */
  #note(now: number, final: number, sessions: Sessions, isKnown: boolean): void {
    if (sessions.isNoted === true) return;
    sessions.isNoted = true;
    const { first, length, events, count, claim, knownAt } = sessions;
    if (!isKnown) return sessions.isForged === true ? undefined : this.reported.note(now - final, count);
    if (knownAt === undefined || claim === undefined || knownAt <= claim.openedAt) return;
    const span = Math.min(length, Math.max(0, knownAt - ASSUMED.auditDelay - first));
    const late = 1 + (events - 1) * (span / length);
    this.corrections += late * count;
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) this.named.note(now - first - span * share, (late * count) / 5);
  }

  #take(lists: readonly DueSessions[], now: number): Sessions | undefined {
    for (let list = earliest(lists, now); list !== undefined; list = earliest(lists, now)) {
      const next = list.next(now);
      if (next === undefined || next.what.claim?.due !== next.at || this.#listOf(next.what) !== list) continue;
      if (next.what.run !== this.#run) return next.what;
      this.#had.push(next.what);
    }
    return undefined;
  }

  #split(sessions: Sessions, count: number): Sessions {
    const taken = { ...sessions, count };
    sessions.count -= count;
    sessions.parts.push(taken);
    this.#file(sessions, sessions.claim);
    return taken;
  }

  #file(sessions: Sessions, claim: Claim | undefined): void {
    if (claim === undefined) return;
    sessions.claim = claim;
    if (claim.due !== undefined) this.#listOf(sessions).put(claim.due, sessions);
  }

  #listOf({ claim, shard = 0 }: Sessions): DueSessions {
    return claim?.needsLookUp === true ? this.#lookUps : (this.#shards[shard] ?? this.#lookUps);
  }

  #dueIn(list: DueSessions, now: number): number {
    let claims = 0;
    for (const { at, what } of list.entries())
      if (at <= now && what.claim?.due === at && this.#listOf(what) === list) claims += what.count;
    return claims;
  }

  /**
   * Demand divided by capacity, for the shard or the schedule that is busiest. The claims that are left at the end of the
   * load count as demand.
   */
  get use(): number {
    const uses = [...this.#busy.values()].map(({ busy, able }) => busy / Math.max(1, able));
    return Math.max(0, ...uses) * (1 + this.claimsLeft / Math.max(1, this.passesInLoad));
  }

  /**
   * Demand divided by capacity, for look-ups. If nearly all claims that needed a look-up got one, this is the share of
   * settle's time that look-ups took. Otherwise it is the claims that needed one, divided by those that got one.
   */
  get lookUpUse(): number {
    const isEnough = this.#handled >= this.#wanted * 0.99;
    return isEnough ? this.#lookUpMillis / Math.max(1, this.#lookUpAble) : this.#wanted / Math.max(1, this.#handled);
  }

  /** Returns the number of overdue claims in the shards. Claims that wait for look-ups are part of `lookUpUse` instead. */
  #overdue(now: number): number {
    return this.#shards.reduce((sum, list) => sum + this.#dueIn(list, now), 0);
  }
}

/** Returns the list with the earliest due time, if that is over. */
function earliest(lists: readonly DueSessions[], now: number): DueSessions | undefined {
  let first: DueSessions | undefined;
  let firstAt = now;
  for (const list of lists) {
    const at = list.firstAt(now);
    if (at === undefined || at > firstAt) continue;
    if (first === undefined || at < firstAt) [first, firstAt] = [list, at];
  }
  return first;
}

const IDENTITY = { id: 'claim', session: 'session', caller: { kind: 'role-session' as const } };
