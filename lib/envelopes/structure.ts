import type { RejectReason } from './reject.ts';

/**
 * Limits the log events of one delivery. Storing them takes less than half of ingest's 60 seconds, the first time and
 * again (test/contract/full-delivery.slow.test.ts). CloudWatch Logs delivers at most 1 MB compressed, which is about
 * 8,000 audit events.
 */
export const MOST_EVENTS = 40_000;

/** Limits the values and members of one payload. AWS writes three for each log event, and a few others. */
const MOST_VALUES = 1_000_000;

/** Limits the values and levels of a JSON text. */
interface Limits {
  readonly values: number;
  readonly levels: number;
}

/** The limits of a payload. It has four levels: payload, list of events, event, and extracted fields. */
const OF_PAYLOAD: Limits = { values: MOST_VALUES, levels: 16 };

/**
 * The limits of a message that another account hands over. The deepest audit events have a definition of custom
 * resources, with two levels for each level of its schema.
 */
const OF_MESSAGE: Limits = { values: 100_000, levels: 256 };

/** The length in UTF-16 code units below which a message costs little, however it is nested. */
const SHORT_MESSAGE = 65_536;

/** The longest message of one log event, in UTF-16 code units. CloudWatch Logs allows 1 MiB, with some overhead. */
export const LONGEST_MESSAGE = 1_048_576;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The change of the nesting depth by each byte of JSON, outside of strings. */
const DEEPER = byBytes({ '[': 1, '{': 1, ']': -1, '}': -1 });
const VALUES = byBytes({ '[': 1, '{': 1, ',': 1 });

function byBytes(values: Readonly<Record<string, number>>): Int8Array {
  const table = new Int8Array(256);
  for (const [character, value] of Object.entries(values)) table[character.charCodeAt(0)] = value;
  return table;
}

/**
 * Returns why a JSON text must not be parsed. It has more levels or values than a subscription's payload. An object
 * with millions of values does not fit into a function's memory, although its text does. Strings are skipped.
 */
export function structureFlaw(bytes: Uint8Array, { values: most, levels } = OF_PAYLOAD): RejectReason | undefined {
  let [level, values] = [0, 0];
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) at = textEnd(bytes, at + 1);
    level += DEEPER[byte] ?? 0;
    values += VALUES[byte] ?? 0;
    if (level > levels) return 'nested-too-deep';
    if (values > most) return 'too-many-events';
  }
  return undefined;
}

/**
 * Returns why a message must not be parsed. It has more levels or values than an audit event. Undefined if it may be
 * parsed.
 */
export function messageFlaw(text: string): RejectReason | undefined {
  return text.length < SHORT_MESSAGE ? undefined : structureFlaw(new TextEncoder().encode(text), OF_MESSAGE);
}

/** Returns the end of the string that begins at `from`. */
function textEnd(bytes: Uint8Array, from: number): number {
  for (let end = bytes.indexOf(QUOTE, from); end >= 0; end = bytes.indexOf(QUOTE, end + 1)) {
    let slashes = 0;
    while (bytes[end - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
  return bytes.length;
}
