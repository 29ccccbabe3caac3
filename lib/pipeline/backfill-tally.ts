import type { RejectReason } from '../envelopes/reject.ts';
import type { MetricName } from '../metrics.ts';
import type { Metrics, Rejected, Rejects, SessionStore } from '../ports.ts';
import { increment } from './tally.ts';

/** What a backfill added, rejected and settled, counted while it goes on. */
export class BackfillTally implements Metrics, Rejects {
  grants = 0;
  uses = 0;
  readonly rejected = new Map<RejectReason, number>();
  readonly #sums = new Map<MetricName, number>();
  readonly #onReject: (rejected: Rejected) => void;

  constructor(onReject: (rejected: Rejected) => void) {
    this.#onReject = onReject;
  }

  add(name: MetricName, value: number): void {
    this.#sums.set(name, this.sum(name) + value);
  }

  sum(name: MetricName): number {
    return this.#sums.get(name) ?? 0;
  }

  async keep(rejected: readonly Rejected[]): Promise<void> {
    for (const one of rejected) {
      increment(this.rejected, one.reason);
      this.#onReject(one);
    }
  }

  /** The store, with what is new to it counted. */
  counting(sessions: SessionStore): SessionStore {
    return {
      answer: (questions, moment) => sessions.answer(questions, moment),
      missing: (facts) => sessions.missing(facts),
      add: async (facts) => {
        await sessions.add(facts);
        this.grants += facts.filter(({ grant }) => grant !== undefined).length;
        this.uses += facts.filter(({ use }) => use !== undefined).length;
      },
    };
  }
}
