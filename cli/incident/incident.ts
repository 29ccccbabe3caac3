import { Command, Option } from 'commander';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { epochMillis } from '../../lib/time.ts';
import { checkProfiles } from '../access/aws-profiles.ts';
import { choosingService } from '../access/service-choice.ts';
import { type CommandError, wrongUsage } from '../failures/command-error.ts';
import { refusingEmptyValues } from '../options/empty-values.ts';
import { countedGroupsOf, logGroupOption } from '../options/log-groups.ts';
import { withOutput } from '../options/output-options.ts';
import { CONFIG_HELP, takingConfig } from '../options/parameter-file.ts';
import { ruleSettings, withRules } from '../options/rule-options.ts';
import { REQUEST_PAYER } from '../options/s3-options.ts';
import { serviceOption } from '../options/service-options.ts';
import { instantOption, readingTimes, TIME_FORMS } from '../options/times.ts';
import { DEFAULT_WINDOW, windowOf } from '../options/window.ts';
import { hasStandardInput } from '../whois/standard-input.ts';
import { checkAnythingUsage } from '../whois/usage.ts';
import { hoursOf, pastedText } from '../whois/whois.ts';
import { INCIDENT_FORMATS, type IncidentOptions } from './options.ts';

export function incidentCommand(): Command {
  const command = refusingEmptyValues(new Command('incident'))
    .summary('a report for the ticket, of anything that is pasted')
    .description(
      'Makes of one event, or whatever else was pasted, a report for the ticket: who, and how certain; all sessions and keys ' +
        'of that person around it, and what was done with them; who else used the role; what nobody could be named for ' +
        'meanwhile; and what to do next.',
    )
    .argument('[anything...]', 'what was pasted, as eks-whois takes it; - is standard input')
    .addOption(
      new Option('--window <duration>', 'so long before and after it: 30m, 2h, 1d')
        .argParser(windowOf)
        .default(DEFAULT_WINDOW, '2h'),
    )
    .addOption(instantOption('--at <time>', `when it happened: ${TIME_FORMS}`, 'start'))
    .option('--lookback <hours>', 'how far CloudTrail is asked before --at, as of whois', hoursOf)
    .option('--audit <path...>', 'audit events in files, beside --cloudtrail')
    .option('--cloudtrail <path...>', "CloudTrail's files, its digest files among them: these are then verified")
    .option('--digest-public-key <file>', 'verify the signatures of digest files with these keys: see below')
    .option(
      '--evidence <folder>',
      'write the raw records behind the report there, with their SHA-256: a new or empty folder',
    )
    .option('--api <url>', 'ask the deployed or local service at this address')
    .option('--table <name>', 'ask the deployed tables: the name of one, or their common prefix')
    .addOption(serviceOption())
    .option('--region <region...>', 'where to look (default: all Regions that are enabled by default)')
    .option('--profile <profile...>', 'AWS profiles; several are several accounts');
  withRules(command)
    .addOption(logGroupOption())
    .option(...REQUEST_PAYER);
  choosingService<IncidentOptions>(command, isAskedElsewhere);
  takingConfig(command);
  return withOutput(readingTimes(command), { says: 'how to write it', formats: INCIDENT_FORMATS, unless: 'text' })
    .addHelpText('after', HELP)
    .action((anything: readonly string[], options: IncidentOptions) => incidentAction(anything, options));
}

/** Files and CloudTrail's event history are asked where the command line says so. */
function isAskedElsewhere({ cloudtrail, profile, region }: IncidentOptions): boolean {
  return (cloudtrail ?? profile ?? region) !== undefined;
}

const HELP = `
Files are read for all of it, and the service is asked for the same; without both, and without a service that
eks-whois configure or the environment names, CloudTrail's event history is asked, which knows sessions and keys, but not
what was done in a cluster. Of a role or a person without a time, --at says when.

Secrets read, execs, deletes, denied requests, token requests, changes of RBAC and aws-auth, and impersonation are listed,
the first twenty of each; all is counted by cluster, namespace and verb. docs/incident.md has the JSON.

What to do next never claims more than it does: to revoke a role's sessions in IAM does not end access to a cluster.

--evidence writes the audit events and CloudTrail records as they stand in the files (of the service the records as it has
them), report.md, report.json, manifest.json, and SHA256SUMS, which sha256sum -c verifies; whole, or not at all.
Digest files (AWSLogs/…/CloudTrail-Digest/) among --cloudtrail are held against the log files, and each against the next.
--digest-public-key is an answer of aws cloudtrail list-public-keys, or one key of it, as PEM or in base64. The signature of
a digest file stands in the one after it, so that of the newest cannot be verified from files.
${CONFIG_HELP}

Examples:
  eks-whois incident 60e442b4-3ced-423b-a0e2-2c3a7220f24e --table eks-whois-prod -o markdown
  eks-whois incident ASIAEXAMPLE123456789 --at 2026-03-10T14:03:00Z --window 30m --audit audit/ --cloudtrail AWSLogs/
  pbpaste | eks-whois incident --audit audit/ --cloudtrail AWSLogs/ --evidence evidence-4711/

Exit status: 0 attributed, partial or system; 1 it failed; 2 wrong usage; 3 ambiguous; 4 unattributed, or nothing is
known of it; 5 pending; of several the gravest, as of whois.`;

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
  return wrongUsage('An incident with what? Paste an event, a key, an audit id, as an argument or on standard input.');
}

/** @throws CommandError naming what is wrong, before anything is asked. */
function checkIncidentUsage({ digestPublicKey, evidence, cloudtrail, audit }: IncidentOptions): void {
  if (digestPublicKey !== undefined && cloudtrail === undefined)
    throw wrongUsage('--digest-public-key belongs to --cloudtrail: it verifies the digest files there.');
  if (audit?.includes(STANDARD_INPUT) === true)
    throw wrongUsage('--audit is read more than once, and standard input (-) can be read once: give a file.');
  if (evidence !== undefined && [...(audit ?? []), ...(cloudtrail ?? [])].includes(STANDARD_INPUT))
    throw wrongUsage(
      '--evidence reads what is given a second time, and standard input (-) can be read once: give a file.',
    );
}
