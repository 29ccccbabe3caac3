import { allCommands, type CompletedCommand, type CompletedOption, type Values } from './command-tree.ts';

/**
 * Returns a script for bash 3.2 and later, which does not need the package bash-completion. It goes through the words
 * before the cursor, to find the command, and whether an option waits for a value.
 */
export function bashCompletion(program: string, tree: CompletedCommand): string {
  const commands = allCommands(tree);
  const called = `_${program.replaceAll('-', '_')}`;
  return `# ${program} for bash: source <(${program} completion bash)
${called}_take() {
  local line
  while IFS= read -r line; do COMPREPLY+=("$lead\${line#"$kept"}"); done
}
${called}_offer() {
  ${called}_take < <(compgen -W "$1" -- "$value")
}
# Names come from whoever may ask a cluster: they are taken as they are, and nothing of them is evaluated.
${called}_names() {
  ${called}_take < <(command ${program} completion values "$1" "$value" "\${words[@]}" </dev/null 2>/dev/null)
}
${called}_paths() {
  compopt -o filenames 2>/dev/null
  ${called}_take < <(compgen "$1" -- "$value")
}
# The words of the line as they were typed: bash breaks them at : = and @ besides. The last one ends at the cursor.
${called}_words() {
  local rest="$COMP_LINE" before="\${COMP_LINE:0:COMP_POINT}" gap word last i
  for ((i = 0; i < \${#COMP_WORDS[@]}; i++)); do
    word="\${COMP_WORDS[i]}"
    gap="\${rest%%[![:space:]]*}"
    rest="\${rest#"$gap"}"
    last=\${#words[@]}
    if [ "$i" -gt 0 ] && [ -z "$gap" ]; then
      case "\${COMP_WORDS[i - 1]}|$word" in
      *[:=@]'|'* | *'|'[:=@]*) last=$((last - 1)) ;;
      esac
    fi
    [ "$i" -ne "$COMP_CWORD" ] || { at=$last current="\${words[last]-}\${before:\${#COMP_LINE}-\${#rest}}"; }
    words[last]="\${words[last]-}$word"
    rest="\${rest#"$word"}"
  done
}
# $2 is what bash replaces by the reply: less than the value where it broke it, more where --option= stands in front.
${called}() {
  local words at=0 current='' path='' option='' many='' first='' nth=0 word value kept='' lead='' i
  words=()
  COMPREPLY=()
  ${called}_words
  for ((i = 1; i < at; i++)); do
    word="\${words[i]}"
    case "$word" in
    -?*)
      option='' many=''
      case "$path \${word%%=*}" in
${valueOptions(commands)}
      esac
      case "$word" in *=*) option='' ;; esac
      ;;
    *)
      if [ -n "$option" ]; then
        [ -n "$many" ] || option=''
      else
        case "$path $word" in
${steps(commands)}
        *)
          nth=$((nth + 1))
          [ "$nth" -gt 1 ] || first="$word"
          ;;
        esac
      fi
      ;;
    esac
  done
  value="$current"
  case "$value" in
  --*=*)
    option="\${value%%=*}"
    value="\${value#*=}"
    ;;
  -*) option='' ;;
  esac
  value="\${value#[\\"\\']}"
  case "$value" in
  *"$2") kept="\${value%"$2"}" ;;
  *)
    case "$2" in
    *"$value") lead="\${2%"$value"}" ;;
    *) return ;;
    esac
    ;;
  esac
  if [ -n "$option" ]; then
    case "$path $option" in
${optionValues(commands)}
    esac
    return
  fi
  if [ "\${value#-}" != "$value" ]; then
    case "$path" in
${arms(commands.map((command) => [pathOf(command), offer(flagsOf(command.options))]))}
    esac
    [ "\${#COMPREPLY[@]}" -eq 0 ] || return
    case "$path" in
${arms(commands.flatMap(hiddenOf))}
    esac
    return
  fi
  case "$path $nth" in
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
    if (values.kind === 'names') return `${called}_names ${values.of === 'as-first-argument' ? '"$first"' : values.of}`;
    if (values.kind === 'text') return undefined;
    return `${called}_paths ${values.kind === 'files' ? '-f' : '-d'}`;
  }

  function optionValues(all: readonly CompletedCommand[]): string {
    return arms(eachOption(all, ({ values }) => values && give(values)));
  }

  function hiddenOf(command: CompletedCommand): Arm[] {
    const { hiddenOptions } = command;
    return hiddenOptions.length === 0 ? [] : [[pathOf(command), offer(flagsOf(hiddenOptions))]];
  }

  /**
   * Returns an arm for each number of words before the cursor. A command with subcommands offers their names. If none
   * begins like the typed text, it offers the values of its argument.
   */
  function wordsOf(command: CompletedCommand): Arm[] {
    const given = command.arguments.map(give);
    if (command.commands.length > 0) {
      const [own] = given;
      const names = offer(command.commands.map(nameOf));
      const instead = `{ [ "\${#COMPREPLY[@]}" -gt 0 ] || [ -z "$value" ] || ${own}; }`;
      return [[`${pathOf(command)} 0`, own === undefined ? names : `${names} && ${instead}`]];
    }
    return given.flatMap((work, nth): Arm[] => (work === undefined ? [] : [[`${pathOf(command)} ${nth}`, work]]));
  }
}

/** A pattern of a `case`, and the work for it. */
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
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the variable is the shell's
      'path="${path:+$path }$word"',
    ]),
  );
}

function eachOption(
  commands: readonly CompletedCommand[],
  workOf: (option: CompletedOption) => string | undefined,
): readonly Arm[] {
  return commands.flatMap((command) =>
    [...command.options, ...command.hiddenOptions].flatMap((option) => {
      const work = workOf(option);
      return work === undefined ? [] : option.names.map((name): Arm => [`${pathOf(command)} ${name}`, work]);
    }),
  );
}

/** Returns the arms of a `case` in bash. Each kind of work is one line, with all patterns that need it. */
function arms(all: readonly Arm[]): string {
  const byWork = Map.groupBy(all, ([, work]) => work);
  return [...byWork]
    .map(([work, same]) => `    ${same.map(([pattern]) => `'${pattern}'`).join(' | ')}) ${work} ;;`)
    .join('\n');
}

function pathOf({ path }: CompletedCommand): string {
  return path.join(' ');
}

function flagsOf(options: readonly CompletedOption[]): readonly string[] {
  return options.flatMap(({ names }) => names);
}

function nameOf({ path }: CompletedCommand): string {
  return path.at(-1) ?? '';
}
