import { allCommands, type CompletedCommand, type CompletedOption } from './command-tree.ts';

/** One `complete` line for each command and option. */
export function fishCompletion(program: string, tree: CompletedCommand): string {
  const lines = allCommands(tree).flatMap((command) => [
    ...command.commands.map(
      ({ path, says }) => `complete -c ${program} ${where(command, true)} -a ${path.at(-1)} -d ${quoted(says)}`,
    ),
    ...command.options.map((option) => `complete -c ${program} ${where(command, false)} ${optionOf(option)}`),
    ...argumentLines(program, command),
  ]);
  return `# ${program} for fish: ${program} completion fish > ~/.config/fish/completions/${program}.fish
complete -c ${program} -f
${lines.join('\n')}
`;
}

function argumentLines(program: string, command: CompletedCommand): string[] {
  const [first] = command.arguments;
  if (first?.kind === 'choices')
    return [`complete -c ${program} ${where(command, false)} -a ${quoted(first.choices.join(' '))}`];
  return first?.kind === 'files' ? [`complete -c ${program} ${where(command, false)} -F`] : [];
}

/** Where the line counts: behind the command's words, and, for its own commands, before any of them. */
function where({ path, commands }: CompletedCommand, isForCommands: boolean): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const names = commands.map((command) => command.path.at(-1)).join(' ');
  const isAtItsOwn = commands.length > 0 && (isForCommands || path.length === 0);
  const none = isAtItsOwn ? [`not __fish_seen_subcommand_from ${names}`] : [];
  return `-n ${quoted([...seen, ...none].join('; and '))}`;
}

function optionOf({ names, says, values }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const described = `-d ${quoted(says)}`;
  if (values === undefined) return [...flags, described].join(' ');
  if (values.kind === 'choices') return [...flags, '-x', `-a ${quoted(values.choices.join(' '))}`, described].join(' ');
  if (values.kind === 'files') return [...flags, '-r', '-F', described].join(' ');
  return values.kind === 'folders'
    ? [...flags, '-x', "-a '(__fish_complete_directories)'", described].join(' ')
    : [...flags, '-x', described].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
