import { singleQuoted } from '../../lib/shell.ts';
import type { CompletedCommand, CompletedOption, Values } from './command-tree.ts';

/** Returns a script for zsh's own completion system, with a function for each command. */
export function zshCompletion(program: string, tree: CompletedCommand): string {
  const root = `_${program.replaceAll('-', '_')}`;
  return `#compdef ${program}
# ${program} for zsh: ${program} completion zsh > "\${fpath[1]}/_${program}", or source <(${program} completion zsh)
# Names come from whoever may ask a cluster: they are taken as they are, and nothing of them is evaluated.
${root}_names() {
  local -a names
  names=(\${(f)"$(command ${program} completion values "$argv[-1]" "$PREFIX" "\${(@Q)words}" </dev/null 2>/dev/null)"})
  compadd "\${(@)argv[1,-2]}" -a names
}
${functionsOf(tree, root).join('\n')}
if [ "$funcstack[1]" = "_${program}" ]; then
  ${root} "$@"
else
  compdef ${root} ${program}
fi
`;
}

function functionsOf(command: CompletedCommand, root: string): string[] {
  const called = [root, ...command.path].join('_').replaceAll('-', '_');
  const own = command.commands.length > 0 ? chooser(command, called, root) : leaf(command, called, root);
  return [...command.commands.flatMap((one) => functionsOf(one, root)), own];
}

function chooser(command: CompletedCommand, called: string, root: string): string {
  const rows = command.commands.map(
    ({ path, says }) => `    ${singleQuoted(`${path.at(-1)}:${says.replaceAll(':', '\\:')}`)}`,
  );
  const arms = command.commands.map(({ path }) => {
    const name = path.at(-1) ?? '';
    return `    ${name}) ${`${called}_${name}`.replaceAll('-', '_')} ;;`;
  });
  const [own] = command.arguments;
  const instead = own?.kind === 'names' ? ` || [[ -z $PREFIX || $PREFIX = -* ]] || ${actionOf(own, root)}` : '';
  return `${called}() {
  local context curcontext="$curcontext" state line
  local -a commands
  commands=(
${rows.join('\n')}
  )
  _arguments -C \\
${command.options.map((option) => specOf(option, root)).join('')}    '1: :->command' \\
    '*:: :->rest'
  case "$state" in
  command) _describe -t commands command commands${instead} ;;
  rest)
    case "$line[1]" in
${arms.join('\n')}
    esac
    ;;
  esac
}`;
}

function leaf(command: CompletedCommand, called: string, root: string): string {
  const words = command.arguments.map((values) => `    ${singleQuoted(`:word:${actionOf(values, root)}`)} \\\n`);
  const options = command.options.map((option) => specOf(option, root));
  const hidden = command.hiddenOptions.map((option) => specOf(option, root, '!'));
  return `${called}() {
  local line
  local -A opt_args
  _arguments -s \\
${[...options, ...hidden, ...words].join('')}    && return
}`;
}

/**
 * Returns a spec for `_arguments`, for example `'(--help -h)'{--help,-h}'[…]'`. A repeatable option is
 * `'*--audit[…]:path:_files'`. With `!` in front, only the option's values are completed, not its name.
 */
function specOf(
  { names, says, values, valueName, isRepeatable }: CompletedOption,
  root: string,
  hidden: '!' | '' = '',
): string {
  const described = `[${says.replaceAll(/[[\]\\]/g, '\\$&')}]`;
  const value = values === undefined ? '' : `:${valueName}:${actionOf(values, root)}`;
  const again = `${hidden}${isRepeatable ? '*' : ''}`;
  // With `=`, the value can follow it, or be the next word.
  const written = names.map((name) => (values !== undefined && name.startsWith('--') ? `${name}=` : name));
  if (names.length === 1) return `    ${singleQuoted(`${again}${written[0]}${described}${value}`)} \\\n`;
  const excluded = isRepeatable ? '*' : `(${names.join(' ')})`;
  return `    ${singleQuoted(`${hidden}${excluded}`)}{${written.join(',')}}${singleQuoted(`${described}${value}`)} \\\n`;
}

function actionOf(values: Values, root: string): string {
  if (values.kind === 'choices') return `(${values.choices.join(' ')})`;
  if (values.kind === 'names') return `${root}_names ${values.of === 'as-first-argument' ? '"$line[1]"' : values.of}`;
  if (values.kind === 'files') return '_files';
  return values.kind === 'folders' ? '_files -/' : ' ';
}
