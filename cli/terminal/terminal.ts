import { delimiter, join } from 'node:path';

/** The environment variables for how results are shown. options/environment.ts reads all others. */
const VARIABLES = ['COLUMNS', 'NO_COLOR', 'FORCE_COLOR', 'TERM', 'PAGER', 'LESS', 'PATH'] as const;
type DisplayVariables = Readonly<Partial<Record<(typeof VARIABLES)[number], string>>>;

/** The choices for color. `auto` uses it in a terminal that supports it. */
export const COLOUR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColourChoice = (typeof COLOUR_CHOICES)[number];

/**
 * The properties of standard output that decide how a result is shown. No other file reads them (biome.json,
 * `noProcessEnv`).
 */
export interface Terminal {
  /**
   * The width of a line in columns. Undefined if it is not known, as in a pipe: then nothing is left out or shortened.
   */
  readonly width: number | undefined;
  /** The lines of the screen. Undefined if there is no screen. */
  readonly height: number | undefined;
  readonly hasColour: boolean;
}

export function terminalOf(colour: ColourChoice): Terminal {
  const { isTTY, columns, rows } = process.stdout;
  const variables = environment();
  return {
    width: wholeNumber(variables.COLUMNS) ?? (isTTY ? positive(columns) : undefined),
    height: isTTY ? positive(rows) : undefined,
    hasColour: colour === 'always' || (colour === 'auto' && isColoured(variables, isTTY === true)),
  };
}

/**
 * Returns whether to use color. `NO_COLOR` (https://no-color.org) decides if it is not empty. Otherwise `FORCE_COLOR`
 * decides, as in Node.js (`tty`, `getColorDepth`: `0` and `false` mean no). Otherwise color is used in a terminal that
 * is not dumb.
 */
function isColoured({ NO_COLOR, FORCE_COLOR, TERM }: DisplayVariables, isTerminal: boolean): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && TERM !== 'dumb';
}

/** The command that starts a pager in a shell, and its environment. */
export interface PagerCommand {
  readonly command: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Returns `$PAGER`, or `less` if a folder of PATH has it. Undefined if neither is there, or if `PAGER` is empty or
 * `cat`.
 */
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
