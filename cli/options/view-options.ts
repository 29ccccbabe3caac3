import { type Command, Option } from 'commander';
import { epochMillis } from '../../lib/time.ts';
import { note } from '../failures/faults.ts';
import { localTime, localZone, TIME_STYLES, type TimeStyle } from '../format/shown-time.ts';
import type { View } from '../format/view.ts';
import { COLOUR_CHOICES, type ColourChoice, terminalOf } from '../terminal/terminal.ts';
import { outputTo, standardOutput, type TextOutput } from '../terminal/text-output.ts';
import type { OutputOptions } from './output-options.ts';

/** How a person wants a result to be shown. */
export interface ViewOptions {
  readonly color?: ColourChoice;
  readonly time?: TimeStyle;
  /** Of `readingTimes`: times of this machine's zone are shown in it, too. */
  readonly local?: boolean;
  /** False after `--no-pager`. */
  readonly pager?: boolean;
}

export function withView(command: Command): Command {
  return command
    .addOption(
      new Option('--color <when>', 'colour what must be seen: forged, denied, ambiguous')
        .choices(COLOUR_CHOICES)
        .default('auto'),
    )
    .addOption(new Option('--time <style>', 'how tables show times').choices(TIME_STYLES).default('utc'))
    .option('--no-pager', 'do not page what is longer than the screen ($PAGER, or less)');
}

/** For `--help` of a command that has them. */
export const VIEW_HELP = `At a terminal a table fits the screen: columns are dropped or shortened, the least important first, ids never; -o wide has
all of them, whole. In a pipe nothing is left out, unless COLUMNS says how wide it is to be. NO_COLOR and FORCE_COLOR count.
--local shows the times of tables in this machine's zone, too.`;

/** For `--help` of a command whose tables have a row for each request. */
export const SYSTEM_HELP = `What the cluster itself and AWS did is summed in the last line of a table, unless --status, --not-status, --no-system,
--audit-id or --username says what is meant, or nobody else did anything.`;

/** How it is shown; says once of which zone local times are. A file is shown to nobody: it is whole and without colour. */
export function viewOf({
  color = 'auto',
  time,
  local,
  outputFile,
  format,
}: ViewOptions & Partial<OutputOptions<string>>): View {
  const isFile = outputFile !== undefined && outputFile !== '-';
  const { width, hasColour } = terminalOf(color);
  const style = time !== undefined && time !== 'utc' ? time : local === true ? 'local' : 'utc';
  const now = epochMillis(Date.now());
  const isTable = format === 'table' || format === 'wide';
  if (style === 'local' && isTable) note(`Times are of ${localZone()}, now ${localTime(now).slice(-6)}.`);
  return {
    width: isFile || format === 'wide' ? undefined : width,
    isColoured: isTable && (isFile ? color === 'always' : hasColour),
    clock: { style, now },
  };
}

/** Where a result goes: to the file, or to standard output, through a pager where it is longer than the screen. */
export function resultsTo({
  pager,
  color = 'auto',
  outputFile,
  format,
}: ViewOptions & Partial<OutputOptions<string>>): TextOutput {
  if (outputFile !== undefined && outputFile !== '-') return outputTo(outputFile);
  const isColoured = (format === 'table' || format === 'wide') && terminalOf(color).hasColour;
  return standardOutput({ isColoured, mayBePaged: pager !== false });
}
