import type { RejectReason } from '../../envelopes/reject.ts';
import type { ElementArray } from './json-elements.ts';

/** What a file's bytes fall into. `place` is in words: `line 3`. */
export interface FramingSink {
  value(value: unknown, place: () => string): void;
  /** An element of a document that is too long to be held, or damaged; `place` is the document's. */
  element(value: unknown, array: ElementArray, place: () => string): void;
  /**
   * Text that is no JSON: an export's `<time> <message>`, or nothing that we read. `isLine` is false where blanks or
   * anything else stand before it on its line, which then begins no message of an export.
   */
  text(text: string, place: () => string, isLine: boolean): void;
  /** A row of a Logs Insights CSV, by its header. */
  row(row: { readonly [column: string]: string }, place: () => string): void;
  reject(reason: RejectReason, place: () => string, sample: string): void;
  /** From here on what is read may be a part of a document whose beginning is lost, perhaps of a body; or not any more. */
  mayBePart(isPart: boolean): void;
}
