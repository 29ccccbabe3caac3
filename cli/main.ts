import { Command } from 'commander';
import { failureOf } from '../lib/adapters/files/paths.ts';
import { attributeCommand } from './attribute/attribute.ts';
import { backfillCommand } from './backfill/backfill.ts';
import { clustersCommand } from './clusters/clusters.ts';
import { completionCommand } from './completion/completion.ts';
import { configureCommand } from './configure/configure.ts';
import { consoleCommand } from './console/console.ts';
import { costCommand } from './cost/cost.ts';
import { doctorCommand } from './doctor/doctor.ts';
import { markReported, reportFailure } from './failures/report-failure.ts';
import { GUIDE } from './guide.ts';
import { type HelpLength, helpLengthOf, withHelp } from './help/command-help.ts';
import { incidentCommand } from './incident/incident.ts';
import { knownCommand } from './known/known.ts';
import { kubeconfigCommand } from './kubeconfig/kubeconfig.ts';
import { localCommand } from './local/local.ts';
import { mcpCommand } from './mcp/mcp.ts';
import { withCommonOptions } from './options/every-command.ts';
import { withArgumentFirst } from './options/operand.ts';
import { withWhois } from './options/pasted.ts';
import { productVersion } from './own-files.ts';
import { recordsCommand } from './records/records.ts';
import { relatedCommand } from './related/related.ts';
import { sessionsCommand } from './sessions/sessions.ts';
import { hasStandardInput, standardInput } from './whois/standard-input.ts';
import { whoisCommand } from './whois/whois.ts';

/** Runs the command line, and sets the exit status: 0 done, 1 failed, 2 wrong usage. `whois` and `doctor` have more (CONTRACT). */
export async function main(argv: readonly string[]): Promise<void> {
  watchOutputs();
  const [node = '', script = '', ...words] = argv;
  const program = await buildProgram(helpLengthOf(words));
  try {
    const completed = words.length === 0 ? await pipedAlone() : withArgumentFirst(withWhois(words, program), program);
    if (completed.length > 0) await program.parseAsync([node, script, ...completed]);
    else process.stdout.write(GUIDE);
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

/** Returns what is piped into `eks-whois` alone, as its arguments. Empty if nothing is. */
async function pipedAlone(): Promise<readonly string[]> {
  const text = hasStandardInput() ? await standardInput() : '';
  return text.trim() === '' ? [] : ['whois', '--', text];
}

/** Ends the command quietly if its reader went away, as `head` does, and reports a full disk in a sentence. */
function watchOutputs(): void {
  let isReported = false;
  process.stderr.on('error', () => undefined); // there is no other place to report to
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    markReported(error);
    if (isReported) return; // each write that was under way fails by itself
    isReported = true;
    process.stderr.write(
      `eks-whois: Standard output ${failureOf(error, 'written')}, so the output is incomplete. Run it again, with --output-file elsewhere.\n`,
    );
    process.exitCode = 1;
  });
}

/** Headings of the list of commands. */
const COMMANDS = {
  who: 'Find out who it was:',
  account: 'Check and set up your account:',
  service: 'Run and load the service:',
} as const;

/** Builds the command line as it is defined. */
export async function buildProgram(helpLength: HelpLength = 'short'): Promise<Command> {
  const program = new Command('eks-whois')
    .description(
      'Shows which person is behind each request to an EKS cluster. It joins the Kubernetes audit log with CloudTrail, and gives ' +
        'the evidence, or the reason why the actor is unidentified.',
    )
    .usage('<anything> | <command> [options]')
    .version(productVersion(), '-V, --version', 'print the version')
    .commandsGroup(COMMANDS.who)
    .addCommand(whoisCommand())
    .addCommand(incidentCommand())
    .addCommand(recordsCommand())
    .addCommand(sessionsCommand())
    .addCommand(relatedCommand())
    .addCommand(knownCommand())
    .addCommand(attributeCommand())
    .addCommand(consoleCommand())
    .addCommand(mcpCommand())
    .commandsGroup(COMMANDS.account)
    .addCommand(doctorCommand())
    .addCommand(clustersCommand())
    .addCommand(kubeconfigCommand())
    .addCommand(configureCommand())
    .addCommand(completionCommand())
    .commandsGroup(COMMANDS.service)
    .addCommand(costCommand())
    .addCommand(localCommand())
    .addCommand(backfillCommand())
    .commandsGroup(COMMANDS.account)
    .helpCommand('help [command]', 'show the help of a command');
  withHelp(program, {
    topics: [
      {
        heading: 'Output and sign-in:',
        text: `
Results go to standard output, messages to standard error. AWS is queried with the standard settings: profiles, AWS_REGION,
AWS_ENDPOINT_URL. EKS_WHOIS_TOKEN is a bearer token for --api. EKS_WHOIS_API, EKS_WHOIS_TABLE and EKS_WHOIS_CLUSTER replace
--api, --table and --cluster in questions. eks-whois configure keeps services by name, for --service. EKS_WHOIS_DEBUG=1 shows
where in the code an unexpected error arose.`,
      },
    ],
    examples: [
      {
        asks: 'Who is behind this? Paste an event, a key, an ARN, a finding or an error.',
        command: 'eks-whois ASIAEXAMPLE123456789',
      },
      {
        asks: 'What did Alice do in production since yesterday?',
        command: 'eks-whois records --actor alice --cluster prod --since 24h',
      },
      { asks: 'Why do sessions stay unidentified, and what fixes it?', command: 'eks-whois doctor --profile prod' },
      { asks: 'Who is behind what is in the clipboard?', command: 'pbpaste | eks-whois' },
      {
        asks: 'Who was this session at 14:03?',
        command: 'eks-whois whois --principal AROAEXAMPLE1234567890:EKSGetTokenAuth --at 2026-03-10T14:03:00Z',
      },
      { asks: 'Which sessions are unidentified, and why?', command: 'eks-whois sessions --status unattributed' },
      {
        asks: 'Who made the requests in these files? No AWS account is needed.',
        command: 'eks-whois attribute --audit audit/ --cloudtrail AWSLogs/ -o table',
      },
    ],
    exitStatus: '0 done; 1 failed; 2 wrong usage. whois, incident and doctor have more.',
  });
  return withCommonOptions(program, helpLength);
}
