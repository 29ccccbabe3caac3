import { type Command, Option } from 'commander';
import { epochMillis } from '../../lib/time.ts';
import { note } from '../failures/faults.ts';
import { localTime, localZone, TIME_STYLES, type TimeStyle } from '../format/shown-time.ts';
import type { View } from '../format/view.ts';
import { GROUPS, type Topic } from '../help/command-help.ts';
import { COLOUR_CHOICES, type ColourChoice, terminalOf } from '../terminal/terminal.ts';
import { outputTo, standardOutput, type TextOutput } from '../terminal/text-output.ts';
import type { OutputOptions } from './output-options.ts';

/** The options that change how a result is shown. */
export interface ViewOptions {
  readonly color?: ColourChoice;
  readonly time?: TimeStyle;
  /** Whether tables also show times in this machine's time zone (`withTimes`). */
  readonly local?: boolean;
  /** Whether a table has a head line. False after `--no-headers`. */
  readonly headers?: boolean;
  /** Whether a long result goes through a pager. False after `--no-pager`. */
  readonly pager?: boolean;
}

/** Adds the options for color, times and the pager. */
export function withView(command: Command): Command {
  const options = [
    new Option('--color <when>', 'highlight forged names, denied requests and ambiguous answers')
      .choices(COLOUR_CHOICES)
      .default('auto'),
    new Option('--time <style>', 'how tables show times').choices(TIME_STYLES).default('utc'),
    new Option('--no-pager', 'do not open a pager ($PAGER, or less) for long results'),
  ];
  for (const option of options) command.addOption(option.helpGroup(GROUPS.output));
  return command;
}

/** Explains tables in the long help. */
export const VIEW_TOPIC: Topic = {
  heading: 'Tables:',
  text: `
At a terminal, a table fits the screen. The least important columns are dropped or shortened first. IDs are never shortened. If there is no room for
who acted or what was done, it stands in full below the row. -o wide shows all columns in full. In a pipe nothing is left out, unless
COLUMNS sets the width. NO_COLOR and FORCE_COLOR apply. --local also shows times in this machine's time zone.`,
};

/** Explains the last line of tables with a row for each request, in the long help. */
export const SYSTEM_TOPIC: Topic = {
  heading: 'Requests of the cluster itself and of AWS:',
  text: `
The last line of a table counts these requests. They have rows of their own only if nobody else acted, and with --status,
--not-status, --audit-id or --username. --no-system leaves them out.`,
};

/**
 * Returns how to show a result, and notes the zone of local times. A file gets whole rows, without color unless
 * `always`.
 */
export function viewOf({
  color = 'auto',
  time,
  local,
  headers,
  outputFile,
  format,
}: ViewOptions & Partial<OutputOptions<string>>): View {
  const isFile = outputFile !== undefined && outputFile !== '-';
  const { width, hasColour } = terminalOf(color);
  const style = time !== undefined && time !== 'utc' ? time : local === true ? 'local' : 'utc';
  const now = epochMillis(Date.now());
  const isTable = format === 'table' || format === 'wide';
  if (style === 'local' && isTable) note(`Times are in the time zone ${localZone()}, now ${localTime(now).slice(-6)}.`);
  return {
    width: isFile || format === 'wide' ? undefined : width,
    isColoured: isTable && (isFile ? color === 'always' : hasColour),
    clock: { style, now },
    isHeadless: headers === false,
  };
}

/**
 * Returns the output for results: the file, or standard output. On standard output, a result that is longer than the
 * screen goes through a pager.
 */
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
