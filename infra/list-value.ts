import { deflateRawSync } from 'node:zlib';

/** From how many characters on a list is packed: shorter ones stay readable in the console. */
const LONG = 512;

/**
 * A list as a function's environment has it, for `lib/config.ts`: a JSON array, since an entry may hold a comma; a long
 * one packed, as Lambda takes 4 KB in all. Templates of one cluster have most of their letters in common.
 */
export function listValue(entries: readonly string[]): string {
  const json = JSON.stringify(entries);
  if (json.length < LONG) return json;
  return `deflate:${deflateRawSync(json, { level: 9 }).toString('base64')}`;
}
