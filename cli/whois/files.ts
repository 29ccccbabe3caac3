import type { ReadGrants } from '../../lib/adapters/files/file-grants.ts';
import { originAdvice } from '../options/log-groups.ts';
import type { S3Options } from '../options/s3-options.ts';
import type { WhoisOptions } from './usage.ts';

/** Returns in words what was read from CloudTrail files. */
export function readText({ grants, rejected, ignored, otherOrigins }: ReadGrants): string {
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
