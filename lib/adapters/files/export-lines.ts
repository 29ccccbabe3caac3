import type { SaidOrigin } from '../../envelopes/origin.ts';
import type { RejectReason } from '../../envelopes/reject.ts';
import { type Unwrapping, unwrapMessage } from '../../envelopes/unwrap.ts';
import { isJsonObject } from '../../json.ts';
import type { FramingSink } from './framing-sink.ts';
import type { ElementArray } from './json-elements.ts';

/**
 * A line of a log group's export to S3, `<time> <message>`, or of `aws logs tail`: without a zone in its short format,
 * else with the stream between the two, by its known names, or where JSON follows it; with `--format json` the message
 * begins on the next line. (No name of a stream holds `:` or `*`.)
 */
const EXPORTED_LINE =
  /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?\s+(?:((?:kube|authenticator|cloud-controller-manager)-[\w.-]+|(?:o-\w+_)?\d{12}_CloudTrail_\S+)(?:\s+|$)|([^\s{["':*][^\s:*]*)\s+(?=\{))?(.*)$/s;
const BEGINS_WITH_TIME = /^\d{4}-\d\d-\d\dT/;

/**
 * The messages of exports. Once a line begins with a time, what follows and has none belongs to the message before it:
 * components write values of several lines raw, so that what another one was sent can look like an audit event (FACTS).
 */
export class ExportLines implements FramingSink {
  readonly #others: FramingSink;
  readonly #to: Unwrapping;
  #isExport = false;
  /** Of a message that begins on the next line. */
  #awaited: SaidOrigin | undefined;

  /** @param others takes what stands in no export. */
  constructor(others: FramingSink, to: Unwrapping) {
    this.#others = others;
    this.#to = to;
  }

  value(value: unknown, place: () => string): void {
    if (!this.#isExport) return this.#others.value(value, place);
    const awaited = this.#takeAwaited();
    if (awaited !== undefined && isJsonObject(value)) return unwrapMessage(value, awaited, place, this.#to);
    this.#to.ignored('continued-message');
  }

  element(value: unknown, array: ElementArray, place: () => string): void {
    if (!this.#isExport) return this.#others.element(value, array, place);
    this.#to.ignored('continued-message');
  }

  mayBePart(may: boolean): void {
    this.#others.mayBePart(may);
  }

  row(row: { readonly [column: string]: string }, place: () => string): void {
    this.#others.row(row, place);
  }

  text(text: string, place: () => string, isLine: boolean): void {
    const [, known, other, message] = (isLine && EXPORTED_LINE.exec(text)) || [];
    if (message === undefined) return this.#lineWithoutTime(text, place, isLine);
    this.#isExport = true;
    this.#awaited = known !== undefined && message === '' ? { stream: known } : undefined;
    if (this.#awaited === undefined) unwrapMessage(message, { stream: known ?? other }, place, this.#to);
  }

  reject(reason: RejectReason, place: () => string, sample: string): void {
    const awaited = this.#takeAwaited();
    const begins = BEGINS_WITH_TIME.test(sample);
    const isOwn = !this.#isExport || awaited !== undefined || begins;
    this.#isExport ||= begins;
    if (isOwn) this.#others.reject(reason, place, sample);
    else this.#to.ignored('continued-message');
  }

  #lineWithoutTime(text: string, place: () => string, isLine: boolean): void {
    const awaited = this.#takeAwaited();
    if (awaited !== undefined) unwrapMessage(text, awaited, place, this.#to);
    else if (this.#isExport) this.#to.ignored('continued-message');
    else this.#others.text(text, place, isLine);
  }

  #takeAwaited(): SaidOrigin | undefined {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    return awaited;
  }
}
