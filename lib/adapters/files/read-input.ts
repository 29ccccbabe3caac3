import { lokiMessage } from '../../envelopes/collectors.ts';
import type { CountedGroup } from '../../envelopes/counted-group.ts';
import { isOtherStreamText } from '../../envelopes/log-group.ts';
import type { StatedOrigin } from '../../envelopes/origin.ts';
import { type RejectReason, sampleOfText, sampleOfValue } from '../../envelopes/reject.ts';
import { type PieceReceiver, unwrap, unwrapElement, unwrapMessage } from '../../envelopes/unwrap.ts';
import { isJsonObject, parseJson } from '../../json.ts';
import type { RecordSink } from '../../ports/input.ts';
import { isParquet } from '../parquet/parquet-error.ts';
import { Framing } from './framing.ts';
import type { FramingSink, Spot } from './framing-sink.ts';
import { inflatePayload, type ReadBytes } from './inflate.ts';
import { PackedDataError } from './inflater.ts';
import type { ElementArray } from './json-elements.ts';
import { TabbedRow } from './tabbed-row.ts';
import { UnreadableFileError } from './unreadable-file.ts';

/** Limits the decompressed bytes without a record. After that, the file counts as a gzip bomb. */
const MOST_WITHOUT_RECORDS = 256 * 1024 * 1024;
/**
 * The compression ratio from which a file can be a gzip bomb. Logs shrink to a fiftieth at best, and gzip can reach a
 * thousandth.
 */
const BOMB_RATIO = 100;

/** One file or object to read from start to end. */
export interface Input {
  /** The name for people: a path, `-`, or `s3://bucket/key`. */
  readonly file: string;
  readonly counted: readonly CountedGroup[];
  /** The content, decompressed and as UTF-8. */
  readonly bytes: AsyncIterable<ReadBytes>;
}

/**
 * Reads the audit events and CloudTrail records of an input, in any supported envelope. Sets aside what cannot be read.
 * @param pause receives the number of bytes that were read so far.
 */
export async function readInput(
  { file, counted, bytes: pieces }: Input,
  sink: RecordSink,
  pause: (read: number) => Promise<void> | undefined,
): Promise<void> {
  const watch = { inflated: 0, read: 0, withoutRecords: 0 };
  let current = new InputFile(file, '', { counted, sink, watch });
  try {
    for await (const { bytes, read, entry = '', flaw } of pieces) {
      if (entry !== current.entry) {
        current.end();
        current = new InputFile(file, entry, { counted, sink, watch });
      }
      if (flaw !== undefined) current.giveUp(flaw);
      current.push(bytes);
      watch.read = read;
      if (isBomb(watch)) return current.giveUp(new UnreadableFileError(BOMB, { reason: 'inflates-too-far' }));
      await pause(read);
    }
    current.end();
  } catch (error) {
    if (!(error instanceof PackedDataError || error instanceof UnreadableFileError)) throw error;
    current.giveUp(error);
  }
}

const BOMB = 'The file decompresses to over 100 times its size, with no record in the last 256 MiB.';

/** The counted bytes of a whole input, by which a bomb is recognized. */
interface Watch {
  inflated: number;
  read: number;
  withoutRecords: number;
}

/** A file that is being read. It is the input itself, or a file in an archive. */
class InputFile {
  readonly entry: string;
  readonly #file: string;
  readonly #framing: Framing;
  readonly #sink: RecordSink;
  readonly #watch: Watch;
  #length = 0;
  #isOver = false;

  constructor(
    file: string,
    entry: string,
    { counted, sink, watch }: Pick<Input, 'counted'> & { readonly sink: RecordSink; readonly watch: Watch },
  ) {
    this.entry = entry;
    this.#file = entry === '' ? file : `${file}/${entry}`;
    this.#sink = sink;
    this.#watch = watch;
    const sawRecord = () => {
      watch.withoutRecords = 0;
    };
    this.#framing = new Framing(framingSink({ file: this.#file, counted }, sink, sawRecord));
  }

  push(bytes: Buffer): void {
    if (this.#isOver || bytes.length === 0) return;
    if (this.#length === 0 && isParquet(bytes)) return this.giveUp(new UnreadableFileError(OUT_OF_PLACE));
    this.#length += bytes.length;
    this.#watch.inflated += bytes.length;
    this.#watch.withoutRecords += bytes.length;
    this.#framing.push(bytes);
  }

  end(): void {
    if (!this.#isOver) this.#framing.end();
    this.#isOver = true;
  }

  /** Reads what there is, and sets aside the rest. */
  giveUp(error: PackedDataError | UnreadableFileError): void {
    this.end();
    const reason = error instanceof PackedDataError ? 'cut-file' : error.reason;
    this.#sink.reject({ file: this.#file, place: `after ${this.#length} bytes`, reason, sample: error.message });
  }
}

function isBomb(watch: Readonly<Watch>): boolean {
  return watch.withoutRecords > MOST_WITHOUT_RECORDS && watch.inflated > BOMB_RATIO * watch.read;
}

/** Parquet's directory is at the end of the file, so Parquet cannot be read from a pipe or through gzip. */
const OUT_OF_PLACE =
  'Parquet cannot be read from a pipe, from gzip or from an archive: give the path of the file or object.';

/** What replaces a sample that may be part of a body. */
const HIDDEN = '…';

function framingSink({ file, counted }: Omit<Input, 'bytes'>, sink: RecordSink, sawRecord: () => void): FramingSink {
  const shown = (mayBePart: boolean, sample: string) => (mayBePart ? HIDDEN : sample);
  const unwrapping = (mayBePart: boolean): PieceReceiver => ({
    audit: (event, site, place) => {
      sawRecord();
      sink.audit(event, site, { file, place });
    },
    trail: (record, place) => {
      sawRecord();
      sink.trail(record, { file, place });
    },
    ignored: (what, name) => sink.ignored(what, name),
    reject: (reason, place, sample) =>
      sink.reject({ file, place: place(), reason, sample: shown(mayBePart, sampleOfValue(sample)) }),
    inflate: inflatePayload,
    countedGroups: counted,
  });
  const [whole, part] = [unwrapping(false), unwrapping(true)];
  const to = ({ mayBePart }: Spot) => (mayBePart ? part : whole);
  const pieces: FramingSink = {
    value: (value, spot) => unwrap(value, spot.place, to(spot)),
    element: (value, array, spot) => unwrapElement(value, array, spot.place, to(spot)),
    row: (row, spot) => unwrap(row, spot.place, to(spot)),
    text: (line, spot) => unwrapText(line, spot.place, to(spot)),
    reject: (reason, { place, mayBePart }, sample) =>
      sink.reject({ file, place: place(), reason, sample: shown(mayBePart, sampleOfText(sample)) }),
  };
  return new ExportLines(pieces, to);
}

function unwrapText(line: string, place: () => string, to: PieceReceiver): void {
  if (isOtherStreamText(line) && !line.includes('\t{')) return to.ignored('other-log-stream');
  const parsed = line.startsWith('"') ? parseJson(line) : undefined;
  if (parsed?.ok) return unwrap(parsed.value, place, to);
  to.reject('not-json', place, line);
}

/**
 * Matches a line of a log group's export to S3, `<time> <message>`, or of `aws logs tail`. In its short format, `aws
 * logs tail` writes no time zone. In others, it writes the name of the stream after the time. The name is recognized by
 * its known forms, or if JSON follows. With `--format json`, the message begins on the next line. Names of streams have
 * no `:` or `*`.
 */
const EXPORTED_LINE =
  /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?\s+(?:((?:kube|authenticator|cloud-controller-manager)-[\w.-]+|(?:o-\w+_)?\d{12}_CloudTrail_\S+)(?:\s+|$)|([^\s{["':*][^\s:*]*)\s+(?=\{))?(.*)$/s;
/** Matches the colors in the output of `aws logs tail --color on` and of logcli. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colors begin with the control character ESC.
const COLOR = /\u001b\[[\d;]*m/g;

/**
 * Matches the labels that logcli writes before a line, `{name="value", …}`, and the line. JSON never begins like this.
 */
const LABELLED = /^\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*"(?:, )?)*)\}\s+(.*)$/s;
const LABEL = /([a-zA-Z_]\w*)=("(?:[^"\\]|\\.)*")/g;

/** Returns the line of Loki in what logcli wrote after the time. Undefined if it has no labels. */
function lokiLine(text: string) {
  const [, written, line] = LABELLED.exec(text) ?? [];
  if (written === undefined || line === undefined) return undefined;
  const labels = [...written.matchAll(LABEL)].map(([, name = '', value = '']) => {
    const parsed = parseJson(value);
    return [name, parsed.ok ? parsed.value : value] as const;
  });
  return lokiMessage(Object.fromEntries(labels), line);
}

const BEGINS_WITH_TIME = /^\d{4}-\d\d-\d\dT/;

/**
 * Reads the messages of exports. After the first line with a time, lines without one belong to the message before.
 * Components write values of several lines unescaped. So what another component received can look like an audit event
 * (FACTS).
 */
export class ExportLines implements FramingSink {
  readonly #others: FramingSink;
  readonly #to: (spot: Spot) => PieceReceiver;
  #isExport = false;
  /** The origin of a message that begins on the next line. */
  #awaited: StatedOrigin | undefined;
  readonly #row = new TabbedRow();

  /**
   * @param others receives the pieces outside of exports.
   * @param to returns the receiver of messages at a place.
   */
  constructor(others: FramingSink, to: (spot: Spot) => PieceReceiver) {
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

  text(written: string, spot: Spot, isLine: boolean): void {
    const text = written.includes('\u001b') ? written.replace(COLOR, '').trim() : written;
    if (isLine && this.#row.takes(text, spot, this.#to(spot))) {
      this.#isExport = true;
      return;
    }
    const [, known, other, message] = (isLine && EXPORTED_LINE.exec(text)) || [];
    if (message === undefined) return this.#lineWithoutTime(text, spot, isLine);
    this.#isExport = true;
    const loki = lokiLine(message);
    if (loki !== undefined) return unwrapMessage(loki.message, loki.stated, spot.place, this.#to(spot));
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

  #takeAwaited(): StatedOrigin | undefined {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    return awaited;
  }
}
