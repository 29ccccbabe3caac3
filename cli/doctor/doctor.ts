import { Command, InvalidArgumentError } from 'commander';
import { withOutput } from '../options/output-options.ts';
import { REQUEST_PAYER } from '../options/s3-options.ts';
import { serviceOption } from '../options/service-options.ts';

/** `eks-whois doctor`. What does the work is loaded when it is needed. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .summary('what keeps sessions from being attributed, and how to mend it')
    .description(
      'Says what keeps sessions from being attributed: each finding with its evidence, why it matters and the step that ' +
        'mends it. Reads only.',
    )
    .option('--region <region...>', 'only in these Regions (default: all that are enabled)')
    .option('--cluster <name...>', 'only these clusters')
    .option('--profile <profile>', 'the AWS profile of the account')
    .option('--connected-account <id...>', 'other accounts whose trail the service is given')
    .option('--days <number>', 'look back as far: 1 to 90', daysOf, 7)
    .option(
      '--count-events',
      'where no subscription tells how many events pass the filter, count those of one day, for the estimate of costs: ' +
        'a Logs Insights query more for each cluster, which costs by the GB',
    )
    .option('--api <url>', "the service's address, for the sessions that it could not attribute")
    .option('--table <name>', 'a deployed table, or their common prefix, instead of the API')
    .addOption(serviceOption())
    .option('--offline', 'look at the files alone, without an AWS account')
    .option('--aws-auth <file>', 'the ConfigMap aws-auth, as kubectl prints it in YAML or JSON; - is standard input')
    .option('--access-entries <file>', 'answers of aws eks describe-access-entry')
    .option('--trust-policies <file>', 'answers of aws iam get-role, list-roles or get-account-authorization-details')
    .option(
      '--audit <path...>',
      'audit events, as attribute takes them: who acts in the name of people; of s3://bucket/prefix the last --days',
    )
    .option(...REQUEST_PAYER);
  return withOutput(command, { says: 'how it is written', formats: ['text', 'json'], unless: 'text' })
    .addHelpText('after', DOCTOR_HELP)
    .action(async (options: object) => (await import('./action.ts')).doctorAction(options));
}

function daysOf(text: string): number {
  const days = Number(text);
  if (!/^\d{1,2}$/.test(text) || days < 1 || days > 90) throw new InvalidArgumentError('Give whole days, 1 to 90.');
  return days;
}

const DOCTOR_HELP = `
What is looked at: each cluster's audit log; its subscription, where that goes, what its filter pattern loses and what
could not be delivered; cut entries, and who acts in the name of people (a Logs Insights query each, which costs by the
GB); access entries, and whether aws-auth counts; trails and rules of the Regions in use and of us-east-1; the trust
policies of the roles that clusters let in, and how these were assumed of late. What the service would cost for the
clusters is estimated by the metrics of their log groups (eks-whois cost). It needs, for each of these alone:
  ec2:DescribeRegions, eks:ListClusters, eks:DescribeCluster, eks:ListAccessEntries, eks:DescribeAccessEntry,
  logs:DescribeSubscriptionFilters, logs:TestMetricFilter, logs:StartQuery, logs:GetQueryResults,
  cloudwatch:GetMetricData, cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus, cloudtrail:GetEventSelectors,
  cloudtrail:LookupEvents, events:ListRules, events:TestEventPattern, iam:GetRole
A check that fails is listed with the permission that is lacking, and keeps nothing from the others.
The account is asked as --profile says; the service of --api or --table as the environment signs in (AWS_PROFILE,
AWS_REGION), that of --service as eks-whois configure has it. Where none of these is given, EKS_WHOIS_API, EKS_WHOIS_TABLE
or the default of eks-whois configure says which service is asked.

The files, and how they are made:
  kubectl get configmap aws-auth -n kube-system -o yaml > aws-auth.yaml
  for p in $(aws eks list-access-entries --cluster-name prod --query 'accessEntries[]' --output text); do
    aws eks describe-access-entry --cluster-name prod --principal-arn $p; done > entries.json
  aws iam get-account-authorization-details --filter Role > roles.json
Of the trust policies those of roles that a cluster lets in are judged; all of them where no cluster is known.

Username templates from which sessions can be read, each bound to its role, are printed for the service's configuration;
so are the proxies that people come in by (Teleport, Rancher, Pinniped, kube-oidc-proxy, Tailscale, GitLab's agent, other
service accounts that impersonate people), with what trusting each means. None is trusted unless you configure it.

Examples:
  eks-whois doctor --profile prod --region eu-west-1 --cluster prod --aws-auth aws-auth.yaml --table eks-whois-prod
  kubectl get configmap aws-auth -n kube-system -o yaml | eks-whois doctor --offline --aws-auth -
  eks-whois doctor --offline --aws-auth aws-auth.yaml --access-entries entries.json --trust-policies roles.json
  eks-whois doctor --offline --audit audit/
  eks-whois doctor --region eu-west-1 -o json | jq -r '.findings[] | [.severity, .id, .subject] | @tsv'

Exit status: 0 nothing was found; 1 it failed, or nothing was found and a check failed (a call was denied, there is no such
cluster), so that not all need be well; 2 wrong usage; 3 something was found.
What each finding means: docs/doctor.md`;
