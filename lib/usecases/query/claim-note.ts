/** Characters of a note, and of a salt: 48 bits as base64url. */
export const NOTE_LENGTH = 8;

/** The largest prime below 2^48. */
const PRIME = 2n ** 48n - 59n;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * A claim's id as a cursor has room for it: the polynomial of its characters at the salt, modulo a prime. The ids of those who make
 * sessions can be searched for, two that begin alike among them; of two ids of 32 characters at most 31 salts of 2^48 make one
 * note, and nobody who makes sessions knows the salt. Source of the bound: Carter and Wegman, "Universal Classes of Hash
 * Functions", 1979; a polynomial has no more roots than its degree.
 */
export function saltedNote(id: string, salt: string): string {
  const at = numberOf(salt);
  let sum = 0n;
  for (let index = 0; index < id.length; index += 1) sum = (sum * at + BigInt(id.charCodeAt(index))) % PRIME;
  return Array.from({ length: NOTE_LENGTH }, (_, digit) => DIGITS[Number((sum >> BigInt(6 * digit)) & 63n)]).join('');
}

/** What is no digit counts as none: a cursor comes from outside. */
function numberOf(salt: string): bigint {
  return [...salt].reduce((sum, digit) => sum * 64n + BigInt(Math.max(0, DIGITS.indexOf(digit))), 0n);
}
