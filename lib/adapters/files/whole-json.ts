import { isUtf8 } from 'node:buffer';
import { parseJson } from '../../json.ts';

const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_ARRAY = 0x5d;
const LAST_WHITE = 0x20;

/** What bytes that begin with a bracket hold as JSON; undefined where they are none. */
export function wholeJson(bytes: Buffer): { readonly value: unknown } | undefined {
  if (!mayBeWhole(bytes) || !isUtf8(bytes)) return undefined;
  const parsed = parseJson(bytes.toString('utf8'));
  return parsed.ok ? parsed : undefined;
}

/** What can't be whole is told apart by its ends: that the parser fails costs as much as some hundred bytes. */
function mayBeWhole(bytes: Buffer): boolean {
  let end = bytes.length - 1;
  while (end > 0 && (bytes[end] ?? 0) <= LAST_WHITE) end -= 1;
  if (bytes[0] !== OPEN_OBJECT) return bytes[end] === CLOSE_ARRAY;
  let start = 1;
  while (start < end && (bytes[start] ?? 0) <= LAST_WHITE) start += 1;
  return bytes[end] === CLOSE_OBJECT && (bytes[start] === QUOTE || bytes[start] === CLOSE_OBJECT);
}
