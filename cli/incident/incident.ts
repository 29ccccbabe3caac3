import { Command, Option } from 'commander';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { epochMillis } from '../../lib/time.ts';
import { checkProfiles } from '../access/aws-profiles.ts';
import { withServiceChoice } from '../access/service-choice.ts';
import { type CommandError, wrongUsage } from '../failures/command-error.ts';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { countedGroupsOf, LOG_GROUP_TOPIC, logGroupOption } from '../options/log-groups.ts';
import { withOutput } from '../options/output-options.ts';
import { CONFIG_TOPIC, withConfig } from '../options/parameter-file.ts';
import { ruleSettings, withRules } from '../options/rule-options.ts';
import { requestPayerOption } from '../options/s3-options.ts';
import { serviceOption, tableOption } from '../options/service-options.ts';
import { instantOption, TIME_TOPIC, withTimes } from '../options/times.ts';
import { verboseOption } from '../options/verbose-option.ts';
import { DEFAULT_WINDOW, windowOf } from '../options/window.ts';
import { hasStandardInput } from '../whois/standard-input.ts';
import { checkAnythingUsage } from '../whois/usage.ts';
import { hoursOf, pastedText } from '../whois/whois.ts';
import { INCIDENT_FORMATS, type IncidentOptions } from './options.ts';

/** Defines `eks-whois incident`. */
export function incidentCommand(): Command {
  const command = refuseEmptyValues(new Command('incident'))
    .summary('a report for the ticket about anything that you paste')
    .description(
      'Writes a report for the ticket about an event, or anything else that you paste. It says who it was and how certain that ' +
        "is. It lists the person's sessions and keys around that time, what was done with them, who else used the role, and " +
        'which requests are unidentified. It ends with what to do next.',
    )
    .argument('[anything...]', 'the text to look up, as for eks-whois whois; - reads standard input')
    .optionsGroup('Report:')
    .addOption(
      new Option('--window <duration>', 'time before and after the event: 30m, 2h, 1d')
        .argParser(windowOf)
        .default(DEFAULT_WINDOW, '2h'),
    )
    .option(
      '--evidence <folder>',
      'write the raw records behind the report to this new or empty folder, with their SHA-256',
    )
    .option('--digest-public-key <file>', "verify the signatures of CloudTrail's digest files with these public keys")
    .addOption(
      instantOption(
        '--at <time>',
        'when it happened: 2026-03-10T14:03:00Z, yesterday, 08:00, 2h (two hours ago)',
        'start',
      ),
    )
    .addOption(
      new Option('--lookback <hours>', 'how many hours before --at CloudTrail is searched, as for eks-whois whois')
        .argParser(hoursOf)
        .helpGroup(GROUPS.time),
    )
    .optionsGroup(GROUPS.place)
    .option('--audit <path...>', 'audit events in files, with --cloudtrail')
    .option('--cloudtrail <path...>', "CloudTrail's files. Digest files among them are verified")
    .option('--api <url>', "query a service's API")
    .addOption(tableOption())
    .addOption(serviceOption())
    .option('--profile <profile...>', 'the AWS profile; give several to search several accounts')
    .option('--region <region...>', 'only search these Regions (default: all except opt-in Regions)');
  withRules(command).addOption(logGroupOption()).addOption(requestPayerOption());
  withServiceChoice<IncidentOptions>(command, isAskedElsewhere);
  withConfig(command.addOption(verboseOption()));
  withOutput(withTimes(command), { says: 'how to write the report', formats: INCIDENT_FORMATS, unless: 'text' });
  return withHelp(command, HELP).action((anything: readonly string[], options: IncidentOptions) =>
    incidentAction(anything, options),
  );
}

const HELP: CommandHelp = {
  common: [
    '--window',
    '--evidence',
    '--at',
    '--audit',
    '--cloudtrail',
    '--api',
    '--table',
    '--service',
    '--profile',
    '--region',
    '--config',
    '--output',
    '--output-file',
  ],
  topics: [
    {
      heading: 'What the report contains:',
      text: `
It lists the first twenty of each: secrets read, execs, deletes, denied requests, token requests, changes of RBAC and aws-auth,
and impersonation. All requests are counted by cluster, namespace and verb. docs/incident.md describes the JSON.

Each step under "what to do next" also says what it does not stop. For example, revoking a role's sessions in IAM does not end access to a cluster.`,
    },
    {
      heading: 'Where it looks:',
      text: `
Files and a service answer all parts of the report. With neither, and without a service from eks-whois configure or the
environment, CloudTrail's event history is searched. It has sessions and keys, but not what was done in a cluster. For a role or
a person without a time, give --at.`,
    },
    {
      heading: 'Evidence:',
      text: `
--evidence writes the audit events and CloudTrail records as they are in the files (from a service: the records as it stores
them), report.md, report.json, manifest.json, and SHA256SUMS for sha256sum -c. It writes all of it, or nothing.

Digest files (AWSLogs/…/CloudTrail-Digest/) among --cloudtrail are compared with the log files, and each with the next.
--digest-public-key is the answer of aws cloudtrail list-public-keys, or one of its keys as PEM or base64. The signature of a
digest file is in the next one, so files alone cannot verify the newest.`,
    },
    TIME_TOPIC,
    LOG_GROUP_TOPIC,
    CONFIG_TOPIC,
  ],
  examples: [
    {
      asks: 'A report about this request, for a ticket:',
      command: 'eks-whois incident 60e442b4-3ced-423b-a0e2-2c3a7220f24e --table eks-whois-prod -o markdown',
    },
    {
      asks: 'What was done with this key around 14:03, from files?',
      command:
        'eks-whois incident ASIAEXAMPLE123456789 --at 2026-03-10T14:03:00Z --window 30m --audit audit/ --cloudtrail AWSLogs/',
    },
    {
      asks: 'A report about the finding in the clipboard, with the evidence:',
      command: 'pbpaste | eks-whois incident --audit audit/ --cloudtrail AWSLogs/ --evidence evidence-4711/',
    },
  ],
  exitStatus:
    '0 attributed, partial or system; 1 failed; 2 wrong usage; 3 ambiguous; 4 unattributed, or nothing is known; 5 pending. ' +
    'If there are several answers, the most serious counts: 4 before 3 before 5.',
};

/** Returns whether the options choose files or CloudTrail's event history. */
function isAskedElsewhere({ cloudtrail, profile, region }: IncidentOptions): boolean {
  return (cloudtrail ?? profile ?? region) !== undefined;
}

async function incidentAction(words: readonly string[], options: IncidentOptions): Promise<void> {
  if (words.length === 0 && !hasStandardInput()) throw nothingPasted();
  checkAnythingUsage({ ...options, format: 'text' }, epochMillis(Date.now()));
  checkIncidentUsage(options);
  const settings = ruleSettings(options);
  countedGroupsOf(options.logGroup);
  await checkProfiles(options.profile ?? []);
  const text = await pastedText(words, options);
  if (text.trim() === '') throw nothingPasted();
  await (await import('./action.ts')).makeReport(text, options, settings);
}

function nothingPasted(): CommandError {
  return wrongUsage(
    'There is nothing to report on. Paste an audit event, an access key or an audit ID before the options, or on standard input.',
  );
}

/**
 * Checks the usage before anything is queried.
 * @throws CommandError that names what is wrong.
 */
function checkIncidentUsage({ digestPublicKey, evidence, cloudtrail, audit }: IncidentOptions): void {
  if (digestPublicKey !== undefined && cloudtrail === undefined)
    throw wrongUsage(
      '--digest-public-key works only with --cloudtrail: it verifies the digest files there. Add --cloudtrail PATH.',
    );
  if (audit?.includes(STANDARD_INPUT) === true)
    throw wrongUsage('--audit is read more than once, and standard input (-) can be read only once. Give a file.');
  if (evidence !== undefined && [...(audit ?? []), ...(cloudtrail ?? [])].includes(STANDARD_INPUT))
    throw wrongUsage(
      '--evidence reads the input a second time, and standard input (-) can be read only once. Give a file.',
    );
}
