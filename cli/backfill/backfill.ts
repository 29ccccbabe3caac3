import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { epochMillis } from '../../lib/time.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { type CommandHelp, withHelp } from '../help/command-help.ts';
import { checkRegion } from '../options/aws-options.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { checkEventHistory } from '../options/event-history.ts';
import { clusterArnOption } from '../options/known-cluster.ts';
import { countedGroupsOf, LOG_GROUP_TOPIC, readGroups, vouchedGroups } from '../options/log-groups.ts';
import { CONFIG_TOPIC, withConfig } from '../options/parameter-file.ts';
import { checkOutputs, checkPaths } from '../options/paths.ts';
import { recordingOf, recordOption, ruleSettings, withRules } from '../options/rule-options.ts';
import { requestPayerOption, S3_TOPIC, s3AccessOf } from '../options/s3-options.ts';
import { instantOption, TIME_TOPIC, withTimes } from '../options/times.ts';
import { untilInterrupted } from '../terminal/interruption.ts';
import { type BackfillOptions, isInS3, isOfTables, readingOptions } from './options.ts';

/** Defines `eks-whois backfill`. */
export function backfillCommand(): Command {
  const command = refuseEmptyValues(new Command('backfill'))
    .summary('load older audit logs and CloudTrail records into the tables')
    .description(
      "Loads older audit events into a service's tables, with the CloudTrail records that attribute them (grants). Audit events " +
        "come from files or a log group, grants from files or CloudTrail's event history. Stored records do not change. Loaded events " +
        'raise no alerts. After a stop, run the command again.',
    )
    .requiredOption('--table <prefix>', 'the tables <prefix>-sessions, <prefix>-claims and <prefix>-records')
    .optionsGroup('Grants:')
    .option('--cloudtrail <path...>', 'CloudTrail files, folders, s3://bucket/prefix or -')
    .option('--lookup', "CloudTrail's event history, which covers 90 days (cloudtrail:LookupEvents)")
    .option(
      '--requests-per-second <n>',
      'with --lookup: 1 or 2. CloudTrail allows 2 in each Region; 1 leaves the other to the service',
      paceOf,
      1,
    )
    .optionsGroup('Audit events:')
    .option('--audit <path...>', 'files, folders, s3://bucket/prefix or -')
    .option('--cluster-name <name>', 'the cluster, if the files or the log group do not name it')
    .addOption(clusterArnOption())
    .option(
      '--log-group <name...>',
      'read this log group (logs:FilterLogEvents). NAME=audit or NAME=cloudtrail reads no log group, but trusts messages of NAME in files (* in NAME is any text)',
    )
    .option('--log-stream <prefix>', 'with --log-group: only streams with this prefix', 'kube-apiserver-audit-')
    .option('--node-traffic', 'with --log-group: also load requests of nodes, like a service with nodeTraffic=true')
    .addOption(instantOption('--from <time>', 'start for --lookup, --log-group and s3://: 2026-03-10', 'start'))
    .addOption(instantOption('--to <time>', 'end for --lookup, --log-group and s3:// (default: now)', 'end'))
    .optionsGroup('AWS:')
    .option('--profile <profile>', 'the AWS profile for the tables and for what is read')
    .option(
      '--region <region...>',
      'with --lookup: Regions to search (default: all except opt-in Regions). With s3://: only folders of these Regions. With neither: the Region of the tables and the log group',
    )
    .option('--read-profile <profile>', 'the AWS profile for what is read, if it is in another account than the tables')
    .option('--read-region <region>', 'the Region of the log group, if it is not that of the tables')
    .addOption(requestPayerOption().helpGroup('AWS:'))
    .optionsGroup('Run:')
    .option(
      '--keep-days <days>',
      'how long records are kept, as the service was deployed. Grants are kept a week longer',
      daysOf,
      90,
    )
    .option(
      '--settle-minutes <minutes>',
      'how long to settle at the end. 0 leaves settling to the service',
      minutesOf,
      10,
    )
    .option('--state <file>', 'the file that keeps the progress', '.eks-whois/backfill.json')
    .option(
      '--rejects <file>',
      'write what cannot be read to this file, as JSON lines. If the command resumes after a stop, it appends',
    );
  withRules(command).addOption(recordOption());
  return withHelp(withConfig(withTimes(command)), HELP).action((options: BackfillOptions) => backfillAction(options));
}

const HELP: CommandHelp = {
  common: [
    '--table',
    '--cloudtrail',
    '--lookup',
    '--audit',
    '--cluster-name',
    '--log-group',
    '--from',
    '--to',
    '--profile',
    '--read-profile',
    '--region',
    '--config',
    '--rejects',
  ],
  topics: [
    {
      heading: 'What is loaded:',
      text: `
Grants are loaded first. The tables and the log group are in AWS_REGION, or in the Region of the profile, or in --region if
there is neither --lookup nor an s3:// path.

From a log group, only what the service's subscription takes is loaded: no requests of Kubernetes itself, and requests of nodes
only with --node-traffic. The report says how many were left out. Truncated entries are counted.

Old events get their final answer here. If the service uses CloudTrail's event history, give --lookup, so that grants in the
given Regions are loaded first. Or give --settle-minutes 0, which leaves the answers to the service.

After a stop, the command continues a folder in S3 where it stopped. If objects were added since, it reads the whole folder again, which does no harm.`,
    },
    {
      heading: 'Clusters of other accounts:',
      text: `
The tables are in the hub's account. A spoke is another account, and has the log groups of its own clusters. --read-profile is the profile
for that account: the log group, the event history and S3 are read with it. --read-region is the Region of the log group. Events that the spoke already handed over are not stored again. Files do not say who handed an event
over: with --audit, such events are stored a second time.`,
    },
    TIME_TOPIC,
    LOG_GROUP_TOPIC,
    {
      heading: CONFIG_TOPIC.heading,
      text: `${CONFIG_TOPIC.text} It also sets --record. Use the same value as the service: with another value, events are loaded that the service leaves out.`,
    },
    S3_TOPIC,
  ],
  examples: [
    {
      asks: 'Load files:',
      command: 'eks-whois backfill --table eks-whois-prod --cloudtrail AWSLogs/ --audit audit/ --cluster-name prod',
    },
    {
      asks: "Load a month of grants from CloudTrail's event history:",
      command:
        'eks-whois backfill --table eks-whois-prod --lookup --from 2026-03-01T00:00:00Z --region us-east-1 eu-west-1',
    },
    {
      asks: 'Load two hours of a log group:',
      command:
        'eks-whois backfill --table eks-whois-prod --log-group /aws/eks/prod/cluster --from 2026-03-09T14:00:00Z --to 2026-03-09T16:00:00Z',
    },
    {
      asks: "Load two hours of a cluster in a spoke's account:",
      command:
        'eks-whois backfill --table eks-whois-prod --log-group /aws/eks/shop/cluster --read-profile shop --read-region us-east-1 --from 2026-03-09T14:00:00Z --to 2026-03-09T16:00:00Z',
    },
    {
      asks: 'Load a week of a trail in S3:',
      command:
        'eks-whois backfill --table eks-whois-prod --cloudtrail s3://trail/AWSLogs/ --from 2026-03-01 --to 2026-03-07',
    },
  ],
  exitStatus:
    '0 done; 1 failed, or a Region did not answer; 2 wrong usage; 130 or 143 stopped, and the same command resumes.',
};

async function backfillAction(options: BackfillOptions): Promise<void> {
  checkUsage(options);
  ruleSettings(options);
  recordingOf(options.record);
  countedGroupsOf(vouchedGroups(options.logGroup));
  const inputs = [...(options.cloudtrail ?? []), ...(options.audit ?? [])];
  await checkPaths(inputs, s3AccessOf(readingOptions(options)));
  await checkOutputs({ inputs, rejects: options.rejects });
  const { reportBackfillErrors } = await import('./errors.ts');
  const { runBackfill } = await import('./run.ts');
  const stopped = `Stopped. What was loaded so far is stored, and the same command resumes from there (${options.state}).`;
  await untilInterrupted(
    (signal) => reportBackfillErrors(options, signal, () => runBackfill(options, signal)),
    stopped,
  );
}

function checkUsage(options: BackfillOptions): void {
  const { lookup, from, to, state, rejects } = options;
  const [logGroup, ...others] = readGroups(options.logGroup);
  if (others.length > 0)
    throw wrongUsage('--log-group names several log groups to read, but takes one. Run the command once for each.');
  if (lookup === true || logGroup !== undefined) {
    if (from === undefined)
      throw wrongUsage('--lookup and --log-group read a time range, and its start is missing. Give --from.');
  } else checkOfFiles(options);
  checkBelonging(options, logGroup);
  if (rejects !== undefined && resolve(rejects) === resolve(state))
    throw wrongUsage('--state and --rejects name the same file. Give each its own file.');
  const now = epochMillis(Date.now());
  const end = to ?? now;
  if (from !== undefined && from >= end)
    throw wrongUsage(
      'The time range ends before it begins, or lies in the future. Give a --from before --to and before now.',
    );
  if (lookup === true) checkEventHistory({ to: end }, now);
}

/** Checks the options of a backfill that reads files only. */
function checkOfFiles(options: BackfillOptions): void {
  const { cloudtrail, audit, from, to } = options;
  if (cloudtrail === undefined && audit === undefined)
    throw wrongUsage(
      'There is nothing to load. Give --cloudtrail or --lookup for grants, --audit or --log-group for audit events.',
    );
  if (!isInS3(options) && (from ?? to) !== undefined)
    throw wrongUsage(
      '--from and --to limit --lookup, --log-group and s3:// paths only. Leave them out: files are loaded completely.',
    );
}

/** Checks options that only have an effect together with another option. */
function checkBelonging(options: BackfillOptions, logGroup: string | undefined): void {
  const { region = [], nodeTraffic, requestPayer, lookup, readProfile, readRegion } = options;
  if (requestPayer === true && !isInS3(options))
    throw wrongUsage('--request-payer is for s3:// paths, and none is given. Leave it out.');
  if (region.length > 1 && isOfTables(options))
    throw wrongUsage(
      'Several --region are given, but the tables and the log group are in one. Give one, or add --lookup or s3:// paths.',
    );
  const ofLogGroup = nodeTraffic === true ? '--node-traffic' : readRegion && '--read-region';
  if (ofLogGroup !== undefined && logGroup === undefined)
    throw wrongUsage(`${ofLogGroup} is for --log-group, and none is given. Leave it out.`);
  if (readProfile !== undefined && lookup !== true && logGroup === undefined && !isInS3(options))
    throw wrongUsage('--read-profile is for --log-group, --lookup and s3:// paths, and none is given. Leave it out.');
  for (const one of [region, readRegion ?? []].flat()) checkRegion(one);
}

function paceOf(text: string): number {
  if (text !== '1' && text !== '2') throw new InvalidArgumentError('Give 1 or 2, because CloudTrail takes no more.');
  return Number(text);
}

function daysOf(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('Give a whole number of days, 1 or more.');
  return Number(text);
}

function minutesOf(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('Give a whole number of minutes, 0 or more.');
  return Number(text);
}
