import type { AuditRecord } from '../../lib/attribution/record.ts';
import { GRAVE_KINDS, graveKindsOf } from '../../lib/usecases/activity/activity.ts';
import { lookupCommand } from '../options/lookup-command.ts';
import { ownCommand } from '../options/own-command.ts';
import { type Places, placeWords, withoutCluster } from '../options/place-words.ts';

/** The options that decide whether a report is suggested, and where it looks. */
interface ReportOptions extends Places {
  readonly format: string;
  readonly actor?: readonly string[];
  readonly summary?: boolean;
}

/**
 * Suggests the next command after a table of one actor's requests: a report about the most serious of them. If several
 * are as serious, the first counts. The client chose its audit ID, so the ID is quoted.
 */
export class NextReport {
  readonly #options: ReportOptions;
  #gravest: { readonly auditId: string; readonly rank: number } | undefined;

  /**
   * Returns the collector for these options. Undefined if the output is not a table for people, or the question is not
   * about one actor.
   */
  static for(options: ReportOptions): NextReport | undefined {
    const isTable = options.format === 'table' || options.format === 'wide';
    return isTable && options.actor?.length === 1 && options.summary !== true ? new NextReport(options) : undefined;
  }

  private constructor(options: ReportOptions) {
    this.#options = options;
  }

  add(record: AuditRecord): void {
    const ranks = graveKindsOf(record).map((kind) => GRAVE_KINDS.indexOf(kind));
    const rank = Math.min(...ranks, GRAVE_KINDS.length);
    if (this.#gravest === undefined || rank < this.#gravest.rank) this.#gravest = { auditId: record.auditId, rank };
  }

  sentences(): readonly string[] {
    if (this.#gravest === undefined) return [];
    const words = placeWords(withoutCluster(this.#options));
    return [`Next, a report for the ticket: ${lookupCommand(ownCommand('incident'), this.#gravest.auditId, words)}`];
  }
}
