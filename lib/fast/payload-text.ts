import { LoggedEvent } from '../audit/logged-event.ts';
import { isJsonObject, type JsonObject, parseJson } from '../json.ts';
import { LoggedEvents } from './logged-events.ts';

const ENTRIES = ',"logEvents":[';
const END = ']}';
/** Where one entry ends and the next begins. No text of a payload has it: its last quotation mark would end the text. */
const BETWEEN = '},{"';
/** Of an entry that is tried, in UTF-16 code units: nobody's event is longer that has no bodies. */
const LONGEST = 64 * 1024;
/** What CloudWatch Logs says of a payload: whatever says more is unwrapped by all that it says. */
const MEMBERS: ReadonlySet<string> = new Set(['messageType', 'owner', 'logGroup', 'logStream', 'subscriptionFilters']);

/**
 * A subscription's payload as `JSON.parse` has it, but for entries that are audit events as an API server writes them: a
 * `LoggedEvent` stands for each. Undefined where the text is not as CloudWatch Logs writes it, or no JSON: it is then to be
 * read as any other.
 */
export function readPayload(text: string): JsonObject | undefined {
  const headEnd = text.indexOf(ENTRIES);
  if (headEnd < 0 || !text.endsWith(END)) return undefined;
  const head = headOf(`${text.slice(0, headEnd)}}`);
  const logEvents = head && entriesOf(text, headEnd + ENTRIES.length, text.length - END.length);
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
function entriesOf(text: string, begin: number, end: number): unknown[] | undefined {
  const events = new LoggedEvents();
  const entries: unknown[] = [];
  for (let at = begin; at <= end; ) {
    const next = text.indexOf(BETWEEN, at);
    const stop = next < 0 ? end : next + 1;
    const entry = text.slice(at, stop);
    const event = entry.length > LONGEST ? undefined : events.read(entry);
    if (event === undefined) {
      const parsed = parseJson(entry);
      if (!parsed.ok) return undefined;
      entries.push(parsed.value);
    } else entries.push(new LoggedEvent(event));
    at = stop + 1;
  }
  return entries;
}
