import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { epochMillis } from '../../lib/time.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { checkRegion } from '../options/aws-options.ts';
import { refusingEmptyValues } from '../options/empty-values.ts';
import { checkEventHistory } from '../options/event-history.ts';
import { countedGroupsOf, LOG_GROUP_HELP, readGroups, vouchedGroups } from '../options/log-groups.ts';
import { CONFIG_HELP, takingConfig } from '../options/parameter-file.ts';
import { checkOutputs, checkPaths } from '../options/paths.ts';
import { recordingOf, recordOption, ruleSettings, withRules } from '../options/rule-options.ts';
import { REQUEST_PAYER, S3_HELP, s3AccessOf } from '../options/s3-options.ts';
import { instantOption, readingTimes, TIME_FORMS } from '../options/times.ts';
import { untilInterrupted } from '../terminal/interruption.ts';
import { type BackfillOptions, isInS3, isOfTables } from './options.ts';

export function backfillCommand(): Command {
  const command = refusingEmptyValues(new Command('backfill'))
    .summary('load grants and audit events of the past into the tables')
    .description(
      'Loads grants (CloudTrail files, or LookupEvents over a time range) and audit events (files, or a log group) into ' +
        'the tables, and settles what they bear on. It may run again: what is there already stays as it is. After a stop ' +
        'the same command goes on where it was. It raises no alerts.',
    )
    .requiredOption('--table <prefix>', 'the tables <prefix>-sessions, <prefix>-claims and <prefix>-records')
    .option('--cloudtrail <path...>', 'grants from CloudTrail files, folders, s3://bucket/prefix or -')
    .option('--lookup', 'grants from LookupEvents (cloudtrail:LookupEvents), which knows 90 days')
    .option(
      '--region <region...>',
      'with --lookup: where (default: all Regions that are enabled by default); of s3://: only the folders of these Regions; without both the one Region of the tables and the log group',
    )
    .option(
      '--requests-per-second <n>',
      'with --lookup: how fast CloudTrail is asked, 1 or 2; it takes 2 in each Region, and 1 leaves the other to the service',
      paceOf,
      1,
    )
    .option('--audit <path...>', 'audit events from files, folders, s3://bucket/prefix or -')
    .option('--cluster <name>', 'the cluster, where the files or the log group do not name it')
    .option(
      '--log-group <name...>',
      "audit events from a log group (logs:FilterLogEvents); as NAME=audit or NAME=cloudtrail (* is any text): groups that count in files though the names are not AWS's own",
    )
    .option('--log-stream <prefix>', 'with --log-group: which streams', 'kube-apiserver-audit-')
    .option('--node-traffic', 'with --log-group: nodes as well, as a service takes them that has nodeTraffic=true')
    .addOption(instantOption('--from <time>', `where --lookup, --log-group and s3:// begin: ${TIME_FORMS}`, 'start'))
    .addOption(instantOption('--to <time>', 'where they end (default: now)', 'end'))
    .option('--profile <profile>', 'an AWS profile, for the tables and for what is read')
    .option(...REQUEST_PAYER);
  withRules(command)
    .addOption(recordOption())
    .option(
      '--keep-days <days>',
      'how long records are kept, as the service was deployed; grants a week longer',
      daysOf,
      90,
    )
    .option(
      '--settle-minutes <minutes>',
      'how long settling may take at the end; 0 leaves it to the service',
      minutesOf,
      10,
    )
    .option('--state <file>', 'where it is noted how far this came', '.eks-whois/backfill.json')
    .option('--rejects <file>', 'write what could not be read here, as JSON lines; after a stop it is appended to');
  return takingConfig(readingTimes(command))
    .addHelpText('after', HELP)
    .action((options: BackfillOptions) => backfillAction(options));
}

const HELP = `
Examples:
  eks-whois backfill --table eks-whois-prod --cloudtrail AWSLogs/ --audit audit/ --cluster prod
  eks-whois backfill --table eks-whois-prod --cloudtrail s3://trail/AWSLogs/ --from 2026-03-01 --to 2026-03-07
  eks-whois backfill --table eks-whois-prod --lookup --from 2026-03-01T00:00:00Z --region us-east-1 eu-west-1
  eks-whois backfill --table eks-whois-prod --log-group /aws/eks/prod/cluster --from 2026-03-09T14:00:00Z --to 2026-03-09T16:00:00Z

The tables and the log group are those of AWS_REGION, or of the profile's Region; without --lookup and s3:// those of
--region, where it is given. Grants are loaded first.
Of a log group only what the service's subscription takes is loaded: not Kubernetes' own traffic, and nodes only with
--node-traffic; how many events of nodes were left out is told. Entries that were cut are counted.
Old events get their last answer here. Where the service relies on LookupEvents, give --lookup, so that they are looked
up first (in the Regions that are given), or --settle-minutes 0, which leaves it to the service.
${LOG_GROUP_HELP}
${CONFIG_HELP}
It takes record from there too: give the service's own, or what its ingest leaves out is loaded.
${S3_HELP}
After a stop a folder of S3 is taken up where it was left; where objects came to it since, it is loaded again, which
changes nothing.

Exit status: 0 done; 1 it failed, or a Region did not answer; 2 wrong usage; 130 or 143 stopped: the same command goes on.`;

async function backfillAction(options: BackfillOptions): Promise<void> {
  checkUsage(options);
  ruleSettings(options);
  recordingOf(options.record);
  countedGroupsOf(vouchedGroups(options.logGroup));
  const inputs = [...(options.cloudtrail ?? []), ...(options.audit ?? [])];
  await checkPaths(inputs, s3AccessOf(options));
  await checkOutputs({ inputs, rejects: options.rejects });
  const { tellingBackfillErrors } = await import('./errors.ts');
  const { runBackfill } = await import('./run.ts');
  const stopped = `Stopped; what was loaded so far is stored. The same command goes on from there (${options.state}).`;
  await untilInterrupted(
    (signal) => tellingBackfillErrors(options, signal, () => runBackfill(options, signal)),
    stopped,
  );
}

function checkUsage(options: BackfillOptions): void {
  const { lookup, from, to, state, rejects } = options;
  const [logGroup, ...others] = readGroups(options.logGroup);
  if (others.length > 0)
    throw wrongUsage('Give one --log-group to read from, beside those with =audit or =cloudtrail.');
  if (lookup === true || logGroup !== undefined) {
    if (from === undefined) throw wrongUsage('--lookup and --log-group need --from.');
  } else checkOfFiles(options);
  checkBelonging(options, logGroup);
  if (rejects !== undefined && resolve(rejects) === resolve(state))
    throw wrongUsage('--state and --rejects name the same file: give two.');
  const now = epochMillis(Date.now());
  const end = to ?? now;
  if (from !== undefined && from >= end) throw wrongUsage('--from must lie before --to, and in the past.');
  if (lookup === true) checkEventHistory({ to: end }, now);
}

/** Where nothing is asked of AWS. */
function checkOfFiles(options: BackfillOptions): void {
  const { cloudtrail, audit, from, to } = options;
  if (cloudtrail === undefined && audit === undefined)
    throw wrongUsage('Give what to load: --cloudtrail, --lookup, --audit or --log-group.');
  if (!isInS3(options) && (from ?? to) !== undefined)
    throw wrongUsage('--from and --to belong to --lookup, --log-group and s3://: files are loaded whole.');
}

/** What says something of another option, without which it would say nothing. */
function checkBelonging(options: BackfillOptions, logGroup: string | undefined): void {
  const { region = [], nodeTraffic, requestPayer } = options;
  if (requestPayer === true && !isInS3(options)) throw wrongUsage('--request-payer belongs to s3:// paths.');
  if (region.length > 1 && isOfTables(options))
    throw wrongUsage(
      'Give one --region: the tables and the log group are in one; several are for --lookup and s3:// paths.',
    );
  if (nodeTraffic === true && logGroup === undefined)
    throw wrongUsage('--node-traffic belongs to --log-group: files are loaded whole.');
  for (const one of region) checkRegion(one);
}

function paceOf(text: string): number {
  if (text !== '1' && text !== '2') throw new InvalidArgumentError('Give 1 or 2: CloudTrail takes no more.');
  return Number(text);
}

function daysOf(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('Give whole days, 1 or more.');
  return Number(text);
}

function minutesOf(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Give whole minutes, 0 or more.');
  return Number(text);
}
