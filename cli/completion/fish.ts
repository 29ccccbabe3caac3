import { allCommands, type CompletedCommand, type CompletedOption } from './command-tree.ts';

/** Returns a script for fish: one `complete` line for each command and option. */
export function fishCompletion(program: string, tree: CompletedCommand): string {
  const namesFunction = `__${program.replaceAll('-', '_')}_names`;
  const lines = allCommands(tree).flatMap((command) => [
    ...command.commands.map(
      ({ path, says }) => `complete -c ${program} ${where(command, true)} -a ${path.at(-1)} -d ${quoted(says)}`,
    ),
    ...command.options.map(
      (option) => `complete -c ${program} ${where(command, false)} ${optionOf(option, namesFunction)}`,
    ),
    ...command.hiddenOptions.map(
      (option) => `complete -c ${program} ${where(command, false, isTyped(option))} ${optionOf(option, namesFunction)}`,
    ),
    ...argumentLines(program, command, namesFunction),
  ]);
  return `# ${program} for fish: ${program} completion fish > ~/.config/fish/completions/${program}.fish
# Names come from whoever may ask a cluster: they are taken as they are, and nothing of them is evaluated.
function ${namesFunction}
    set -l typed (commandline -ct | string replace -r -- '^--[^=]*=' '')
    command ${program} completion values $argv[1] "$typed" (commandline -op) </dev/null 2>/dev/null
end
complete -c ${program} -f
${lines.join('\n')}
`;
}

function argumentLines(program: string, command: CompletedCommand, namesFunction: string): string[] {
  const [first, second] = command.arguments;
  const line = (condition: string, offered: string) => `complete -c ${program} ${condition} ${offered}`;
  if (first?.kind === 'files') return [line(where(command, false), '-F')];
  if (first?.kind === 'names')
    return [line(where(command, true, ...isNoCommand(command)), namesOf(first.of, namesFunction))];
  if (first?.kind !== 'choices') return [];
  const { choices } = first;
  if (second?.kind !== 'names') return [line(where(command, false), `-a ${quoted(choices.join(' '))}`)];
  return [
    line(
      where(command, false, `not __fish_seen_subcommand_from ${choices.join(' ')}`),
      `-a ${quoted(choices.join(' '))}`,
    ),
    ...choices.map((choice) =>
      line(
        where(command, false, `__fish_seen_subcommand_from ${choice}`),
        namesOf(second.of === 'as-first-argument' ? choice : second.of, namesFunction),
      ),
    ),
  ];
}

function namesOf(kind: string, namesFunction: string): string {
  return `-a ${quoted(`(${namesFunction} ${kind})`)}`;
}

/** Returns the condition under which names are offered: no subcommand of the command begins with the typed text. */
function isNoCommand({ commands }: CompletedCommand): string[] {
  if (commands.length === 0) return [];
  const names = commands.map(({ path }) => path.at(-1)).join(' ');
  return [`not string match -q -- (commandline -ct)"*" ${names}`];
}

/**
 * Returns the condition for options that the help does not list: they are offered once somebody begins to type them.
 */
function isTyped({ names }: CompletedOption): string {
  return `string match -q -- "${names[0]?.slice(0, '--not-'.length)}*" (commandline -ct) (commandline -opc)[-1]`;
}

/**
 * Returns the condition under which a line of the script applies. It applies after the command's words. A line for its
 * subcommands applies only before any of them.
 */
function where({ path, commands }: CompletedCommand, isForCommands: boolean, ...more: readonly string[]): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const names = commands.map((command) => command.path.at(-1)).join(' ');
  const isAtItsOwn = commands.length > 0 && (isForCommands || path.length === 0);
  const none = isAtItsOwn ? [`not __fish_seen_subcommand_from ${names}`] : [];
  return `-n ${quoted([...seen, ...none, ...more].join('; and '))}`;
}

function optionOf({ names, says, values }: CompletedOption, namesFunction: string): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const described = `-d ${quoted(says)}`;
  if (values === undefined) return [...flags, described].join(' ');
  if (values.kind === 'choices') return [...flags, '-x', `-a ${quoted(values.choices.join(' '))}`, described].join(' ');
  if (values.kind === 'names') return [...flags, '-x', namesOf(values.of, namesFunction), described].join(' ');
  if (values.kind === 'files') return [...flags, '-r', '-F', described].join(' ');
  return values.kind === 'folders'
    ? [...flags, '-x', "-a '(__fish_complete_directories)'", described].join(' ')
    : [...flags, '-x', described].join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
