import type { ReadGrants } from '../../lib/adapters/files/file-grants.ts';
import { CommandError } from '../failures/command-error.ts';
import { originAdvice } from '../options/log-groups.ts';
import type { S3Options } from '../options/s3-options.ts';
import { counted } from '../terminal/text-table.ts';
import type { WhoisOptions } from './usage.ts';

/**
 * Reports what was read from CloudTrail files.
 * @throws CommandError if they are an audit log.
 */
export function reportGrants(read: ReadGrants): void {
  const events = read.ignored.get('audit-event') ?? 0;
  if (read.records === 0 && events > 0) {
    throw new CommandError(
      `--cloudtrail contains ${counted(events, 'audit event')} and no CloudTrail record. Give the trail there, and the audit log in --audit.`,
      1,
    );
  }
  process.stderr.write(readText(read));
}

/** Returns in words what was read from CloudTrail files. */
function readText({ grants, rejected, ignored, otherOrigins }: ReadGrants): string {
  const unreadable = rejected > 0 ? `, ${rejected} records could not be read` : '';
  const leftOut = [...ignored].map(([what, count]) => `, ${count} ${what} left out`);
  const lines = [
    `${grants} grants in the files${unreadable}${leftOut.join('')}`,
    ...originAdvice(ignored, otherOrigins),
  ];
  return `${lines.join('\n')}\n`;
}

/** Returns the options for reading paths in S3. */
export function s3OptionsOf({
  profile = [],
  region,
  requestPayer,
}: Pick<WhoisOptions, 'profile' | 'region' | 'requestPayer'>): S3Options {
  return { profile: profile[0], region, requestPayer };
}
