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
import { noteAsTold, tellFailure } from './failures/tell-failure.ts';
import { GUIDE } from './guide.ts';
import { incidentCommand } from './incident/incident.ts';
import { knownCommand } from './known/known.ts';
import { kubeconfigCommand } from './kubeconfig/kubeconfig.ts';
import { localCommand } from './local/local.ts';
import { mcpCommand } from './mcp/mcp.ts';
import { withCommonOptions } from './options/every-command.ts';
import { withWhois } from './options/pasted.ts';
import { productVersion } from './own-files.ts';
import { recordsCommand } from './records/records.ts';
import { relatedCommand } from './related/related.ts';
import { sessionsCommand } from './sessions/sessions.ts';
import { hasStandardInput, standardInput } from './whois/standard-input.ts';
import { whoisCommand } from './whois/whois.ts';

/** Runs the command line; sets the exit status (CONTRACT: 0 done, 1 failed, 2 wrong usage, and what `whois` and `doctor` add). */
export async function main(argv: readonly string[]): Promise<void> {
  watchOutputs();
  const program = await buildProgram();
  try {
    const [node = '', script = '', ...words] = argv;
    const meant = words.length === 0 ? await pastedAlone() : withWhois(words, program);
    if (meant.length > 0) await program.parseAsync([node, script, ...meant]);
    else process.stdout.write(GUIDE);
  } catch (error) {
    process.exitCode = tellFailure(error);
  }
}

/** What is piped into `eks-whois` alone, as its arguments; none where that is nothing. */
async function pastedAlone(): Promise<readonly string[]> {
  const text = hasStandardInput() ? await standardInput() : '';
  return text.trim() === '' ? [] : ['whois', '--', text];
}

/** A reader that went away, as `head` does, ends the command quietly; a full disk is told in a sentence. */
function watchOutputs(): void {
  let isTold = false;
  process.stderr.on('error', () => undefined); // nobody is left to tell
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    noteAsTold(error);
    if (isTold) return; // each write that was under way fails by itself
    isTold = true;
    process.stderr.write(`eks-whois: Standard output ${failureOf(error, 'written')}: nothing more can be written.\n`);
    process.exitCode = 1;
  });
}

/** The command line as it is defined. */
export async function buildProgram(): Promise<Command> {
  const program = new Command('eks-whois')
    .description(
      'Which person did this to our EKS cluster? Joins the Kubernetes audit log with CloudTrail, and says who is behind ' +
        'each request, with the evidence, or why nobody can be named.',
    )
    .usage('<anything> | <command> [options]')
    .version(productVersion())
    .addCommand(attributeCommand())
    .addCommand(whoisCommand())
    .addCommand(incidentCommand())
    .addCommand(recordsCommand())
    .addCommand(sessionsCommand())
    .addCommand(relatedCommand())
    .addCommand(knownCommand())
    .addCommand(consoleCommand())
    .addCommand(mcpCommand())
    .addCommand(doctorCommand())
    .addCommand(costCommand())
    .addCommand(backfillCommand())
    .addCommand(localCommand())
    .addCommand(kubeconfigCommand())
    .addCommand(clustersCommand())
    .addCommand(configureCommand())
    .addCommand(completionCommand());
  program.addHelpText('after', HELP);
  return withCommonOptions(program);
}

const HELP = `
Who is behind this? Paste an audit event, a key, an ARN, a finding, an error line; in quotes, or on standard input:
  eks-whois ASIAEXAMPLE123456789
  pbpaste | eks-whois
What did Alice do in production yesterday?
  eks-whois records --actor alice --cluster prod --since 24h --table eks-whois-prod
Who was AROAEXAMPLE1234567890:EKSGetTokenAuth at 14:03?
  eks-whois whois --principal AROAEXAMPLE1234567890:EKSGetTokenAuth --at 2026-03-10T14:03:00Z
Which sessions can nobody name, and why?
  eks-whois sessions --status unattributed --table eks-whois-prod
What must change so that all are named?
  eks-whois doctor --profile prod
All of it from files, with no AWS account:
  eks-whois attribute --audit audit/ --cloudtrail AWSLogs/ -o table

Results go to standard output, words for people to standard error. AWS is asked with the standard settings: profiles,
AWS_REGION, AWS_ENDPOINT_URL. EKS_WHOIS_TOKEN is a bearer token for --api. EKS_WHOIS_DEBUG=1 shows where a fault arose.
EKS_WHOIS_API, EKS_WHOIS_TABLE and EKS_WHOIS_CLUSTER stand for --api, --table and --cluster of questions. eks-whois
configure keeps services by name, for --service.
Exit status: 0 done; 1 it failed; 2 wrong usage; whois and doctor have more. eks-whois <command> --help says it all.`;
