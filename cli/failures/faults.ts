import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { CommandError } from './command-error.ts';

/** Does a command's work; a fault that is worded for a person ends it with that sentence. */
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

/** Something that a person should know, which does not end the command. */
export function note(text: string): void {
  process.stderr.write(`eks-whois: ${escapeForTerminal(text)}\n`);
}
