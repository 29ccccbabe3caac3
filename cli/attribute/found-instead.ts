import { quoted } from '../../lib/shell.ts';
import type { RunCounts } from '../../lib/usecases/counting/run-counts.ts';
import { counted } from '../terminal/text-table.ts';

/** What a person must know who gave files without audit events or without grants: what there is in them instead. */
export function foundInstead(tally: RunCounts): readonly string[] {
  const hasEvents = tally.records + tally.duplicates > 0;
  if (!hasEvents && tally.grants === 0 && strayTrail(tally) > 0 && strayEvents(tally) > 0) {
    return [
      `--audit holds ${counted(strayTrail(tally), 'CloudTrail record')} and no audit event, --cloudtrail ` +
        `${counted(strayEvents(tally), 'audit event')} and no grant: exchange the two. No grants were read.`,
    ];
  }
  return [...(hasEvents ? [] : [noEvents(tally)]), ...(tally.grants > 0 ? [] : [noGrants(tally)])];
}

/** What was configured and fit none of so many records. */
export type Unmet = Pick<RunCounts, 'unmet' | 'records'>;

/** What was given to read names by, and read none: it may be misspelt, or another cluster's. */
export function unmetSettings({ unmet: { templates, proxies }, records }: Unmet): readonly string[] {
  if (records === 0) return [];
  const of = `none of ${counted(records, 'event')}`;
  return [
    ...templates.map(
      (each) =>
        `--username-template ${quoted(each)} fits ${of}: compare it with the usernames of aws-auth or access entries.`,
    ),
    ...proxies.map(
      (each) => `--trusted-proxy ${quoted(each)} acts for somebody in ${of}: eks-whois doctor --audit shows who does.`,
    ),
  ];
}

function noEvents(tally: RunCounts): string {
  const stray = strayTrail(tally);
  const instead = stray > 0 ? `it holds ${counted(stray, 'CloudTrail record')}` : 'it holds none, or nothing at all';
  return `No audit events were read from --audit: ${instead}. Give the log of the kube-apiserver.`;
}

function noGrants(tally: RunCounts): string {
  return `No grants were read from --cloudtrail: ${grantsInstead(tally)}. Without grants no session gets a name.`;
}

function grantsInstead(tally: RunCounts): string {
  if (tally.trailRecords > 0)
    return `its ${counted(tally.trailRecords, 'CloudTrail record')} issued no credentials, as those of STS do`;
  const stray = strayEvents(tally);
  return stray > 0 ? `it holds ${counted(stray, 'audit event')}` : 'it holds none, or nothing at all';
}

/** In the files of `--audit`. */
function strayTrail(tally: RunCounts): number {
  return tally.ignored.get('cloudtrail-record') ?? 0;
}

/** In the files of `--cloudtrail`. */
function strayEvents(tally: RunCounts): number {
  return tally.ignored.get('audit-event') ?? 0;
}
