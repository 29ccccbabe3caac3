import type { RejectReason } from '../../envelopes/reject.ts';
import type { ElementArray } from './json-elements.ts';

/** A place in a file. */
export interface Spot {
  /** Returns the place in words: `line 3`. */
  readonly place: () => string;
  /** Whether the piece may be part of a document whose start is lost, perhaps part of a request or response body. */
  readonly mayBePart: boolean;
}

/** Receiver of the pieces of a file. */
export interface FramingSink {
  value(value: unknown, spot: Spot): void;
  /** Takes an element of a document that is damaged or too long to hold. The spot is the document's. */
  element(value: unknown, array: ElementArray, spot: Spot): void;
  /**
   * Takes text that is not JSON: an export's `<time> <message>`, or text in no known format. `isLine` is false if
   * blanks or other text come before it on its line; then it is not the start of an export's message.
   */
  text(text: string, spot: Spot, isLine: boolean): void;
  /** Takes a row of a Logs Insights CSV, by the column names of its header. */
  row(row: { readonly [column: string]: string }, spot: Spot): void;
  reject(reason: RejectReason, spot: Spot, sample: string): void;
}
