import type { AuditRecord } from '../../lib/attribution/record.ts';
import { GRAVE_KINDS, graveKindsOf } from '../../lib/usecases/incident/grave.ts';
import { askedCommand } from '../options/asked-command.ts';
import { ownCommand } from '../options/own-command.ts';
import { ruleWords } from '../options/rule-options.ts';
import { withValues } from '../options/with-values.ts';
import { placeWords } from '../whois/command-texts.ts';
import type { AttributeOptions } from './options.ts';

/**
 * What comes next where a table of one person's requests was read: the report for the ticket, about the gravest of them, of such
 * the first. Its audit id is the client's, so that it is quoted.
 */
export class NextReport {
  readonly #options: AttributeOptions;
  #gravest: { readonly auditId: string; readonly rank: number } | undefined;

  /** Undefined where no person reads the answer, or it is not of one actor. */
  static for(options: AttributeOptions): NextReport | undefined {
    const isTable = options.format === 'table' || options.format === 'wide';
    return isTable && options.actor?.length === 1 && options.summary !== true ? new NextReport(options) : undefined;
  }

  private constructor(options: AttributeOptions) {
    this.#options = options;
  }

  add(record: AuditRecord): void {
    const ranks = graveKindsOf(record).map((kind) => GRAVE_KINDS.indexOf(kind));
    const rank = Math.min(...ranks, GRAVE_KINDS.length);
    if (this.#gravest === undefined || rank < this.#gravest.rank) this.#gravest = { auditId: record.auditId, rank };
  }

  said(): readonly string[] {
    if (this.#gravest === undefined) return [];
    const { audit, cloudtrail, logGroup, ...rules } = this.#options;
    const words = [...placeWords({ audit, cloudtrail }), ...ruleWords(rules), ...withValues('--log-group', logGroup)];
    return [`Next, a report for the ticket: ${askedCommand(ownCommand('incident'), this.#gravest.auditId, words)}`];
  }
}
