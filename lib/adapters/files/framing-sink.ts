import type { RejectReason } from '../../envelopes/reject.ts';
import type { ElementArray } from './json-elements.ts';

/** Where in a file something stands. */
export interface Spot {
  /** In words: `line 3`. */
  readonly place: () => string;
  /** It may be a part of a document whose beginning is lost, perhaps of a body. */
  readonly mayBePart: boolean;
}

/** What a file's bytes fall into. */
export interface FramingSink {
  value(value: unknown, spot: Spot): void;
  /** An element of a document that is too long to be held, or damaged; the spot is the document's. */
  element(value: unknown, array: ElementArray, spot: Spot): void;
  /**
   * Text that is no JSON: an export's `<time> <message>`, or nothing that we read. `isLine` is false where blanks or
   * anything else stand before it on its line, which then begins no message of an export.
   */
  text(text: string, spot: Spot, isLine: boolean): void;
  /** A row of a Logs Insights CSV, by its header. */
  row(row: { readonly [column: string]: string }, spot: Spot): void;
  reject(reason: RejectReason, spot: Spot, sample: string): void;
}
