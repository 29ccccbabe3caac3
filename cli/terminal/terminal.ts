import { delimiter, join } from 'node:path';

/** The variables of the environment that say how something is shown; all else is read in options/environment.ts. */
const VARIABLES = ['COLUMNS', 'NO_COLOR', 'FORCE_COLOR', 'TERM', 'PAGER', 'LESS', 'PATH'] as const;
type DisplayVariables = Readonly<Partial<Record<(typeof VARIABLES)[number], string>>>;

/** Whether what must be seen is coloured: `auto` where a terminal shows it. */
export const COLOUR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColourChoice = (typeof COLOUR_CHOICES)[number];

/** What standard output is, as far as it says how a result is shown. No other file asks (biome.json, `noProcessEnv`). */
export interface Terminal {
  /** Of a line, in columns; undefined where nothing says, as in a pipe: then nothing is left out or shortened. */
  readonly width: number | undefined;
  /** Lines of the screen; undefined where there is none. */
  readonly height: number | undefined;
  readonly hasColour: boolean;
}

export function terminalOf(colour: ColourChoice): Terminal {
  const { isTTY, columns, rows } = process.stdout;
  const said = environment();
  return {
    width: wholeNumber(said.COLUMNS) ?? (isTTY ? positive(columns) : undefined),
    height: isTTY ? positive(rows) : undefined,
    hasColour: colour === 'always' || (colour === 'auto' && isColoured(said, isTTY === true)),
  };
}

/**
 * `NO_COLOR` (https://no-color.org) where it is not empty; else `FORCE_COLOR`, as Node.js reads it (`tty`,
 * `getColorDepth`: `0` and `false` are no); else whether a terminal that is not dumb shows it.
 */
function isColoured({ NO_COLOR, FORCE_COLOR, TERM }: DisplayVariables, isTerminal: boolean): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}

/** How a pager is started: by a shell, as `PAGER` is written, with what else it is to find in its environment. */
export interface PagerCommand {
  readonly command: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** `$PAGER`, or `less` where one of these folders has it; undefined where there is none, or `PAGER` is empty or `cat`. */
export function pagerCommand(exists: (path: string) => boolean): PagerCommand | undefined {
  const { PAGER, LESS, PATH = '' } = environment();
  const hasLess = () => PATH.split(delimiter).some((folder) => folder !== '' && exists(join(folder, 'less')));
  const command = PAGER ?? (hasLess() ? 'less' : '');
  if (command.trim() === '' || command.trim() === 'cat') return undefined;
  return { command, environment: { ...process.env, LESS: LESS ?? 'FRX' } };
}

function environment(): DisplayVariables {
  return Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,5}$/.test(text) ? positive(Number(text)) : undefined;
}

function positive(number: number | undefined): number | undefined {
  return number !== undefined && number > 0 ? number : undefined;
}
