import { parseJson } from '../json.ts';

/** A time before a message, as exports of CloudWatch Logs and `aws logs tail` write it, perhaps with the stream behind it. */
const BEFORE_MESSAGE = /^[^{["]{0,600}(?=\{)/;

/**
 * The JSON values of a text: of the whole, of each line (JSON lines, exports with a time before each message, elements with
 * a comma behind them), or one behind the other, as `jq` prints them. What is none is passed over.
 */
export function jsonValues(text: string): readonly unknown[] {
  const whole = parseJson(text.replace(/[\s,;]+$/, ''));
  if (whole.ok) return typeof whole.value === 'object' && whole.value !== null ? [whole.value] : [];
  const lines = valuesOfLines(text);
  return lines.length > 0 ? lines : valuesByBrackets(text);
}

function valuesOfLines(text: string): readonly unknown[] {
  return text.split('\n').flatMap((line) => {
    const json = withoutEnd(line.trim().replace(BEFORE_MESSAGE, ''));
    if (!/^[{[]./.test(json)) return [];
    const parsed = parseJson(json);
    return parsed.ok ? [parsed.value] : [];
  });
}

function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ",;`'".includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Each pair of outermost braces; behind one that does not close, nothing is read. */
function valuesByBrackets(text: string): readonly unknown[] {
  const values: unknown[] = [];
  for (let at = text.indexOf('{'); at >= 0; ) {
    const end = closingBrace(text, at);
    if (end === undefined) break;
    const parsed = parseJson(text.slice(at, end + 1));
    if (parsed.ok) values.push(parsed.value);
    at = text.indexOf('{', end + 1);
  }
  return values;
}

/** Quotes within texts are escaped; so braces in them are none. */
function closingBrace(text: string, from: number): number | undefined {
  let depth = 0;
  let isText = false;
  for (let at = from; at < text.length; at += 1) {
    const c = text.charAt(at);
    if (isText && c === '\\') at += 1;
    else if (c === '"') isText = !isText;
    else if (!isText && c === '{') depth += 1;
    else if (!isText && c === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}
