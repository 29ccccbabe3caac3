import { isJsonObject, type JsonObject, parseJson } from '../json.ts';
import type { Outcome } from './finding.ts';

/**
 * The values of a text: one JSON value, an array of them, or one a line or after another line by line, as a shell loop
 * over an AWS CLI command leaves them (`{…}\n{…}`, also when they are indented).
 */
export function jsonAnswers(text: string): Outcome<readonly JsonObject[]> {
  const whole = parseJson(text);
  const values = whole.ok ? (Array.isArray(whole.value) ? (whole.value as unknown[]) : [whole.value]) : severalOf(text);
  if (values === undefined) return { ok: false, message: 'it is no JSON' };
  const objects = values.filter(isJsonObject);
  return objects.length === values.length
    ? { ok: true, value: objects }
    : { ok: false, message: 'it holds JSON that is no object' };
}

/** Where a line is `}` alone or ends an object of one line, a value can end. */
function severalOf(text: string): readonly unknown[] | undefined {
  const values: unknown[] = [];
  let lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' && lines.length === 0) continue;
    lines.push(line);
    if (!/^(?:\}|\{.*\}\s*)$/.test(line)) continue;
    const parsed = parseJson(lines.join('\n'));
    if (!parsed.ok) return undefined;
    values.push(parsed.value);
    lines = [];
  }
  return lines.length === 0 && values.length > 0 ? values : undefined;
}
