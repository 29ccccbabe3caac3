import { allCommands, type CompletedCommand, type CompletedOption, type Values } from './command-tree.ts';

/**
 * A script for bash 3.2 and later, without the package bash-completion. It walks over the words before the cursor: which
 * command they name, and whether an option waits for a value.
 */
export function bashCompletion(program: string, tree: CompletedCommand): string {
  const commands = allCommands(tree);
  const called = `_${program.replaceAll('-', '_')}`;
  return `# ${program} for bash: source <(${program} completion bash)
${called}_take() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done
}
${called}_offer() {
  ${called}_take < <(compgen -W "$1" -- "$cur")
}
${called}_paths() {
  compopt -o filenames 2>/dev/null
  ${called}_take < <(compgen "$1" -- "$cur")
}
${called}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path='' option='' many='' word i
  COMPREPLY=()
  [ "$cur" = '=' ] && cur=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
    '=') ;;
    -*)
      option='' many=''
      case "$path $word" in
${valueOptions(commands)}
      esac
      ;;
    *)
      if [ -n "$option" ]; then
        [ -n "$many" ] || option=''
      else
        case "$path $word" in
${steps(commands)}
        esac
      fi
      ;;
    esac
  done
  if [ -n "$option" ] && [ "\${cur#-}" = "$cur" ]; then
    case "$path $option" in
${optionValues(commands)}
    esac
    return
  fi
  if [ "\${cur#-}" != "$cur" ]; then
    case "$path" in
${arms(commands.map((command) => [pathOf(command), offer(command.options.flatMap(({ names }) => names))]))}
    esac
    return
  fi
  case "$path" in
${arms(commands.flatMap(wordsOf))}
  esac
}
complete -F ${called} ${program}
`;

  function offer(words: readonly string[]): string {
    return `${called}_offer '${words.join(' ')}'`;
  }

  function give(values: Values): string | undefined {
    if (values.kind === 'choices') return offer(values.choices);
    if (values.kind === 'text') return undefined;
    return `${called}_paths ${values.kind === 'files' ? '-f' : '-d'}`;
  }

  function optionValues(all: readonly CompletedCommand[]): string {
    return arms(eachOption(all, ({ values }) => values && give(values)));
  }

  function wordsOf(command: CompletedCommand): Arm[] {
    const [first] = command.arguments;
    const given = command.commands.length > 0 ? offer(command.commands.map(nameOf)) : first && give(first);
    return given === undefined ? [] : [[pathOf(command), given]];
  }
}

/** A pattern of a case, and what is done there. */
type Arm = readonly [pattern: string, work: string];

function valueOptions(commands: readonly CompletedCommand[]): string {
  const waits = ({ values, isVariadic }: CompletedOption) =>
    values && (isVariadic ? 'option="$word" many=1' : 'option="$word"');
  return arms(eachOption(commands, waits));
}

function steps(commands: readonly CompletedCommand[]): string {
  const called = commands.filter(({ path }) => path.length > 0);
  return arms(
    called.map((command) => [
      `${command.path.slice(0, -1).join(' ')} ${nameOf(command)}`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
      'path="${path:+$path }$word"',
    ]),
  );
}

function eachOption(
  commands: readonly CompletedCommand[],
  workOf: (option: CompletedOption) => string | undefined,
): readonly Arm[] {
  return commands.flatMap((command) =>
    command.options.flatMap((option) => {
      const work = workOf(option);
      return work === undefined ? [] : option.names.map((name): Arm => [`${pathOf(command)} ${name}`, work]);
    }),
  );
}

/** One line for each kind of work. */
function arms(all: readonly Arm[]): string {
  const byWork = Map.groupBy(all, ([, work]) => work);
  return [...byWork]
    .map(([work, same]) => `    ${same.map(([pattern]) => `'${pattern}'`).join(' | ')}) ${work} ;;`)
    .join('\n');
}

function pathOf({ path }: CompletedCommand): string {
  return path.join(' ');
}

function nameOf({ path }: CompletedCommand): string {
  return path.at(-1) ?? '';
}
