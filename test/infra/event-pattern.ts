import { isJsonObject } from '../../lib/json.ts';

/**
 * Whether an event pattern of EventBridge lets an event through, as far as this project writes patterns: exact texts
 * and `exists` (EventBridge User Guide, "Event patterns").
 * @throws where the pattern has another operator.
 */
export function eventPatternMatches(pattern: unknown, event: unknown): boolean {
  if (!isJsonObject(pattern)) throw new Error(`a pattern was expected, not ${JSON.stringify(pattern)}`);
  return Object.entries(pattern).every(([key, wanted]) => {
    const value = isJsonObject(event) ? event[key] : undefined;
    return Array.isArray(wanted) ? wanted.some((each) => fits(each, value)) : eventPatternMatches(wanted, value);
  });
}

function fits(wanted: unknown, value: unknown): boolean {
  if (typeof wanted === 'string') return value === wanted;
  if (isJsonObject(wanted) && typeof wanted.exists === 'boolean') return (value !== undefined) === wanted.exists;
  throw new Error(`not understood: ${JSON.stringify(wanted)}`);
}
