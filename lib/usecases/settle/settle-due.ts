import { type Claim, sendersOf } from '../../claims/claim.ts';
import { handToLookUps, leaveUndecided, setAside } from '../../claims/finish.ts';
import { filingId } from '../../claims/waits.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { troubleText } from '../../heartbeats/trouble.ts';
import { DAY, type EpochMillis, epochMillis, SECOND } from '../../time.ts';
import { inTurns } from '../../turns.ts';
import { throwFaults } from '../counting/faulty-items.ts';
import { type BreakOffs, ClaimBrokenOffError } from './break-offs.ts';
import { lookUpOrder, type WantingClaim } from './look-up-order.ts';
import { type SettledClaim, type SettleService, settleClaim } from './settle-claim.ts';
import { sweepGrants } from './sweep-grants.ts';

export interface ClaimFailure {
  readonly claimId: string;
  readonly cause: unknown;
}

export interface SettledDue {
  readonly settled: number;
  readonly failed: readonly ClaimFailure[];
}

/** A run over due claims whose lists it holds the leases of. */
export interface DueRun {
  /** Time at which to stop and leave the rest to the next run. */
  readonly stopAt: EpochMillis;
  /** Returns due claims, the longest overdue first. */
  due(now: EpochMillis, limit: number): Promise<readonly Claim[]>;
  /** Returns whether the run makes look-ups. One run at a time does. */
  mayLookUp(): Promise<boolean>;
  readonly breakOffs: BreakOffs;
}

/**
 * The number of claims that are read at once. If more are due, `MOST_DUE` claims are read, so that the accounts that
 * sent the records can take turns.
 */
const CLAIMS = 50;
const MOST_DUE = 2_000;

/** The maximum number of claims that are decided before due claims are read again. */
const MOST_TAKEN = 500;

/** The maximum number of due claims of one account that are read. A worker decides fewer in a run. The others are set aside, so that they hide none. */
const MOST_OF_SENDER = 1_000;

/**
 * The longest turn of a claim, in milliseconds. A session can have any number of records. Its pass is then paused, so that it does not take the
 * time of all others, and continues after them.
 */
const LONGEST_TURN = 2 * SECOND;

/** How long a claim is left undecided if runs break off on it, in milliseconds. */
const LEFT_FOR = DAY;

/**
 * The share of a stage's time that is kept for look-ups, if any claim waits for them. A run has only one stage if no
 * earlier run broke off.
 */
export const FOR_LOOK_UPS = 1 / 3;

/**
 * Shares of a run's time. After the first, the other claims of accounts on whose claims runs broke off have their turns. After the second, the
 * claims on which runs broke off have theirs.
 */
const UNTIL_SUSPECTS = [1 / 2, 3 / 4];

/**
 * The maximum number of requests of a claim to one account and Region, in its first, second and later turns. Most claims need two: the key and its
 * uses. A name that many share may need hundreds of pages, which wait until every claim had its turn.
 */
export const SHARES = [2, 8, 24];

/** The maximum number of claims whose turns are remembered. Claims that closed are not removed one by one. */
const MOST_TURNS = 20_000;

/**
 * Decides the claims that are due: first from the sessions table alone, then by look-ups in CloudTrail in the time that is
 * left. A run that makes no look-ups hands the rest over to the list of look-ups.
 */
export async function settleDue(service: SettleService, due: DueRun): Promise<SettledDue> {
  const run = new Run(service, due);
  for (;;) {
    const wanting = await run.decideFromTable();
    if (wanting.length > 0) await run.lookUp(wanting);
    else if (!run.beginSuspects()) return run.outcome;
    if (service.clock() >= due.stopAt) return run.outcome;
  }
}

/** Returns the claims above the limit of each account that sent the records. A claim of several accounts is above it if it is for each. */
function excessOf(due: readonly Claim[]): readonly Claim[] {
  const counts = new Map<string | undefined, number>();
  return due.filter((claim) => {
    const senders = sendersOf(claim);
    for (const sender of senders) counts.set(sender, (counts.get(sender) ?? 0) + 1);
    return senders.every((sender) => (counts.get(sender) ?? 0) > MOST_OF_SENDER);
  });
}

class Run {
  readonly #service: SettleService;
  readonly #run: DueRun;
  readonly #begunAt: EpochMillis;
  #stageBegunAt: EpochMillis;
  readonly #stopAt: EpochMillis;
  readonly #done = new Set<string>();
  /** How many of the claims that were read last are still due, although this run decided them. */
  #stillDue = 0;
  /** The time of this run that the claims of each account used, in milliseconds. */
  readonly #spent = new Map<string | undefined, number>();
  /**
   * Which claims have their turns. 0: claims of accounts on whose claims no earlier run broke off. 1: also the other
   * claims of such accounts. 2: all claims.
   */
  #stage: 0 | 1 | 2 = 0;
  /** Whether claims wait for the next stage. */
  #isWaiting = false;
  readonly #turns: Map<string, number>;
  /** The first failure of each claim. */
  readonly #failed = new Map<string, unknown>();

  constructor(service: SettleService, run: DueRun) {
    const now = service.clock();
    const { stopAt } = run;
    this.#service = service;
    this.#run = run;
    this.#turns = service.turns ?? new Map();
    this.#begunAt = now;
    this.#stopAt = stopAt;
    this.#stageBegunAt = now;
  }

  get outcome(): SettledDue {
    const failed = [...this.#failed].map(([claimId, cause]) => ({ claimId, cause }));
    return { settled: this.#done.size - failed.length, failed };
  }

  /**
   * When the next stage begins, or the end of the run if no claim waits for it. Without this limit, an account could
   * fill each run before that.
   */
  get #stageUntil(): EpochMillis {
    const share = (this.#isWaiting ? UNTIL_SUSPECTS[this.#stage] : undefined) ?? 1;
    return epochMillis(this.#begunAt + Math.floor((this.#stopAt - this.#begunAt) * share));
  }

  /** The time from which the stage only makes look-ups, if any claim waits for them. */
  get #tableUntil(): EpochMillis {
    const until = this.#stageUntil;
    return epochMillis(until - Math.floor((until - this.#stageBegunAt) * FOR_LOOK_UPS));
  }

  /** Decides every due claim without look-ups. Returns those to look up in this run. */
  async decideFromTable(): Promise<readonly WantingClaim[]> {
    const { clock } = this.#service;
    const wanting: WantingClaim[] = [];
    for (let due = await this.#due(); due.length > 0; due = await this.#due()) {
      for (let left = due; left.length > 0; ) {
        const claim = this.#next(left);
        left = left.filter((each) => each !== claim);
        if (clock() >= (wanting.length > 0 ? this.#tableUntil : this.#stageUntil)) return wanting;
        this.#done.add(claim.id);
        wanting.push(...(await this.#decide(claim)));
      }
    }
    return wanting;
  }

  /** Returns the claim whose account used the least time, the first one among equals. So claims that take long delay those of the same account. */
  #next(due: readonly Claim[]): Claim {
    const spentOf = (claim: Claim) => Math.min(...sendersOf(claim).map((sender) => this.#spent.get(sender) ?? 0));
    return due.reduce((least, each) => (spentOf(each) < spentOf(least) ? each : least));
  }

  /** Goes on with claims that wait because earlier runs broke off. Returns false if there are none. */
  beginSuspects(): boolean {
    if (!this.#isWaiting) return false;
    this.#isWaiting = false;
    this.#stage = this.#stage === 0 ? 1 : 2;
    this.#stageBegunAt = this.#service.clock();
    return true;
  }

  /** Decides the claim without look-ups. Returns it if this run has to look it up. */
  async #decide(claim: Claim): Promise<readonly WantingClaim[]> {
    const { claims, clock } = this.#service;
    this.#run.breakOffs.begin(claim);
    if (await this.#isLeft(claim)) return [];
    const settled = await this.#settle(claim, { ...this.#service, lookUpLater: true });
    if (settled?.isPaused === true && clock() < this.#stopAt) this.#done.delete(claim.id);
    if (settled === undefined || settled.wanted.length === 0) return [];
    if (await this.#run.mayLookUp()) return [{ claim, ...settled }];
    await claims.change(claim.id, (current) => current && handToLookUps(current, claim.rounds, clock()));
    return [];
  }

  /**
   * Returns due claims that this run has not decided yet. The accounts that sent the records take turns, because an account can invent any
   * number of sessions.
   */
  async #due(): Promise<readonly Claim[]> {
    let page = await this.#read(CLAIMS);
    while (page.isFull) {
      page = await this.#read(MOST_DUE);
      const excess = page.isFull ? excessOf(page.undecided) : [];
      if (excess.length === 0 || this.#service.clock() >= this.#tableUntil) break;
      await this.#setAside(excess);
    }
    return (await this.#withoutSuspects(inTurns(page.undecided, sendersOf))).slice(0, MOST_TAKEN);
  }

  async #withoutSuspects(claims: readonly Claim[]): Promise<readonly Claim[]> {
    if (this.#stage === 2) return claims;
    const { breakOffs } = this.#run;
    const suspects = await (this.#stage === 0 ? breakOffs.findSuspects(claims) : breakOffs.findBrokenOff(claims));
    if (suspects.size > 0) this.#isWaiting = true;
    return claims.filter((claim) => !suspects.has(claim));
  }

  /**
   * Returns whether the claim is left undecided, because runs break off on it. After a day, one run tries again. Whatever arrives for the claim
   * meanwhile makes it due, so it is left again.
   */
  async #isLeft(claim: Claim): Promise<boolean> {
    const { claims, clock, metrics } = this.#service;
    const now = clock();
    const { leftUntil } = claim;
    const wasLeft = leftUntil !== undefined;
    const isLeft = wasLeft && now < leftUntil;
    if (!isLeft && !((wasLeft || this.#stage === 2) && (await this.#run.breakOffs.isToLeave(claim)))) return false;
    const until = isLeft ? leftUntil : epochMillis(now + LEFT_FOR);
    await claims.change(claim.id, (current) => current && leaveUndecided(current, until));
    if (isLeft) return true;
    this.#failed.set(claim.id, new ClaimBrokenOffError('Runs of settle broke off on the claim. It is left for a day.'));
    for (const account of sendersOf(claim)) metrics.add('FleetTrouble', 1, troubleText({ what: 'undecided', account }));
    return true;
  }

  /** Reads due claims. The page grows with the number of claims that stay due although they were decided, so that each is read only a few times. */
  async #read(most: number) {
    const limit = most + this.#done.size + this.#stillDue;
    const due = await this.#run.due(this.#service.clock(), limit);
    const undecided = due.filter(({ id }) => !this.#done.has(id));
    this.#stillDue = due.length - undecided.length;
    return { undecided, isFull: due.length >= limit };
  }

  async #setAside(excess: readonly Claim[]): Promise<void> {
    const { claims, clock } = this.#service;
    await mapConcurrently(excess, ({ id }) => claims.change(id, (current) => current && setAside(current, clock())));
  }

  /** Gives each claim one turn. A claim with more to read than its share goes to the end of the queue. */
  async lookUp(wanting: readonly WantingClaim[]): Promise<void> {
    const { clock } = this.#service;
    const half = epochMillis(clock() + Math.floor((this.#stageUntil - clock()) / 2));
    const found = await sweepGrants(wanting, this.#service, half);
    const isFound = (each: WantingClaim) => each.wanted.some((question) => found.has(filingId(question)));
    const turnsOf = ({ claim }: WantingClaim) => this.#turns.get(claim.id) ?? 0;
    const inOrder = lookUpOrder(wanting, turnsOf).toSorted((a, b) => Number(isFound(b)) - Number(isFound(a)));
    const queue = inOrder.map(({ claim }) => claim);
    for (let next = queue.shift(); next !== undefined && clock() < this.#stageUntil; next = queue.shift()) {
      if (await this.#takeTurn(next)) queue.push(next);
    }
  }

  /** Gives the claim a turn. Returns whether its look-ups have more to read. */
  async #takeTurn({ id, rounds }: Claim): Promise<boolean> {
    const claim = await this.#service.claims.get(id).catch(() => undefined); // `countBacklog` reports claims that cannot be read.
    if (claim?.due === undefined) return false;
    const turn = this.#turns.get(id) ?? 0;
    const share = SHARES[turn] ?? SHARES.at(-1);
    const once = { ...claim, rounds: Math.min(claim.rounds, rounds) };
    const hasMore = (await this.#settle(once, { ...this.#service, share }))?.hasMore === true;
    if (this.#service.clock() >= this.#stopAt) return false; // The turn was cut off. The claim gets it again.
    this.#turns.delete(id);
    if (hasMore) this.#turns.set(id, turn + 1);
    if (this.#turns.size > MOST_TURNS) this.#turns.clear();
    return hasMore;
  }

  async #settle(claim: Claim, service: SettleService): Promise<SettledClaim | undefined> {
    const failed = (cause: unknown): undefined => {
      if (!this.#failed.has(claim.id)) this.#failed.set(claim.id, cause);
    };
    const begun = service.clock();
    const stopAt = epochMillis(Math.min(this.#stopAt, begun + LONGEST_TURN));
    const settled = await this.#run.breakOffs
      .noteDuring(claim, () => settleClaim(claim, service, { stopAt }))
      .catch(failed);
    const took = service.clock() - begun;
    for (const sender of sendersOf(claim)) this.#spent.set(sender, (this.#spent.get(sender) ?? 0) + took);
    try {
      throwFaults('records of the claim', settled?.faults ?? []);
    } catch (cause) {
      failed(cause);
    }
    return settled;
  }
}
