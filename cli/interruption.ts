import { CommandFailure } from './failure.ts';

/** Runs work that Ctrl-C ends cleanly: what is under way is given up, and the status and `said` say so. */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  said = 'Interrupted; nothing was changed.',
): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw new CommandFailure(said, 130, { cause: error });
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
