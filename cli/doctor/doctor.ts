import { Command, InvalidArgumentError, Option } from 'commander';
import { type CommandHelp, withHelp } from '../help/command-help.ts';
import { withOutput } from '../options/output-options.ts';
import { requestPayerOption } from '../options/s3-options.ts';

/** Defines `eks-whois doctor`. The code that does the work is loaded when it runs. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .summary('what keeps sessions unidentified, and how to fix it')
    .description(
      'Finds what keeps sessions unidentified. Each finding has its evidence, why it matters, and the step that fixes it. It only ' +
        'reads.',
    )
    .optionsGroup('Account:')
    .option('--profile <profile>', 'the AWS profile of the account')
    .option('--region <region...>', 'only check these Regions (default: all that are enabled)')
    .option('--cluster <name...>', 'only check these clusters')
    .option('--days <number>', 'check this many days, 1 to 90', daysOf, 7)
    .option('--connected-account <id...>', 'other accounts whose trails the service receives')
    .option(
      '--count-events',
      'if no subscription shows how many events match the filter, count those of one day for the cost estimate. This runs a Logs Insights query for each cluster, which costs by the GB',
    )
    .optionsGroup('Organization, before a deployment to all its accounts:')
    .option(
      '--organization',
      'check what the deployment needs. Run it in the account that deploys. --region gives the Regions to deploy to',
    )
    .option('--member-role <name>', 'also check each account, by assuming this role in it')
    .option('--unit <id...>', 'with --member-role: only accounts in these organizational units (default: all)')
    .option('--permissions-boundary <name>', 'check that each account has the policy of this name')
    .option('--code-bucket <name>', 'check that other accounts can read the buckets <name>-<Region>')
    .option('--without-forwarding', 'do not check trails and rules, for a deployment with Forward=false')
    .optionsGroup('Service, for the sessions that it could not attribute:')
    .option('--api <url>', "query a service's API")
    .option('--table <name>', "query a service's tables: their prefix, or the name of one")
    .addOption(new Option('--service <name>', 'query a service by its name in eks-whois configure'))
    .optionsGroup('Files:')
    .option('--offline', 'check the files alone, without an AWS account')
    .option('--aws-auth <file>', 'the ConfigMap aws-auth from kubectl, as YAML or JSON; - reads standard input')
    .option('--access-entries <file>', 'answers of aws eks describe-access-entry')
    .option('--trust-policies <file>', 'answers of aws iam get-role, list-roles or get-account-authorization-details')
    .option(
      '--audit <path...>',
      'audit events, as for eks-whois attribute, to find who impersonates users. From s3://bucket/prefix, only the last --days days are read',
    )
    .addOption(requestPayerOption().helpGroup('Files:'));
  withOutput(command, { says: 'how to write the findings', formats: ['text', 'json'], unless: 'text' });
  return withHelp(command, HELP).action(async (options: object) => (await import('./action.ts')).doctorAction(options));
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!/^\d{1,2}$/.test(text) || days < 1 || days > 90)
    throw new InvalidArgumentError('Give a whole number of days from 1 to 90.');
  return days;
}

const HELP: CommandHelp = {
  common: [
    '--profile',
    '--region',
    '--cluster',
    '--days',
    '--organization',
    '--member-role',
    '--api',
    '--table',
    '--service',
    '--offline',
    '--aws-auth',
    '--access-entries',
    '--trust-policies',
    '--audit',
    '--output',
    '--output-file',
  ],
  topics: [
    {
      heading: 'What is checked:',
      text: `
For each cluster, it checks whether the audit log is on, and its subscription: where it delivers, what its filter pattern leaves
out, and what could not be delivered. It searches the audit log for truncated entries, and for who impersonates users. Each
search is a Logs Insights query, which costs by the GB. It checks the access entries, and whether aws-auth applies.

It checks the trails and EventBridge rules in the Regions in use and in us-east-1. It checks the trust policies of the roles that
clusters let in, and how these roles were assumed recently. It estimates the cost of the service for these clusters from the
metrics of their log groups (eks-whois cost).

A check that fails is listed with the permission that is missing. The other checks still run.`,
    },
    {
      heading: 'Permissions, each for its own check only:',
      text: `
ec2:DescribeRegions, eks:ListClusters, eks:DescribeCluster, eks:ListAccessEntries, eks:DescribeAccessEntry,
logs:DescribeSubscriptionFilters, logs:TestMetricFilter, logs:StartQuery, logs:GetQueryResults, cloudwatch:GetMetricData,
cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus, cloudtrail:GetEventSelectors, cloudtrail:LookupEvents,
events:ListRules, events:TestEventPattern, iam:GetRole

With --organization: cloudformation:DescribeOrganizationsAccess, organizations:DescribeOrganization,
organizations:ListDelegatedAdministrators, organizations:ListAccounts (with --unit
organizations:ListAccountsForParent and organizations:ListOrganizationalUnitsForParent), s3:GetEncryptionConfiguration and sts:AssumeRole. The
role in each account needs ec2:DescribeRegions, lambda:GetAccountSettings, eks:ListClusters, events:ListRules, iam:GetPolicy and
iam:SimulatePrincipalPolicy. Your credentials and that role also need cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus and cloudtrail:GetEventSelectors.`,
    },
    {
      heading: 'Sign-in:',
      text: `
--profile signs in to the account. For the service of --api or --table, the environment gives the profile and Region (AWS_PROFILE,
AWS_REGION); for the service of --service, eks-whois configure gives them. If none of these three options is given,
EKS_WHOIS_API, EKS_WHOIS_TABLE or the default of eks-whois configure chooses the service.`,
    },
    {
      heading: 'The files, and how to get them:',
      text: `
  kubectl get configmap aws-auth -n kube-system -o yaml > aws-auth.yaml
  for p in $(aws eks list-access-entries --cluster-name prod \\
      --query 'accessEntries[]' --output text); do
    aws eks describe-access-entry --cluster-name prod --principal-arn $p
  done > entries.json
  aws iam get-account-authorization-details --filter Role > roles.json

The trust policies of the roles that a cluster lets in are checked, or all of them if no cluster is known.`,
    },
    {
      heading: 'What it prints for the configuration:',
      text: `
It prints the username templates from which sessions can be read, each for its role. It also prints the proxies through which
people come in, and what it means to trust each: Teleport, Rancher, Pinniped, kube-oidc-proxy, Tailscale, GitLab's agent, and other
service accounts that impersonate people. None is trusted unless you configure it. docs/doctor.md explains each finding.`,
    },
  ],
  examples: [
    {
      asks: 'What keeps the sessions of this cluster unidentified?',
      command: 'eks-whois doctor --profile prod --region eu-west-1 --cluster prod --table eks-whois-prod',
    },
    {
      asks: 'Is aws-auth right? No AWS account is needed.',
      command: 'kubectl get configmap aws-auth -n kube-system -o yaml | eks-whois doctor --offline --aws-auth -',
    },
    {
      asks: 'Can sessions be attributed with these access entries and trust policies?',
      command:
        'eks-whois doctor --offline --aws-auth aws-auth.yaml --access-entries entries.json --trust-policies roles.json',
    },
    { asks: 'Who impersonates users in these files?', command: 'eks-whois doctor --offline --audit audit/' },
    {
      asks: 'What is missing before spokes can be deployed to all accounts of the organization?',
      command:
        'eks-whois doctor --organization --region eu-west-1 us-east-1 --member-role OrganizationAccountAccessRole --code-bucket example-eks-whois',
    },
    {
      asks: 'The findings as a table for a script:',
      command: "eks-whois doctor --region eu-west-1 -o json | jq -r '.findings[] | [.severity, .id, .subject] | @tsv'",
    },
  ],
  exitStatus:
    '0 no findings; 1 failed, or no findings but a check failed (a call was denied, or there is no such cluster); 2 wrong usage; ' +
    '3 findings.',
};
