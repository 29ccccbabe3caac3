import { isJsonObject, type JsonObject, parseJson } from '../json.ts';
import type { BytesDigest } from './identity-bytes.ts';
import { LoggedEvents } from './logged-events.ts';
import { PayloadBytes } from './payload-bytes.ts';

const ENTRIES = ',"logEvents":[';
const END = ']}';
/** Where one entry ends and the next begins. No text of a payload has it: its last quotation mark would end the text. */
const BETWEEN = '},{"';
/** What CloudWatch Logs says of a payload: whatever says more is unwrapped by all that it says. */
const MEMBERS: ReadonlySet<string> = new Set(['messageType', 'owner', 'logGroup', 'logStream', 'subscriptionFilters']);

/**
 * A subscription's payload as `JSON.parse` has it, but for entries that are audit events as an API server writes them: a
 * `LoggedEvent` stands for each. Undefined where the text is not as CloudWatch Logs writes it, or no JSON: it is then to be
 * read as any other.
 * @param text what the bytes are in UTF-8.
 * @param digest of events' identities: without it they have no ids.
 */
export function readPayload(text: string, bytes: Uint8Array, digest?: BytesDigest): JsonObject | undefined {
  const payload = new PayloadBytes(text, bytes);
  const headEnd = payload.find(ENTRIES, 0);
  if (headEnd < 0 || !text.endsWith(END)) return undefined;
  const head = headOf(`${payload.cut(0, headEnd)}}`);
  const logEvents =
    head && entriesOf(new LoggedEvents(payload, digest), payload, headEnd + ENTRIES.length, bytes.length - END.length);
  return logEvents && { ...head, logEvents };
}

function headOf(text: string): JsonObject | undefined {
  const head = parseJson(text);
  if (!head.ok || !isJsonObject(head.value) || head.value.messageType !== 'DATA_MESSAGE') return undefined;
  return Object.keys(head.value).every((key) => MEMBERS.has(key)) ? head.value : undefined;
}

/**
 * Each entry by itself. Where all pieces are JSON the whole is the list of them: a piece that began or ended within an entry
 * would not be.
 */
function entriesOf(events: LoggedEvents, payload: PayloadBytes, begin: number, end: number): unknown[] | undefined {
  const entries: unknown[] = [];
  for (let at = begin; at <= end; ) {
    const next = payload.find(BETWEEN, at);
    const stop = next < 0 ? end : next + 1;
    const event = events.read(at, stop);
    if (event === undefined) {
      const parsed = parseJson(payload.cut(at, stop));
      if (!parsed.ok) return undefined;
      entries.push(parsed.value);
    } else entries.push(event);
    at = stop + 1;
  }
  return entries;
}
