import { CommanderError } from 'commander';
import { escapeLines } from './escape.ts';
import { CommandFailure } from './failure.ts';

/** Tells a person what went wrong, never where in the code; answers with the exit status. */
export function tellFailure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has told it already
  if (error instanceof CommandFailure) {
    process.stderr.write(escapeLines(`eks-whois: ${error.message}\n`));
    return error.exitStatus;
  }
  process.stderr.write(
    escapeLines(
      `eks-whois: something went wrong that should not have: ${error instanceof Error ? error.message : String(error)}\n` +
        'Please report it; EKS_WHOIS_DEBUG=1 shows where.\n',
    ),
  );
  if (process.env.EKS_WHOIS_DEBUG !== undefined) console.error(error);
  return 1;
}
