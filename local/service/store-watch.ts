import { codeOf } from '../../lib/adapters/files/paths.ts';
import { LocalError } from './local-error.ts';

/**
 * Watches for what goes wrong with the files of the tables, which dynalite throws outside of any promise, where it would
 * end the process with a stack. Once aborted, `broken` has the reason; a LocalError where the files are at fault.
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

/** @throws the reason where the store breaks before the work is done. */
export async function unlessBroken<T>(work: Promise<T>, broken: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const tell = () => reject(broken.reason);
  broken.addEventListener('abort', tell, { once: true });
  try {
    broken.throwIfAborted();
    return await Promise.race([work, promise]);
  } finally {
    broken.removeEventListener('abort', tell);
    work.catch(() => undefined); // the connection that the crash cut; told already
  }
}

/** Whether the tables could be written, if there were room. */
export function isForLackOfRoom(error: unknown): boolean {
  return /No space left|quota exceeded|File too large|Read-only file system/i.test(String(rootOf(error)));
}

/** A sentence for a person. */
export function cannotWrite(folder: string, error: unknown): LocalError {
  const [, reason = 'its disk fails'] = /IO error: .*: ([^:]+)$/s.exec(String(rootOf(error))) ?? [];
  return new LocalError(
    `The tables in ${folder} cannot be written: ${reason}. Make room there or give another folder with --data, and ` +
      'start again, which goes on with what is stored.',
    { cause: error },
  );
}

/** The errors of LevelDB, in which dynalite keeps the tables, have codes that begin so. */
export function isOfStore(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === 'string' && code.startsWith('LEVEL_');
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error;
}
