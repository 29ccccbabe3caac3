import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { CommandError } from './command-error.ts';

/**
 * Runs a command's work. Faults that are worded for users become errors of the command.
 * @throws CommandError for them.
 */
export async function reportFaults(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AwsError) {
      throw new CommandError(escapeForTerminal(error.message), error.kind === 'no-region' ? 2 : 1, { cause: error });
    }
    if (error instanceof KubeconfigError) throw new CommandError(escapeForTerminal(error.message), 1, { cause: error });
    throw error;
  }
}

/** Returns a `note` that writes each message only once, for a command that asks several questions. */
export function notingOnce(): typeof note {
  const noted = new Set<string>();
  return (text) => {
    if (!noted.has(text)) note(text);
    noted.add(text);
  };
}

/** Writes a message to standard error that does not end the command. */
export function note(text: string): void {
  process.stderr.write(`eks-whois: ${escapeForTerminal(text)}\n`);
}
