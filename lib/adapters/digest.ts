import { createHash, hash, randomBytes } from 'node:crypto';

/** 192 bits: nobody finds two texts of one digest, and ids and keys stay short. */
const CHARACTERS = 32;

/** The beginning of SHA-256, as base64url: 32 characters. */
export const sha256 = (of: string | Uint8Array): string => hash('sha256', of, 'base64url').slice(0, CHARACTERS);

/** 128 bits of it, 22 characters: for what is told apart within one place. */
export const shortSha256 = (of: string | Uint8Array): string => sha256(of).slice(0, 22);

/** 48 bits by chance, as base64url: 8 characters. */
export function randomSalt(): string {
  return randomBytes(6).toString('base64url');
}

/** As sha256sum writes it. */
export function sha256Hex(of: string | Uint8Array): string {
  return hash('sha256', of, 'hex');
}

/** The same of all that comes, with how many bytes it was. */
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
