import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { type CommandError, wrongUsage } from '../failures/command-error.ts';
import type { IncidentOptions } from './options.ts';

export function nothingPasted(): CommandError {
  return wrongUsage('An incident with what? Paste an event, a key, an audit id, as an argument or on standard input.');
}

/** @throws CommandError naming what is wrong, before anything is asked. */
export function checkIncidentUsage({ digestPublicKey, evidence, cloudtrail, audit }: IncidentOptions): void {
  if (digestPublicKey !== undefined && cloudtrail === undefined)
    throw wrongUsage('--digest-public-key belongs to --cloudtrail: it verifies the digest files there.');
  if (audit?.includes(STANDARD_INPUT) === true)
    throw wrongUsage('--audit is read more than once, and standard input (-) can be read once: give a file.');
  if (evidence !== undefined && [...(audit ?? []), ...(cloudtrail ?? [])].includes(STANDARD_INPUT))
    throw wrongUsage(
      '--evidence reads what is given a second time, and standard input (-) can be read once: give a file.',
    );
}
