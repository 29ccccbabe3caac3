import { Argument, Command } from 'commander';
import { type CommandHelp, withHelp } from '../help/command-help.ts';

const SCRIPTS = {
  bash: async () => (await import('./bash.ts')).bashCompletion,
  zsh: async () => (await import('./zsh.ts')).zshCompletion,
  fish: async () => (await import('./fish.ts')).fishCompletion,
} as const;
type Shell = keyof typeof SCRIPTS;

/** Defines `eks-whois completion`, which prints a script that is made from the definitions of the commands. */
export function completionCommand(): Command {
  const command = new Command('completion')
    .summary('a script that completes commands, options and names in your shell')
    .description(
      'Prints a completion script for a shell. It is made from the commands of this version: print it again after an update.',
    )
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SCRIPTS)));
  return withHelp(command, HELP).action((shell: Shell, _options: object, command: Command) =>
    completionAction(shell, command),
  );
}

const HELP: CommandHelp = {
  notes: `
Put the line for bash into ~/.bashrc. The command eks-whois must be on the PATH (npm link does that). Shells complete nothing
after npx.

It completes commands, options, choices and files. Actors, roles, clusters and namespaces come from the service that --api,
--table, --service, EKS_WHOIS_API, EKS_WHOIS_TABLE or the default of eks-whois configure names. Without one, nothing is queried.
Upper and lower case matter. Names that a shell could read as something else are left out: eks-whois known lists all.

No name is offered if more than 1,000 match, or if no answer comes within 2 seconds. To see why:
  eks-whois completion values actors al`,
  examples: [
    { asks: 'For bash:', command: 'source <(eks-whois completion bash)' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the variable is the shell's
    { asks: 'For zsh:', command: 'eks-whois completion zsh > "${fpath[1]}/_eks-whois"' },
    { asks: 'For fish:', command: 'eks-whois completion fish > ~/.config/fish/completions/eks-whois.fish' },
  ],
  exitStatus: '0 done; 2 wrong usage.',
};

async function completionAction(shell: Shell, command: Command): Promise<void> {
  const { commandTree } = await import('./command-tree.ts');
  const program = command.parent ?? command;
  const script = await SCRIPTS[shell]();
  process.stdout.write(script(program.name(), commandTree(program)));
}
