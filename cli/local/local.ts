import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type EpochMillis, epochMillis, formatInstant } from '../../lib/time.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import type { LocalService } from '../../local/service/run.ts';
import { checkProfiles } from '../access/aws-profiles.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { reportFailure } from '../failures/report-failure.ts';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { countedGroupsOf, LOG_GROUP_TOPIC, logGroupOption } from '../options/log-groups.ts';
import { withConfig } from '../options/parameter-file.ts';
import { checkPaths } from '../options/paths.ts';
import { portOption } from '../options/port.ts';
import { type RuleOptions, recordingOf, recordOption, ruleSettings, withRules } from '../options/rule-options.ts';
import { checkS3Options, S3_TOPIC, s3AccessOf, s3Reading, withS3 } from '../options/s3-options.ts';
import { instantOption, TIME_TOPIC, withTimes } from '../options/times.ts';
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

/** Defines `eks-whois local`, which `npm start` runs. */
export function localCommand(): Command {
  const command = withTimes(new Command('local'))
    .summary('the whole service on this machine')
    .description(
      'Runs the service on this machine: the tables on disk, the functions, the page and the API at http://127.0.0.1:<port>. The ' +
        'functions run the same code as on AWS. They read the examples, or your own files. The clock follows the times of the events. ' +
        'The service connects to AWS only to read s3:// paths, and runs until Ctrl-C.',
    )
    .addOption(portOption('the port of the page and the API; 0 is any free port (default: 3000, or 0 with --once)'))
    .option('--open', 'open the page in the browser when it is ready')
    .option('--data <folder>', 'the folder of the tables', '.eks-whois')
    .option('--once', 'process the input, print the summary and exit')
    .optionsGroup(GROUPS.input)
    .option('--audit <path...>', 'your audit events instead of the examples: files, folders, s3://bucket/prefix')
    .option('--cloudtrail <path...>', 'your CloudTrail records instead of the examples, in the same places')
    .addOption(
      instantOption(
        '--from <time>',
        'only audit events at or after this time. In s3://, only read from this time on',
        'start',
      ),
    )
    .addOption(
      instantOption(
        '--to <time>',
        'only audit events at or before this time. In s3://, only read up to this time',
        'end',
      ),
    );
  withRules(withS3(command)).addOption(logGroupOption()).addOption(recordOption());
  return withHelp(withConfig(command, { ofCheckout: true }), HELP).action((options: LocalOptions) =>
    localAction(options),
  );
}

const HELP: CommandHelp = {
  common: ['--port', '--open', '--data', '--once', '--audit', '--cloudtrail', '--from', '--to', '--config', '--stage'],
  topics: [
    {
      heading: 'How it runs:',
      text: `
records and sessions query this service unless another is given. For whois, add --api http://127.0.0.1:3000. If you start the
service again, it continues with the tables in --data. All that is read stays in memory: for a trail or a lake in s3://, give
--from and --to.

The username templates, trusted proxies, identity stores, log groups and the parameter record come from --config, or else from
the eks-whois.yaml in the root of the checkout. An option on the command line replaces the file's value. The command prints
what it takes from the file. The rest of the file is for a deployment.`,
    },
    S3_TOPIC,
    LOG_GROUP_TOPIC,
    TIME_TOPIC,
  ],
  examples: [
    { asks: 'Try the service with the examples:', command: 'npm start' },
    {
      asks: 'Look at an incident in your own files:',
      command: 'npm start -- --audit audit/ --cloudtrail AWSLogs/ --data /tmp/incident',
    },
    {
      asks: 'The same with the rules of your deployment:',
      command: 'npm start -- --audit audit/ --cloudtrail AWSLogs/ --config eks-whois.yaml --stage prod',
    },
    {
      asks: 'A day from Security Lake and a trail in S3:',
      command:
        'npm start -- --audit s3://lake/aws/EKS_AUDIT/ --cloudtrail s3://trail/AWSLogs/ --from 2026-03-10 --to 2026-03-10',
    },
    { asks: 'Only print the summary:', command: 'eks-whois local --once' },
    { asks: 'Query it by HTTP:', command: "curl 'http://127.0.0.1:3000/records?actor=ana.silva'" },
  ],
  exitStatus:
    '0 done; 1 failed, or with --once a batch failed; 2 wrong usage; 130 or 143 stopped before all input was read.',
};

async function localAction(options: LocalOptions): Promise<void> {
  try {
    await reportLocalFaults(() => runAndServe(options));
    process.exit(0); // open connections of clients would keep the process running
  } catch (error) {
    process.exit(reportFailure(error)); // work in progress would keep it running too
  }
}

/** Loads the files, then serves unless `--once` is given. */
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
  const {
    usernameTemplate: usernameTemplates,
    trustedProxy: trustedProxies,
    identityStore: identityStores,
    samePerson,
  } = options;
  const settings = { usernameTemplates, trustedProxies, identityStores, samePerson, logGroups, record };
  const port = options.port ?? (once ? 0 : 3000); // with --once, nobody uses the service
  const { runLocal } = await import('../../local/service/run.ts');
  const service = await untilInterrupted(
    (signal) => runLocal({ port, serves: !once, folder, audit, cloudtrail, s3, range, ...settings, say, signal }),
    'Stopped while loading. The next start continues with what is stored.',
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
    throw wrongUsage('--from and --to work only with --audit. Leave them out: the examples are read completely.');
  if (from !== undefined && to !== undefined && from > to)
    throw wrongUsage(
      `The time range ends before it begins (${formatInstant(from)} to ${formatInstant(to)}). Change --from or --to.`,
    );
}

/** Serves until a signal ends the process. */
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

async function reportLocalFaults(work: () => Promise<void>): Promise<void> {
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
  if (audit === undefined) throw wrongUsage('--cloudtrail needs --audit. Give both, or neither for the examples.');
  return { audit, cloudtrail: cloudtrail ?? [] };
}

function example(folder: string): string {
  return fileURLToPath(ownFile(`examples/${folder}`));
}

function failedText(failed: number): string {
  return `A function failed ${failed === 1 ? 'once' : `${failed} times`}. The reason is above. Fix it, then load the same files again.`;
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
