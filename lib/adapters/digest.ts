import { createHash, hash, randomBytes } from 'node:crypto';

/** 192 bits: nobody finds two texts of one digest, and ids and keys stay short. */
const CHARACTERS = 32;

/** The beginning of SHA-256, as base64url: 32 characters. */
export const sha256 = (of: string | Uint8Array): string => hash('sha256', of, 'base64url').slice(0, CHARACTERS);

/** 48 bits by chance, as base64url: 8 characters. */
export function randomSalt(): string {
  return randomBytes(6).toString('base64url');
}

/** As sha256sum writes it. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
