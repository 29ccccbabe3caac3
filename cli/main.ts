import { Command } from 'commander';
import { failureOf } from '../lib/adapters/files/paths.ts';
import { ACCOUNT_HEADING, COMMAND_NAMES } from './command-names.ts';
import { addCommands } from './commands.ts';
import { isWrongUsage, markReported, reportFailure } from './failures/report-failure.ts';
import { GUIDE } from './guide.ts';
import { type HelpLength, helpLengthOf, withHelp } from './help/command-help.ts';
import { withCommonOptions } from './options/every-command.ts';
import { withArgumentFirst } from './options/operand.ts';
import { withWhois } from './options/pasted.ts';
import { productVersion } from './own-files.ts';
import { hasStandardInput, standardInput } from './whois/standard-input.ts';

/**
 * Runs the command line, and sets the exit status: 0 done, 1 failed, 2 wrong usage. `whois` and `doctor` have more
 * (CONTRACT).
 */
export async function main(argv: readonly string[]): Promise<void> {
  watchOutputs();
  const words = argv.slice(2);
  try {
    const given = words.length === 0 ? await pipedAlone() : withWhois(words, COMMAND_NAMES);
    if (given.length > 0) await run(given);
    else process.stdout.write(GUIDE);
  } catch (error) {
    process.exitCode = reportFailure(error);
  }
}

/** Runs a command. A help, a completion and an error of usage can name any command. Only these load all commands. */
async function run(words: readonly string[]): Promise<void> {
  const [name = ''] = words;
  const helpLength = helpLengthOf(words);
  const parse = (program: Command) => program.parseAsync(withArgumentFirst(words, program), { from: 'user' });
  if (COMMAND_NAMES.includes(name) && name !== 'completion') {
    try {
      await parse(await buildProgram(helpLength, name));
      return;
    } catch (error) {
      if (!isWrongUsage(error)) throw error;
    }
  }
  await parse(await buildProgram(helpLength));
}

/**
 * Returns the arguments that look up the text on standard input, if `eks-whois` has no arguments. Empty if there is no
 * text.
 */
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

/**
 * Returns the command line as it is defined.
 * @param only the name of the only command to load. Then the program reports no error of usage.
 */
export async function buildProgram(helpLength: HelpLength = 'short', only?: string): Promise<Command> {
  const program = new Command('eks-whois')
    .description(
      'Shows which person is behind each request to an EKS cluster. It joins the Kubernetes audit log with CloudTrail, and gives ' +
        'the evidence, or the reason why the actor is unidentified.',
    )
    .usage('<anything> | <command> [options]')
    .version(productVersion(), '-V, --version', 'print the version');
  await addCommands(program, only);
  program.commandsGroup(ACCOUNT_HEADING).helpCommand('help [command]', 'show the help of a command');
  withHelp(program, {
    topics: [
      {
        heading: 'Output and sign-in:',
        text: `
Results go to standard output, messages to standard error. AWS is queried with the standard settings: profiles, AWS_REGION,
AWS_ENDPOINT_URL. EKS_WHOIS_TOKEN is a bearer token for --api. Commands that query a service use EKS_WHOIS_API,
EKS_WHOIS_TABLE and EKS_WHOIS_CLUSTER if --api, --table and --cluster are missing. eks-whois configure keeps services by name,
for --service. EKS_WHOIS_DEBUG=1 shows where in the code an unexpected error arose.`,
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
    exitStatus: '0 done; 1 failed; 2 wrong usage. The help of a command lists its further values.',
  });
  return withCommonOptions(program, { helpLength, reportsUsage: only === undefined });
}
