import { CommanderError } from 'commander';
import { escapeLines } from '../../lib/words/escape.ts';
import { readEnvironment } from '../options/environment.ts';
import { CommandError } from './command-error.ts';

/** Faults of standard output that were reported. A command that buffers its output fails with the same one. */
const reported = new WeakSet<Error>();

/** Marks the error as reported, so that a failure that it caused is not reported again. */
export function markReported(error: Error): void {
  reported.add(error);
}

/**
 * Returns whether the command line itself is wrong. Commander also throws after it showed a help. That does not count.
 */
export function isWrongUsage(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode !== 0 && !error.code.startsWith('commander.help');
}

/** Writes to standard error what went wrong, without the place in the code. Returns the exit status. */
export function reportFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has reported it
  if (error instanceof CommandError) {
    const isReported = error.cause instanceof Error && reported.has(error.cause);
    if (!isReported) process.stderr.write(escapeLines(`eks-whois: ${error.message}\n`));
    return error.exitStatus;
  }
  process.stderr.write(
    escapeLines(
      `eks-whois: An error in eks-whois itself: ${error instanceof Error ? error.message : String(error)}\n` +
        'Please report it. To add where it happened, run the command again with EKS_WHOIS_DEBUG=1.\n',
    ),
  );
  if (readEnvironment().EKS_WHOIS_DEBUG !== undefined) console.error(error);
  return 1;
}
