import { Command, Option } from 'commander';
import { STRUCTURED_FORMATS } from '../format/structured.ts';
import { withOutput } from '../options/output-options.ts';

/** `eks-whois kubeconfig create|list|use`. What does the work is loaded when it is needed. */
export function kubeconfigCommand(): Command {
  const command = new Command('kubeconfig')
    .summary('contexts for clusters: create them so that their sessions name you, list them, switch between them')
    .description(
      'Contexts for EKS clusters, in the files that kubectl reads: --kubeconfig alone, else those of $KUBECONFIG, else ' +
        '~/.kube/config.',
    )
    .addHelpText(
      'after',
      `
Examples:
  eks-whois kubeconfig create prod --project projectA --environment qa --use
  eks-whois kubeconfig list
  eks-whois kubeconfig use projectA-qa@prod

More: eks-whois kubeconfig create --help, and docs/kubeconfig.md`,
    );
  for (const subcommand of [createCommand(), listCommand(), useCommand()]) {
    command.addCommand(subcommand);
  }
  return command;
}

function createCommand(): Command {
  return new Command('create')
    .summary('a context for a cluster, as oneself or by a role')
    .description(
      'Writes a context, its cluster and its user into the kubeconfig. kubectl then signs in with `aws eks get-token`. ' +
        'With --project or --role-arn a role is assumed, under a session name that names you, so that the audit log ' +
        'alone says who acted.',
    )
    .argument('<cluster>', 'the name of the cluster')
    .option('--region <region>', 'the Region of the cluster (else AWS_REGION, or that of the profile)')
    .option('--profile <profile>', 'the AWS profile that you sign in with')
    .option('--project <name>', 'act by the role of this project …')
    .option('--environment <name>', '… in this environment: qa, staging, production')
    .option(
      '--role-pattern <pattern>',
      'how such roles are called, with a path or as a whole ARN where needed',
      '{project}-{environment}-humans',
    )
    .addOption(new Option('--role-arn <arn>', 'act by this role instead').conflicts(['project', 'environment']))
    .option('--session-name <name>', "the role session's name, where it shall not be your user name")
    .addOption(
      new Option('--role-in <place>', 'where role and session name are written: see below')
        .choices(['profile', 'arguments'])
        .default('profile'),
    )
    .option('--alias <name>', 'what to call it, instead of <cluster> or <project>-<environment>@<cluster>')
    .option('-n, --namespace <name>', 'the namespace of the context; with --project it is <project>-<environment>')
    .option('--no-namespace', 'no namespace')
    .option('--kubeconfig <file>', 'the file to write, instead of those of $KUBECONFIG')
    .option('--use', 'make it the current context (also done where there is none)')
    .option('--hosts', 'show the hosts line of the private endpoint even where the public one is open')
    .option('--force', 'change entries of that name that say something else')
    .option('--dry-run', 'show what would change as a diff, and write nothing')
    .addHelpText('after', CREATE_HELP)
    .action(async (cluster: string, options: object) => (await import('./create.ts')).createAction(cluster, options));
}

const CREATE_HELP = `
Where the session's name is written (--role-in):
  profile    An AWS profile for the role is written into ~/.aws/config ($AWS_CONFIG_FILE), with role_session_name, and
             kubectl calls aws with --profile. Every AWS CLI takes that. It is called like the context, and never is one
             that you sign in with, default, or one with credentials of its own: those stay yours.
  arguments  aws eks get-token --role-arn … --session-name …. Few an AWS CLI takes --session-name, if any: 1.46.3, the
             newest of version 1, does not, nor does the reference of version 2 list it (aws/aws-cli#8994). Yours does if
             \`aws eks get-token --session-name x\` does not answer "Unknown options".
Without either, as \`aws eks update-kubeconfig --role-arn\` has it, everyone on the role is called EKSGetTokenAuth.

The kubeconfig keeps its comments, its unknown fields and its order, and gets the mode 0600; a link stays a link, and a
file that is mounted by itself is written in place, with the mode that it has. The exec API is
client.authentication.k8s.io/v1: kubectl 1.22 or later; AWS CLI 1.27.160 or 2.12.3 or later (EKS User Guide).

Examples:
  eks-whois kubeconfig create prod --region eu-west-1 --profile ops
  eks-whois kubeconfig create prod --project projectA --environment qa --use
  eks-whois kubeconfig create prod --project projectA --environment qa --role-pattern 'people/{project}/{environment}'
  eks-whois kubeconfig create prod --role-arn arn:aws:iam::111122223333:role/admin --alias prod-admin --dry-run

Exit status: 0 done, or nothing to do; 1 it failed, and the files are as they were; 2 wrong usage.`;

function listCommand(): Command {
  const command = new Command('list')
    .summary('the contexts, and as whom each acts')
    .description('Lists the contexts of all kubeconfig files as kubectl merges them, and as whom each one acts.')
    .option('--kubeconfig <file>', 'this file alone');
  return withOutput(command, {
    says: 'how they are written',
    formats: ['table', ...STRUCTURED_FORMATS, 'names'],
    unless: 'table',
  })
    .addHelpText(
      'after',
      `
AS says whose session the cluster will see: yourself, a profile's, or a role's and its session name. A session called
EKSGetTokenAuth is shared by everyone on the role, and one without a set name is called anything: both name nobody.

Examples:
  eks-whois kubeconfig list
  KUBECONFIG=~/.kube/config:./team.yaml eks-whois kubeconfig list -o jsonl

Exit status: 0 done, also where there is none; 1 it failed; 2 wrong usage.`,
    )
    .action(async (options: object) => (await import('./list.ts')).listAction(options));
}

function useCommand(): Command {
  return new Command('use')
    .summary('make a context the current one')
    .description('Makes a context the current one. Without a name it asks which, at a terminal.')
    .argument('[context]', 'the name of the context')
    .option('--kubeconfig <file>', 'this file alone')
    .option('--dry-run', 'show what would change as a diff, and write nothing')
    .addHelpText(
      'after',
      `
Examples:
  eks-whois kubeconfig use projectA-qa@prod
  eks-whois kubeconfig use

Exit status: 0 done; 1 it failed, and the files are as they were; 2 wrong usage.`,
    )
    .action(async (context: string | undefined, options: object) =>
      (await import('./use.ts')).useAction(context, options),
    );
}
