import { Command } from 'commander';
import { STRUCTURED_FORMATS } from '../format/structured.ts';
import { type CommandHelp, withHelp } from '../help/command-help.ts';
import { withOutput } from '../options/output-options.ts';

/** Defines `eks-whois clusters list`. The code that does the work is loaded when it runs. */
export function clustersCommand(): Command {
  const list = new Command('list')
    .summary('the EKS clusters of an account, in all its Regions')
    .description('Lists the EKS clusters of the account in all Regions that are enabled there.')
    .option('--region <region...>', 'only these Regions')
    .option('--profile <profile...>', 'the AWS profile; give several to list the clusters of several accounts');
  withOutput(list, {
    says: 'how to write the list',
    formats: ['table', ...STRUCTURED_FORMATS],
    unless: 'table',
  }).action(async (options: object) => (await import('./list.ts')).listAction(options));
  const command = new Command('clusters')
    .summary('the EKS clusters of an account')
    .description('Shows which EKS clusters there are, and whether their audit log is on.')
    .addCommand(withHelp(list, HELP));
  const { examples, exitStatus } = HELP;
  return withHelp(command, { examples, exitStatus });
}

const HELP: CommandHelp = {
  notes: `
ENDPOINT is public, private, or both. AUDIT LOG says whether the audit log goes to CloudWatch Logs. If it is off, nothing in that
cluster can be attributed. A ? stands for what you are not allowed to read.

It needs eks:ListClusters and eks:DescribeCluster, and ec2:DescribeRegions for the Regions. Without the last one, it searches the
Regions that every account has. Standard error lists the Regions that did not answer.`,
  examples: [
    { asks: 'Which clusters are there, and is their audit log on?', command: 'eks-whois clusters list' },
    {
      asks: 'Which are in these Regions of two accounts?',
      command: 'eks-whois clusters list --region eu-west-1 eu-central-1 --profile prod staging',
    },
    {
      asks: 'Which have no audit log?',
      command: "eks-whois clusters list -o jsonl | jq -r 'select(.auditLog | not) | .name'",
    },
  ],
  exitStatus:
    '0 done, even if there is no cluster; 1 if no Region answered, or if a Region of --region did not; 2 wrong usage.',
};
