import type { SaidOrigin } from '../../envelopes/origin.ts';
import type { RejectReason } from '../../envelopes/reject.ts';
import { type Unwrapping, unwrapMessage } from '../../envelopes/unwrap.ts';
import { isJsonObject } from '../../json.ts';
import type { FramingSink, Spot } from './framing-sink.ts';
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
  readonly #to: (spot: Spot) => Unwrapping;
  #isExport = false;
  /** Of a message that begins on the next line. */
  #awaited: SaidOrigin | undefined;

  /** @param others takes what stands in no export; @param to takes the messages, by the spot at which each stands. */
  constructor(others: FramingSink, to: (spot: Spot) => Unwrapping) {
    this.#others = others;
    this.#to = to;
  }

  value(value: unknown, spot: Spot): void {
    if (!this.#isExport) return this.#others.value(value, spot);
    const awaited = this.#takeAwaited();
    const to = this.#to(spot);
    if (awaited !== undefined && isJsonObject(value)) return unwrapMessage(value, awaited, spot.place, to);
    to.ignored('continued-message');
  }

  element(value: unknown, array: ElementArray, spot: Spot): void {
    if (!this.#isExport) return this.#others.element(value, array, spot);
    this.#to(spot).ignored('continued-message');
  }

  row(row: { readonly [column: string]: string }, spot: Spot): void {
    this.#others.row(row, spot);
  }

  text(text: string, spot: Spot, isLine: boolean): void {
    const [, known, other, message] = (isLine && EXPORTED_LINE.exec(text)) || [];
    if (message === undefined) return this.#lineWithoutTime(text, spot, isLine);
    this.#isExport = true;
    this.#awaited = known !== undefined && message === '' ? { stream: known } : undefined;
    if (this.#awaited === undefined) unwrapMessage(message, { stream: known ?? other }, spot.place, this.#to(spot));
  }

  reject(reason: RejectReason, spot: Spot, sample: string): void {
    const awaited = this.#takeAwaited();
    const begins = BEGINS_WITH_TIME.test(sample);
    const isOwn = !this.#isExport || awaited !== undefined || begins;
    this.#isExport ||= begins;
    if (isOwn) this.#others.reject(reason, spot, sample);
    else this.#to(spot).ignored('continued-message');
  }

  #lineWithoutTime(text: string, spot: Spot, isLine: boolean): void {
    const awaited = this.#takeAwaited();
    if (awaited !== undefined) unwrapMessage(text, awaited, spot.place, this.#to(spot));
    else if (this.#isExport) this.#to(spot).ignored('continued-message');
    else this.#others.text(text, spot, isLine);
  }

  #takeAwaited(): SaidOrigin | undefined {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    return awaited;
  }
}
