import type { RejectReason } from '../../envelopes/reject.ts';
import type { LeftOut } from '../../envelopes/unwrap.ts';
import type { MetricName } from '../../metrics.ts';
import type { RejectedPiece, Rejects } from '../../ports/input.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import { exchangedKinds } from '../../words/exchanged-kinds.ts';
import { increment } from '../counting/run-counts.ts';

/** Counts of what a backfill adds, rejects and settles, kept while it runs. */
export class BackfillCounts implements Metrics, Rejects {
  grants = 0;
  uses = 0;
  readonly rejected = new Map<RejectReason, number>();
  readonly ignored = new Map<LeftOut, number>();
  readonly #sums = new Map<MetricName, number>();
  readonly #onRejects: (rejected: readonly RejectedPiece[]) => void;

  /** @param onRejects receives each reject before the bookmark moves past it. */
  constructor(onRejects: (rejected: readonly RejectedPiece[]) => void) {
    this.#onRejects = onRejects;
  }

  add(name: MetricName, value: number): void {
    this.#sums.set(name, this.sum(name) + value);
  }

  sum(name: MetricName): number {
    return this.#sums.get(name) ?? 0;
  }

  ignore(what: LeftOut, count: number): void {
    increment(this.ignored, what, count);
  }

  /** A sentence that says that the files of two options were exchanged. Undefined if they were not. */
  get exchanged(): string | undefined {
    const left = (what: LeftOut) => this.ignored.get(what) ?? 0;
    return exchangedKinds({
      audit: { events: this.sum('EventsReceived') + left('out-of-range'), trailRecords: left('cloudtrail-record') },
      cloudtrail: { events: left('audit-event'), trailRecords: this.sum('TrailRecordsReceived') },
    });
  }

  async keep(rejected: readonly RejectedPiece[]): Promise<void> {
    this.#onRejects(rejected);
    for (const { reason } of rejected) increment(this.rejected, reason);
  }

  /** Wraps the store so that new grants and uses are counted. */
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
