import type { ReadGrants } from '../../lib/adapters/files/file-grants.ts';
import { exchangedKinds } from '../../lib/words/exchanged-kinds.ts';
import { leftOutText } from '../../lib/words/left-out.ts';
import { listUnread, lostInput } from '../attribute/summary.ts';
import { CommandError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import type { Places } from '../options/place-words.ts';
import type { S3Options } from '../options/s3-options.ts';
import { summarizesInput, type VerboseOptions } from '../options/verbose-option.ts';
import { counted } from '../terminal/text-table.ts';
import type { WhoisOptions } from './usage.ts';

/**
 * Reports what was read from CloudTrail files.
 * @throws CommandError if they are an audit log.
 */
export function reportGrants(read: ReadGrants, options: Places & VerboseOptions): void {
  const { grants, records, ignored } = read;
  const exchanged = exchangedKinds({
    cloudtrail: { events: ignored.get('audit-event') ?? 0, trailRecords: records },
  });
  if (exchanged !== undefined) throw new CommandError(exchanged, 1);
  if (summarizesInput(options)) {
    const others = ignored.size === 0 ? '' : `ignored: ${leftOutText(ignored)}\n`;
    process.stderr.write(`${counted(grants, 'grant')} in ${counted(records, 'CloudTrail record')} read\n${others}`);
  }
  for (const sentence of lostInput(read, listUnread(options))) note(sentence);
}

/** Returns the options for reading paths in S3. */
export function s3OptionsOf({
  profile = [],
  region,
  requestPayer,
}: Pick<WhoisOptions, 'profile' | 'region' | 'requestPayer'>): S3Options {
  return { profile: profile[0], region, requestPayer };
}
