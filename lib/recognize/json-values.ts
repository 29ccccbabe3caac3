import { parseJson } from '../json.ts';

/** The JSON objects and lists in a text. `damaged` is the number of parts that look like JSON but cannot be read. */
export interface JsonValues {
  readonly values: readonly unknown[];
  readonly damaged: number;
}

/**
 * Returns the JSON values in a text. First it reads the whole text as JSON, then as the fields of an object without its
 * braces. If both fail, it reads one object after another: JSON lines, elements of a list, output of `jq`, or an export
 * with a time before each message. If an object is damaged, it reads each line that is complete.
 */
export function jsonValues(text: string): JsonValues {
  const whole = parseJson(text.replace(/[\s,;]{1,100}$/, ''));
  if (whole.ok) return { values: typeof whole.value === 'object' ? [whole.value] : [], damaged: 0 };
  const fields = text.startsWith('"') ? parseJson(`{${text.replace(/[\s,;]{1,100}$/, '')}}`) : undefined;
  if (fields?.ok) return { values: [fields.value], damaged: 0 };
  const objects = valuesByBraces(text);
  if (objects.damaged === 0) return objects;
  const lines = valuesOfLines(text);
  return lines.values.length > 0 ? lines : objects;
}

/**
 * Reads the text between each pair of outermost braces, until a pair does not close. If the text begins with a field
 * name and an object, nothing is read. The beginning of such a text is lost, so the object may be a body that anybody
 * wrote.
 */
function valuesByBraces(text: string): JsonValues {
  if (/^[^{]*"\s*:\s*\{/.test(text)) return { values: [], damaged: 1 };
  const values: unknown[] = [];
  let damaged = 0;
  for (let at = text.indexOf('{'); at >= 0; ) {
    const end = closingBrace(text, at);
    const parsed = end === undefined ? undefined : parseJson(text.slice(at, end + 1));
    if (parsed?.ok) values.push(parsed.value);
    else damaged += 1;
    at = end === undefined ? -1 : text.indexOf('{', end + 1);
  }
  return { values, damaged };
}

const DEEPER: Readonly<Record<string, number>> = { '{': 1, '}': -1 };

/** Returns the position of the brace that closes the one at `from`. Braces within JSON strings do not count. */
export function closingBrace(text: string, from: number): number | undefined {
  let depth = 0;
  let isText = false;
  for (let at = from; at < text.length; at += 1) {
    const c = text.charAt(at);
    if (isText && c === '\\') at += 1;
    else if (c === '"') isText = !isText;
    else if (!isText) depth += DEEPER[c] ?? 0;
    if (depth === 0) return at;
  }
  return undefined;
}

/** Matches what CloudWatch Logs exports and `aws logs tail` write before a message: its time, and sometimes its stream. */
const BEFORE_MESSAGE = /^[^{["]{0,600}(?=\{)/;

function valuesOfLines(text: string): JsonValues {
  const values: unknown[] = [];
  let damaged = 0;
  for (const line of text.split('\n')) {
    const json = withoutEnd(line.trim().replace(BEFORE_MESSAGE, ''));
    if (!/^[{[]./.test(json)) continue;
    const parsed = parseJson(json);
    if (parsed.ok) values.push(parsed.value);
    else damaged += 1;
  }
  return { values, damaged };
}

function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ",;`'".includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
