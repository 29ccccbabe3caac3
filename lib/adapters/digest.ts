import { createHash, hash, randomBytes } from 'node:crypto';

/**
 * The length of a digest in characters, which is 192 bits. Nobody can find two texts with the same digest, and IDs and
 * keys stay short.
 */
const CHARACTERS = 32;

/** Returns the first 192 bits of SHA-256 as base64url: 32 characters. */
export const sha256 = (of: string | Uint8Array): string => hash('sha256', of, 'base64url').slice(0, CHARACTERS);

/** Returns the first 128 bits as 22 characters. They distinguish values in one place. */
export const shortSha256 = (of: string | Uint8Array): string => sha256(of).slice(0, 22);

/** Returns 48 random bits as base64url: 8 characters. */
export function randomSalt(): string {
  return randomBytes(6).toString('base64url');
}

/** Returns the SHA-256 in hexadecimal, as `sha256sum` writes it. */
export function sha256Hex(of: string | Uint8Array): string {
  return hash('sha256', of, 'hex');
}

/** Returns the SHA-256 of all pieces in hexadecimal, and their total length in bytes. */
export async function digestOfAll(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const digest = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    digest.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: digest.digest('hex') };
}
