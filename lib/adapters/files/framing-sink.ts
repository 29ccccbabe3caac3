import type { RejectReason } from '../../envelopes/reject.ts';
import type { ElementArray } from './json-elements.ts';

/** A place in a file. */
export interface Spot {
  /** Returns the place in words, for example `line 3`. */
  readonly place: () => string;
  /**
   * Whether the piece may be part of a document whose beginning is missing. It may then be a part of a request or
   * response body.
   */
  readonly mayBePart: boolean;
}

/** Receives the pieces of a file. */
export interface FramingSink {
  value(value: unknown, spot: Spot): void;
  /** Receives an element of a document that is damaged or too long to hold. The spot is that of the document. */
  element(value: unknown, array: ElementArray, spot: Spot): void;
  /**
   * Receives text that is not JSON: an export's `<time> <message>`, or text in no known format.
   * @param isLine false if blanks or other text come before it on its line. It then does not begin a message of an
   *   export.
   */
  text(text: string, spot: Spot, isLine: boolean): void;
  /** Receives a row of a Logs Insights CSV, by the column names in its header. */
  row(row: { readonly [column: string]: string }, spot: Spot): void;
  reject(reason: RejectReason, spot: Spot, sample: string): void;
}
