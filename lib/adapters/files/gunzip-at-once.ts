import { type Gunzip, gunzipSync } from 'node:zlib';

/** In bytes, compressed: files of CloudTrail are mostly shorter. */
export const SHORT = 1024 * 1024;
/** In bytes, what is worked on at once. */
const LONGEST = 16 * 1024 * 1024;
/** As what is asked of zlib at once. */
const SMALLEST_CHUNK = 16 * 1024;

/**
 * What gzip members, one behind the other, inflate to; undefined where something else stands behind them, padding too, where they
 * are cut, damaged or inflate too far: then it is to be told how far they reach.
 */
export function gunzipAtOnce(compressed: Buffer): Buffer | undefined {
  const chunkSize = Math.max(SMALLEST_CHUNK, Math.min(LONGEST, lastLength(compressed)) + 1);
  try {
    const inflated: unknown = gunzipSync(compressed, { chunkSize, maxOutputLength: LONGEST, info: true });
    const { buffer, engine } = inflated as { readonly buffer: Buffer; readonly engine: Gunzip }; // what `info` asks for
    return engine.bytesWritten === compressed.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

/** What the last member says that it inflates to, which is mostly the only one. Source: RFC 1952, 2.3.1, ISIZE. */
function lastLength(compressed: Buffer): number {
  return compressed.length < 4 ? 0 : compressed.readUInt32LE(compressed.length - 4);
}
