import { CommandError } from '../failures/command-error.ts';

/** Exit statuses of a process that a signal ended, as shells define them. */
const STATUSES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Waits for Ctrl-C or SIGTERM. */
export async function untilEnded(): Promise<undefined> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  return undefined;
}

/**
 * Runs work that Ctrl-C or SIGTERM can end: the signal aborts the work. A signal can come twice: from the terminal, and
 * from the process that started this one.
 * @throws CommandError with `message` and the exit status of the signal, if a signal ended the work.
 */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  message = 'Interrupted; nothing was changed.',
): Promise<T> {
  const controller = new AbortController();
  let status: 130 | 143 = STATUSES.SIGINT;
  const interrupt = (signal: keyof typeof STATUSES) => {
    if (!controller.signal.aborted) status = STATUSES[signal];
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) throw new CommandError(message, status, { cause: error });
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
