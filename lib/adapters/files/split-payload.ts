import { gzipSync } from 'node:zlib';
import { isJsonObject, listAt, parseJson } from '../../json.ts';
import { inflatePayload } from './inflate.ts';

/**
 * Splits a subscription's payload, as `awslogs.data` has it, into payloads of some of its log events each, which are at most so
 * long. What cannot be split is answered as it is: a payload of one event, or none that can be read.
 * @param longest in characters.
 */
export function splitPayload(data: string, longest: number): readonly string[] {
  if (data.length <= longest) return [data];
  const inflated = inflatePayload(data);
  const parsed = inflated.ok ? parseJson(inflated.text) : inflated;
  const payload = parsed.ok && 'value' in parsed && isJsonObject(parsed.value) ? parsed.value : undefined;
  const events = listAt(payload, 'logEvents') ?? [];
  if (events.length < 2) return [data];
  const half = Math.ceil(events.length / 2);
  const parts = [events.slice(0, half), events.slice(half)];
  return parts.flatMap((logEvents) => splitPayload(packed({ ...payload, logEvents }), longest));
}

function packed(payload: object): string {
  return gzipSync(JSON.stringify(payload)).toString('base64');
}
