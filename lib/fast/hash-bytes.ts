const PRIME = 0x01000193;

/** The sum with these bytes mixed in, one in `stride` of them (FNV-1a). */
export function mixed(sum: number, bytes: Uint8Array, from: number, to: number, stride = 1): number {
  let mixing = sum;
  for (let at = from; at < to; at += stride) mixing = mix(mixing, bytes[at] ?? 0);
  return mixing;
}

/** … with one byte. */
export function mix(sum: number, byte: number): number {
  return Math.imul(sum ^ byte, PRIME);
}

/** What the sum came to: its low bits, by which places are told apart, have of its high ones, too. */
export function hashed(sum: number): number {
  return sum ^ (sum >>> 15);
}
