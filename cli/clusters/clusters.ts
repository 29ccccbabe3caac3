import { Command } from 'commander';
import { STRUCTURED_FORMATS } from '../format/structured.ts';
import { withOutput } from '../options/output-options.ts';

/** `eks-whois clusters list`. What does the work is loaded when it is needed. */
export function clustersCommand(): Command {
  const list = new Command('list')
    .summary('the EKS clusters of an account, in all its Regions')
    .description('Lists the EKS clusters of the account in all Regions that are enabled there, all pages of them.')
    .option('--region <region...>', 'only in these Regions')
    .option('--profile <profile...>', 'AWS profiles; several are several accounts');
  withOutput(list, { says: 'how they are written', formats: ['table', ...STRUCTURED_FORMATS], unless: 'table' })
    .addHelpText('after', LIST_HELP)
    .action(async (options: object) => (await import('./list.ts')).listAction(options))
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)');
  return new Command('clusters')
    .summary('list the EKS clusters that there are')
    .description('Says which EKS clusters there are, and whether their audit log is on.')
    .addCommand(list)
    .addHelpText(
      'after',
      `
Example:
  eks-whois clusters list

More: eks-whois clusters list --help`,
    );
}

const LIST_HELP = `
ENDPOINT is public, private, or both. AUDIT LOG says whether the audit log goes to CloudWatch Logs: where it is off,
nothing there can be attributed. A ? stands for what may not be read.

Needs eks:ListClusters and eks:DescribeCluster, and ec2:DescribeRegions for the Regions; without that one, those Regions
are asked that every account has. A Region that does not answer is told on standard error.

Examples:
  eks-whois clusters list
  eks-whois clusters list --region eu-west-1 eu-central-1 --profile prod staging
  eks-whois clusters list -o jsonl | jq -r 'select(.auditLog | not) | .name'

Exit status: 0 done, also where there is none; 1 no Region answered, or one did not that --region names; 2 wrong usage.`;
