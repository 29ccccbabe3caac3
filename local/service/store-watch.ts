import { failureOf } from '../../lib/adapters/files/paths.ts';
import { LocalFault } from './local-fault.ts';

/**
 * dynalite throws what is wrong with its files outside of any promise, where it would end the process with a stack.
 * Watched, it ends the work by a signal, whose reason is a sentence for a person.
 */
export class StoreWatch {
  readonly #folder: string;
  readonly #failed = new AbortController();
  #isFull = false;

  constructor(folder: string) {
    this.#folder = folder;
    process.on('uncaughtException', this.#take);
  }

  /** Aborted when the store can be used no more; its reason is a `LocalFault`. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Whether it failed since its disk is full. */
  get isFull(): boolean {
    return this.#isFull;
  }

  end(): void {
    process.off('uncaughtException', this.#take);
  }

  readonly #take = (error: Error): void => {
    const isOfStore = 'code' in error && String(error.code).startsWith('LEVEL_');
    if (!isOfStore && process.listenerCount('uncaughtException') === 1) throw error; // it ends the process, as ever
    if (!isOfStore) return;
    this.#isFull ||= isOfFullDisk(error);
    this.#failed.abort(faultOf(error, this.#folder));
  };
}

/** What could not be written of one's own, as a sentence. */
export function unwritten(path: string, error: unknown): LocalFault {
  return new LocalFault(`${path} ${failureOf(error, 'written')}: ${MAKE_ROOM}`, { cause: error });
}

const MAKE_ROOM = 'make room there, or give another folder with --data.';

function isOfFullDisk(error: unknown): boolean {
  return error instanceof Error && (error.message.includes('No space left') || isOfFullDisk(error.cause));
}

function faultOf(error: Error, folder: string): LocalFault {
  const what = isOfFullDisk(error) ? 'is on a disk that is full' : `can be used no more (${error.message})`;
  return new LocalFault(`The store in ${folder} ${what}: ${MAKE_ROOM} Started again, it goes on with what is stored.`, {
    cause: error,
  });
}
