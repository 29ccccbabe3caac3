import { CommanderError } from 'commander';
import { escapeLines } from '../../lib/words/escape.ts';
import { readEnvironment } from '../options/environment.ts';
import { CommandError } from './command-error.ts';

/** What failed on standard output and was told: a command that gathers its output hears of it, and fails with it, too. */
const told = new WeakSet<Error>();

/** The error is told already: a failure that it caused is not told again. */
export function noteAsTold(error: Error): void {
  told.add(error);
}

/** Tells a person what went wrong, never where in the code; answers with the exit status. */
export function tellFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has told it already
  if (error instanceof CommandError) {
    const isTold = error.cause instanceof Error && told.has(error.cause);
    if (!isTold) process.stderr.write(escapeLines(`eks-whois: ${error.message}\n`));
    return error.exitStatus;
  }
  process.stderr.write(
    escapeLines(
      `eks-whois: something went wrong that should not have: ${error instanceof Error ? error.message : String(error)}\n` +
        'Please report it; EKS_WHOIS_DEBUG=1 shows where.\n',
    ),
  );
  if (readEnvironment().EKS_WHOIS_DEBUG !== undefined) console.error(error);
  return 1;
}
