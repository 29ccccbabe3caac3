/**
 * IDs that look random and never change. Each comes from a generator that is seeded with its own label. So adding one
 * event to the story changes no other ID, and the diff of the committed files stays small.
 */

/** Returns numbers in [0, 1), the same for the same label. */
export function seeded(label: string): () => number {
  return mulberry32(fnv1a(label));
}

/**
 * Returns numbers in [0, 1), the same for the same seed on every machine. Neighboring seeds start with similar numbers.
 */
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

/** Returns `length` characters of `alphabet`. */
export function letters(alphabet: string, length: number, next: () => number): string {
  return Array.from({ length }, () => alphabet.charAt(Math.floor(next() * alphabet.length))).join('');
}

/** Returns a version 4 UUID, the form of audit IDs and CloudTrail's event IDs. */
export function uuid(label: string): string {
  const hex = letters('0123456789abcdef', 30, seeded(`uuid:${label}`));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
}

const IAM_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Returns the unique ID of a role or user: 21 characters that end in EXAMPLE, as in AWS's documentation. */
export function principalId(prefix: 'AROA' | 'AIDA', label: string): string {
  return `${prefix}${letters(IAM_ALPHABET, 10, seeded(`${prefix}:${label}`))}EXAMPLE`;
}

/** Returns an access key ID of 20 characters. It ends in EXAMPLE, so that secret scanners ignore it. */
export function accessKeyId(prefix: 'AKIA' | 'ASIA', label: string): string {
  return `${prefix}${letters(IAM_ALPHABET, 9, seeded(`${prefix}:${label}`))}EXAMPLE`;
}
