/**
 * Ids that look random and never change: each is drawn from a generator seeded with its own label, so that adding one
 * event to the story leaves every other id, and so the committed files' diff, as it was.
 */

/** Returns numbers in [0, 1), the same for the same label. */
export function seeded(label: string): () => number {
  return mulberry32(fnv1a(label));
}

/** Returns numbers in [0, 1), the same for the same seed on every machine. Neighboring seeds begin alike. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}

/** `length` characters of `alphabet`. */
export function letters(alphabet: string, length: number, next: () => number): string {
  return Array.from({ length }, () => alphabet.charAt(Math.floor(next() * alphabet.length))).join('');
}

/** A version 4 UUID, as audit ids and CloudTrail's event ids are. */
export function uuid(label: string): string {
  const hex = letters('0123456789abcdef', 30, seeded(`uuid:${label}`));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
}

const IAM_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A role's or user's unique id: 21 characters that end in EXAMPLE, the way AWS's documentation writes them. */
export function principalId(prefix: 'AROA' | 'AIDA', label: string): string {
  return `${prefix}${letters(IAM_ALPHABET, 10, seeded(`${prefix}:${label}`))}EXAMPLE`;
}

/** An access key id of 20 characters that ends in EXAMPLE, so that secret scanners know it for what it is. */
export function accessKeyId(prefix: 'AKIA' | 'ASIA', label: string): string {
  return `${prefix}${letters(IAM_ALPHABET, 9, seeded(`${prefix}:${label}`))}EXAMPLE`;
}
