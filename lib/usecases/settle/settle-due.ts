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

/** A run over the due claims of lists. The run holds the leases of these lists. */
export interface DueRun {
  /** The time at which to stop. The next run does the rest. */
  readonly stopAt: EpochMillis;
  /** Returns at most `limit` due claims, the longest overdue first. */
  due(now: EpochMillis, limit: number): Promise<readonly Claim[]>;
  /** Returns whether this run makes look-ups. Only one run at a time makes them. */
  mayLookUp(): Promise<boolean>;
  readonly breakOffs: BreakOffs;
}

/**
 * The number of due claims that are read at once. If more are due, `MOST_DUE` are read, so that the accounts that sent
 * the records can take turns.
 */
const CLAIMS = 50;
const MOST_DUE = 2_000;

/** Limits the claims that are decided before due claims are read again. */
const MOST_TAKEN = 500;

/**
 * Limits the due claims of one account that are read. A worker decides fewer in a run. The others are set aside, so
 * that they hide no claims of other accounts.
 */
const MOST_OF_SENDER = 1_000;

/**
 * The longest turn of a claim, in milliseconds. A session can have any number of records. After this time, its pass is
 * paused and goes on after the other claims.
 */
const LONGEST_TURN = 2 * SECOND;

/** How long a claim is left undecided after runs broke off on it, in milliseconds. */
const LEFT_FOR = DAY;

/**
 * The share of a stage's time that is kept for look-ups, if any claim needs them. If no earlier run broke off, a run
 * has only one stage.
 */
export const FOR_LOOK_UPS = 1 / 3;

/**
 * When the later stages of a run begin, as shares of its time. Runs may have broken off on claims of an account. The
 * account's other claims have their turns in the second stage, and those claims in the third.
 */
const UNTIL_SUSPECTS = [1 / 2, 3 / 4];

/**
 * Limits the requests of a claim to one account and Region, in its first, second and later turns. Most claims need two
 * requests: for the access key and for its uses. A name that many people share may need hundreds of pages. Those wait
 * until every claim had its turn.
 */
export const SHARES = [2, 8, 24];

/** Limits the claims whose turns are remembered. Claims that closed are not removed one by one. */
const MOST_TURNS = 20_000;

/**
 * Decides the claims that are due. It first uses only the sessions table, and then look-ups in CloudTrail for the rest
 * of the time. A run that makes no look-ups hands such claims over to the list of look-ups.
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

/** Returns the claims that exceed the limit of every account that sent their records. */
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
  /** How many of the claims in the last reading are still due, although this run has decided them. */
  #stillDue = 0;
  /** The time that the claims of each account took in this run, in milliseconds. */
  readonly #spent = new Map<string | undefined, number>();
  /**
   * Which claims have their turns. 0: claims of accounts without a claim on which an earlier run broke off. 1: also
   * claims of the other accounts, except those on which a run broke off. 2: all claims.
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
   * The time at which the next stage begins. It is the end of the run if no claim waits for the next stage. Without
   * this limit, one account could use up each run before it.
   */
  get #stageUntil(): EpochMillis {
    const share = (this.#isWaiting ? UNTIL_SUSPECTS[this.#stage] : undefined) ?? 1;
    return epochMillis(this.#begunAt + Math.floor((this.#stopAt - this.#begunAt) * share));
  }

  /** The time at which the stage turns to look-ups, if any claim needs them. */
  get #tableUntil(): EpochMillis {
    const until = this.#stageUntil;
    return epochMillis(until - Math.floor((until - this.#stageBegunAt) * FOR_LOOK_UPS));
  }

  /** Decides every due claim without look-ups. Returns the claims that this run has to look up. */
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

  /**
   * Returns the claim whose account took the least time so far, and the first one among equals. So slow claims delay
   * only claims of the same account.
   */
  #next(due: readonly Claim[]): Claim {
    const spentOf = (claim: Claim) => Math.min(...sendersOf(claim).map((sender) => this.#spent.get(sender) ?? 0));
    return due.reduce((least, each) => (spentOf(each) < spentOf(least) ? each : least));
  }

  /** Begins the next stage, for claims that wait because earlier runs broke off. Returns false if there are none. */
  beginSuspects(): boolean {
    if (!this.#isWaiting) return false;
    this.#isWaiting = false;
    this.#stage = this.#stage === 0 ? 1 : 2;
    this.#stageBegunAt = this.#service.clock();
    return true;
  }

  /** Decides the claim without look-ups. Returns it if this run has to make look-ups for it. */
  async #decide(claim: Claim): Promise<readonly WantingClaim[]> {
    const { claims, clock } = this.#service;
    this.#run.breakOffs.begin(claim);
    if (await this.#leaveBrokenOff(claim)) return [];
    const settled = await this.#settle(claim, { ...this.#service, lookUpLater: true });
    if (settled?.isPaused === true && clock() < this.#stopAt) this.#done.delete(claim.id);
    if (settled === undefined || settled.wanted.length === 0) return [];
    if (await this.#run.mayLookUp()) return [{ claim, ...settled }];
    await claims.change(claim.id, (current) => current && handToLookUps(current, claim.rounds, clock()));
    return [];
  }

  /**
   * Returns due claims that this run has not decided yet. The accounts that sent the records take turns, because an
   * account can invent any number of sessions.
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
   * Leaves the claim undecided if runs break off on it. Returns whether it did. After a day, one run tries again. New
   * records make the claim due in between, and it is left again each time.
   */
  async #leaveBrokenOff(claim: Claim): Promise<boolean> {
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

  /**
   * Reads due claims. Claims that this run decided can still be due. The page is longer by their number, so that claims
   * are not read again and again.
   */
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

  /**
   * Gives each claim a turn for its look-ups. A claim that has more to read than its share goes to the end of the
   * queue.
   */
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
