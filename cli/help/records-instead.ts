import type { Command } from 'commander';
import { recognize } from '../../lib/recognize/recognize.ts';
import { quoted } from '../../lib/shell.ts';
import { ownCommand } from '../options/own-command.ts';
import { forRecords, placeWords } from '../options/place-words.ts';
import type { WhoisOptions } from '../whois/usage.ts';

/**
 * Returns the `records` command if `whois` was given a source IP or an object, and options that only `records` has.
 * Undefined for anything else.
 */
export function recordsInstead(whois: Command, records: Command): string | undefined {
  const end = whois.args.findIndex((word) => word.startsWith('-'));
  const found = recognize(whois.args.slice(0, Math.max(0, end)).join(' '));
  if (found.outcome !== 'elsewhere') return undefined;
  const about = found.ip === undefined ? found.object && ['--object', found.object] : ['--ip', found.ip];
  const rest = whois.args.slice(end);
  const isOfRecords = (flag: string) => records.options.some(({ long }) => long === flag.split('=', 1)[0]);
  if (about === undefined || !rest.filter((word) => word.startsWith('-')).every(isOfRecords)) return undefined;
  const words = [...about, ...rest].map((word) => quoted(word));
  return [ownCommand('records'), ...words, ...placeWords(forRecords(whois.opts<WhoisOptions>()))].join(' ');
}
