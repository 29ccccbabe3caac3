import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type EpochMillis, epochMillis, formatInstant } from '../../lib/time.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import type { LocalService } from '../../local/service/run.ts';
import { checkProfiles } from '../access/aws-profiles.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { tellFailure } from '../failures/tell-failure.ts';
import { countedGroupsOf, LOG_GROUP_HELP, logGroupOption } from '../options/log-groups.ts';
import { takingConfig } from '../options/parameter-file.ts';
import { checkPaths } from '../options/paths.ts';
import { portOption } from '../options/port.ts';
import { type RuleOptions, recordingOf, recordOption, ruleSettings, withRules } from '../options/rule-options.ts';
import { checkS3Options, REQUEST_PAYER, S3_HELP, s3AccessOf, s3Reading } from '../options/s3-options.ts';
import { instantOption, readingTimes, TIME_FORMS } from '../options/times.ts';
import { ownFile } from '../own-files.ts';
import { openInBrowser } from '../terminal/browser.ts';
import { untilEnded, untilInterrupted } from '../terminal/interruption.ts';
import { counted } from '../terminal/text-table.ts';

interface LocalOptions extends RuleOptions {
  readonly port?: number;
  readonly data: string;
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly logGroup: readonly string[];
  readonly record: string;
  readonly from?: EpochMillis;
  readonly to?: EpochMillis;
  readonly region?: readonly string[];
  readonly profile?: string;
  readonly requestPayer?: boolean;
  readonly once?: boolean;
  readonly open?: boolean;
}

export function localCommand(): Command {
  const command = readingTimes(new Command('local'))
    .summary('the whole service on this machine')
    .description(
      'Runs the service here: the tables on disk, the functions, and the page and the API at http://127.0.0.1:<port>. Feeds the ' +
        "examples, or your own files, to the functions' own code; time runs as the events say. It never reaches AWS, " +
        'but to read s3:// paths.',
    )
    .addOption(portOption('where the page and the API are, 0 for any port that is free (default: 3000; with --once 0)'))
    .option('--open', 'open the page in the browser once it is ready')
    .option('--data <folder>', 'where the tables are kept', '.eks-whois')
    .option('--audit <path...>', 'your audit events instead of the examples: files, folders, s3://bucket/prefix')
    .option('--cloudtrail <path...>', "your CloudTrail records instead of the examples', in the same places")
    .addOption(instantOption('--from <time>', `audit events from then on; where s3:// begins: ${TIME_FORMS}`, 'start'))
    .addOption(instantOption('--to <time>', 'audit events up to and with then; where s3:// ends', 'end'))
    .option('--region <region...>', 'of s3://: only the folders of these Regions')
    .option('--profile <profile>', 'of s3://: the AWS profile')
    .option(...REQUEST_PAYER);
  withRules(command)
    .addOption(logGroupOption())
    .addOption(recordOption())
    .option('--once', 'feed, settle, print the summary and exit');
  return takingConfig(command, { ofCheckout: true })
    .addHelpText(
      'after',
      `
It serves until Ctrl-C. records and sessions ask it unless told otherwise, whois with --api http://127.0.0.1:3000. Started
again, it goes on with what lies in --data.
All that is read is held in memory: of a trail or a lake in s3:// give --from and --to.
${S3_HELP}
${LOG_GROUP_HELP}

It goes by the username templates, trusted proxies, identity stores, log groups and record of --config, else of the
eks-whois.yaml in the checkout's root, each where no option of that meaning is given, and tells what it takes. The rest of
the file is of a deployment.

Examples:
  npm start
  npm start -- --audit audit/ --cloudtrail AWSLogs/ --data /tmp/incident
  npm start -- --audit audit/ --cloudtrail AWSLogs/ --config eks-whois.yaml --stage prod
  npm start -- --audit s3://lake/aws/EKS_AUDIT/ --cloudtrail s3://trail/AWSLogs/ --from 2026-03-10 --to 2026-03-10
  eks-whois local --once
  curl 'http://127.0.0.1:3000/records?actor=ana.silva'

Exit status: 0 done; 1 it failed, or with --once a batch did; 2 wrong usage; 130 or 143 stopped while feeding.`,
    )
    .action((options: LocalOptions) => localAction(options));
}

async function localAction(options: LocalOptions): Promise<void> {
  try {
    await tellingLocalFaults(() => runAndServe(options));
    process.exit(0); // connections that clients keep open would hold the process
  } catch (error) {
    process.exit(tellFailure(error)); // and so would what was under way
  }
}

/** Feeds, and serves unless it is to be once only. */
async function runAndServe(options: LocalOptions): Promise<void> {
  const { audit, cloudtrail } = filesOf(options);
  checkRange(options);
  checkS3Options(options, [...audit, ...cloudtrail]);
  await checkProfiles(options.profile === undefined ? [] : [options.profile]);
  await checkPaths([...audit, ...cloudtrail], s3AccessOf(options));
  ruleSettings(options);
  countedGroupsOf(options.logGroup);
  recordingOf(options.record);
  const { data: folder, logGroup: logGroups, record, once = false } = options;
  const range = { from: options.from, to: options.to };
  const now = epochMillis(Date.now());
  const s3 = {
    audit: s3Reading(options, 'audit', range, now),
    cloudtrail: s3Reading(options, 'cloudtrail', range, now),
  };
  const { usernameTemplate: usernameTemplates, trustedProxy: trustedProxies, identityStore: identityStores } = options;
  const told = { usernameTemplates, trustedProxies, identityStores, logGroups, record };
  const port = options.port ?? (once ? 0 : 3000); // --once serves nobody
  const { runLocal } = await import('../../local/service/run.ts');
  const service = await untilInterrupted(
    (signal) => runLocal({ port, serves: !once, folder, audit, cloudtrail, s3, range, ...told, say, signal }),
    'Stopped while feeding; started again, it goes on with what is stored.',
  );
  try {
    say(totalsText(service.totals));
    if (!once) await serve(service, options.open === true);
    else if (service.failed > 0) throw new CommandError(failedText(service.failed), 1);
  } finally {
    await service.stop();
  }
}

function checkRange({ from, to, audit }: LocalOptions): void {
  if ((from ?? to) !== undefined && audit === undefined)
    throw wrongUsage('--from and --to belong to --audit: the examples are fed whole.');
  if (from !== undefined && to !== undefined && from > to)
    throw wrongUsage(`The time range ends before it begins (${formatInstant(from)} to ${formatInstant(to)}).`);
}

/** Until it is told to end. */
async function serve({ url = '', ended }: LocalService, opens: boolean): Promise<void> {
  const stopped = untilEnded();
  say(`ready: ${url}`);
  if (opens) await openInBrowser(url);
  const reason = await Promise.race([stopped, ended]);
  if (reason !== undefined) throw reason;
}

function say(line: string): void {
  process.stdout.write(`${escapeForTerminal(line)}\n`);
}

async function tellingLocalFaults(work: () => Promise<void>): Promise<void> {
  const { LocalError } = await import('../../local/service/local-error.ts');
  try {
    await work();
  } catch (error) {
    if (error instanceof LocalError) throw new CommandError(escapeForTerminal(error.message), 1, { cause: error });
    throw error;
  }
}

function filesOf({ audit, cloudtrail }: LocalOptions): { audit: readonly string[]; cloudtrail: readonly string[] } {
  if (audit === undefined && cloudtrail === undefined) {
    return { audit: [example('audit')], cloudtrail: [example('cloudtrail')] };
  }
  if (audit === undefined) throw wrongUsage('--cloudtrail needs --audit beside it.');
  return { audit, cloudtrail: cloudtrail ?? [] };
}

function example(folder: string): string {
  return fileURLToPath(ownFile(`examples/${folder}`));
}

function failedText(failed: number): string {
  return `A function failed ${failed === 1 ? 'once' : `${failed} times`}, as is said above. Feed the same again once that is mended.`;
}

function totalsText(totals: ReadonlyMap<string, number>): string {
  const of = (name: string) => totals.get(name) ?? 0;
  const omitted = of('EventsOmitted');
  return (
    `${counted(of('EventsRecorded'), 'event')} recorded, ${of('EventsDuplicate')} there already, ` +
    `${of('EventsRejected')} unreadable${omitted === 0 ? '' : `, ${counted(omitted, 'read')} left out (record)`}; ` +
    `${counted(of('RecordsCorrected'), 'record')} corrected by later grants; ${counted(of('AlertsSent'), 'alert')} sent`
  );
}
