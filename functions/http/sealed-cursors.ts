import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SealingKey } from '../../lib/ports/sealing-key.ts';
import { CursorError } from '../../lib/usecases/query/cursor.ts';

const CIPHER = 'aes-256-gcm';
const [NONCE, TAG] = [12, 16];

/**
 * Seals cursors for users who may see only some clusters. A cursor has the time and the digest of the last record that
 * was read. The user may not be allowed to see that record. They can neither read a sealed cursor nor make one.
 */
export class SealedCursors {
  readonly #key: SealingKey;
  #loaded: Promise<Uint8Array> | undefined;

  constructor(key: SealingKey) {
    this.#key = key;
  }

  /**
   * Returns the query with its cursors opened.
   * @throws CursorError if one was not sealed here.
   */
  async opened(query: string): Promise<string> {
    const parameters = new URLSearchParams(query);
    if (!parameters.has('cursor')) return query;
    const key = await this.#loadKey();
    const opened = [...parameters].map(([name, value]): [string, string] => [
      name,
      name === 'cursor' ? open(value, key) : value,
    ]);
    return new URLSearchParams(opened).toString();
  }

  /** Returns the answer with its cursor sealed. */
  async sealed(answer: object): Promise<object> {
    if (!('cursor' in answer) || typeof answer.cursor !== 'string') return answer;
    return { ...answer, cursor: seal(answer.cursor, await this.#loadKey()) };
  }

  #loadKey(): Promise<Uint8Array> {
    this.#loaded ??= this.#key.get().catch((error: unknown) => {
      this.#loaded = undefined;
      throw error;
    });
    return this.#loaded;
  }
}

/** Seals the text. It is compressed first: a cursor may be as long as a URL allows. */
function seal(text: string, key: Uint8Array): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const sealed = Buffer.concat([cipher.update(deflateRawSync(text)), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

function open(text: string, key: Uint8Array): string {
  const bytes = Buffer.from(text, 'base64url');
  try {
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
    const opened = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
    return inflateRawSync(opened).toString();
  } catch (error) {
    throw new CursorError(
      'This cursor was not issued to somebody who may see only some clusters. Start again without a cursor.',
      {
        cause: error,
      },
    );
  }
}
