import { Argument, Command } from 'commander';

const SCRIPTS = {
  bash: async () => (await import('./bash.ts')).bashCompletion,
  zsh: async () => (await import('./zsh.ts')).zshCompletion,
  fish: async () => (await import('./fish.ts')).fishCompletion,
} as const;
type Shell = keyof typeof SCRIPTS;

/** `eks-whois completion`: a script for a shell, made from the definitions of the commands. */
export function completionCommand(): Command {
  return new Command('completion')
    .summary('a script by which a shell completes commands, options and values')
    .description(
      'Prints a completion script for a shell. It is made from the commands as they are, so print it anew after an update.',
    )
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      `
Examples:
  source <(eks-whois completion bash)
  eks-whois completion zsh > "\${fpath[1]}/_eks-whois"
  eks-whois completion fish > ~/.config/fish/completions/eks-whois.fish

The first line belongs into ~/.bashrc. Commands, options, values that are a choice, and files are completed, for the
command eks-whois itself: npm link puts it on the PATH. Shells complete nothing behind npx.

Actors, roles, clusters and namespaces are completed from the service that --api, --table, --service, EKS_WHOIS_API,
EKS_WHOIS_TABLE or the default of eks-whois configure names; without one nobody is asked. Names are taken as they are
written, also in case. Those that a shell could read otherwise are left out; eks-whois known lists all. Nothing is offered
where more than 1,000 begin as typed, or no answer comes within 2 seconds: eks-whois completion values actors al says why.

Exit status: 0 done; 2 wrong usage.`,
    )
    .action((shell: Shell, _options: object, command: Command) => completionAction(shell, command));
}

async function completionAction(shell: Shell, command: Command): Promise<void> {
  const { commandTree } = await import('./command-tree.ts');
  const program = command.parent ?? command;
  const script = await SCRIPTS[shell]();
  process.stdout.write(script(program.name(), commandTree(program)));
}
