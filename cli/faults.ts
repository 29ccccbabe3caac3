import { AwsFault } from '../lib/adapters/eks/aws-fault.ts';
import { KubeconfigFault } from '../lib/kubeconfig/fault.ts';
import { escapeForTerminal } from './escape.ts';
import { CommandFailure } from './failure.ts';

/** Does a command's work; a fault that is worded for a person ends it with that sentence. */
export async function tellingFaults(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AwsFault) {
      throw new CommandFailure(escapeForTerminal(error.message), error.kind === 'no-region' ? 2 : 1, { cause: error });
    }
    if (error instanceof KubeconfigFault)
      throw new CommandFailure(escapeForTerminal(error.message), 1, { cause: error });
    throw error;
  }
}

/** Something that a person should know, which does not end the command. */
export function note(text: string): void {
  process.stderr.write(`eks-whois: ${escapeForTerminal(text)}\n`);
}
