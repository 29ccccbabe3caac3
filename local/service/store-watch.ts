import { codeOf } from '../../lib/adapters/files/paths.ts';
import { LocalError } from './local-error.ts';

/**
 * Watches for errors in the files of the tables. dynalite throws these outside of promises, where they would end the
 * process with a stack. If one occurs, `broken` is aborted with the reason: a LocalError if the files are the cause.
 */
export interface StoreWatch {
  readonly broken: AbortSignal;
  stop(): void;
}

export function watchStore(folder: string): StoreWatch {
  const controller = new AbortController();
  const crash = (error: unknown) => controller.abort(isOfStore(error) ? cannotWrite(folder, error) : error);
  process.on('uncaughtException', crash);
  return { broken: controller.signal, stop: () => void process.off('uncaughtException', crash) };
}

/**
 * Waits for the work.
 * @throws the reason if the store breaks before the work is done.
 */
export async function unlessBroken<T>(work: Promise<T>, broken: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const rejectAborted = () => reject(broken.reason);
  broken.addEventListener('abort', rejectAborted, { once: true });
  try {
    broken.throwIfAborted();
    return await Promise.race([work, promise]);
  } finally {
    broken.removeEventListener('abort', rejectAborted);
    work.catch(() => undefined); // The crash cut its connection. The reason is reported already.
  }
}

/**
 * Returns whether the tables cannot be written because the disk is full, a quota or file size is exceeded, or the file
 * system is read-only.
 */
export function isForLackOfRoom(error: unknown): boolean {
  return /No space left|quota exceeded|File too large|Read-only file system/i.test(String(rootOf(error)));
}

/** Returns an error with a message for a person. */
export function cannotWrite(folder: string, error: unknown): LocalError {
  const [, reason = 'disk error'] = /IO error: .*: ([^:]+)$/s.exec(String(rootOf(error))) ?? [];
  return new LocalError(
    `The tables in ${folder} cannot be written: ${reason}. Make room there or choose another folder with --data. Then ` +
      'start again: the service continues with what is stored.',
    { cause: error },
  );
}

/** Returns whether the error is LevelDB's, in which dynalite keeps the tables. Its codes start like this. */
export function isOfStore(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === 'string' && code.startsWith('LEVEL_');
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error;
}
