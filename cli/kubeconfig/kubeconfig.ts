import { Command, Option } from 'commander';
import { STRUCTURED_FORMATS } from '../format/structured.ts';
import { type CommandHelp, type Example, withHelp } from '../help/command-help.ts';
import { withOutput } from '../options/output-options.ts';

const CREATE: Example = {
  asks: 'A context for the role of a project, under my own name:',
  command: 'eks-whois kubeconfig create prod --project projectA --environment qa --use',
};
const LIST: Example = {
  asks: 'Which contexts are there, and whose session does each use?',
  command: 'eks-whois kubeconfig list',
};
const USE: Example = { asks: 'Switch to a context:', command: 'eks-whois kubeconfig use projectA-qa@prod' };
const CHANGED = '0 done; 1 failed, and the files are as they were; 2 wrong usage.';

/** Defines `eks-whois kubeconfig create|list|use`. The code that does the work is loaded when it runs. */
export function kubeconfigCommand(): Command {
  const command = new Command('kubeconfig')
    .summary('contexts for clusters, with your name in their sessions')
    .description(
      'Creates, lists and switches contexts for EKS clusters in the files that kubectl reads: the file of --kubeconfig, else those in ' +
        '$KUBECONFIG, else ~/.kube/config. docs/kubeconfig.md has more.',
    );
  for (const subcommand of [createCommand(), listCommand(), useCommand()]) command.addCommand(subcommand);
  return withHelp(command, { examples: [CREATE, LIST, USE], exitStatus: CHANGED });
}

function createCommand(): Command {
  const command = new Command('create')
    .summary('create a context for a cluster, as yourself or with a role')
    .description(
      'Writes a context, its cluster and its user into the kubeconfig. kubectl then signs in with aws eks get-token. With ' +
        '--project or --role-arn it assumes a role under a session name that identifies you, so that the audit log alone shows ' +
        'who acted.',
    )
    .argument('<cluster>', 'the name of the cluster')
    .optionsGroup('Cluster and sign-in:')
    .option('--region <region>', 'the Region of the cluster (default: AWS_REGION, or that of the profile)')
    .option('--profile <profile>', 'the AWS profile that you sign in with')
    .optionsGroup('Role:')
    .option('--project <name>', 'use the role of this project, with --environment')
    .option('--environment <name>', 'the environment of the project: qa, staging, production')
    .option(
      '--role-pattern <pattern>',
      'how the roles of projects are named, with a path or as an ARN if needed',
      '{project}-{environment}-humans',
    )
    .addOption(new Option('--role-arn <arn>', 'use this role instead').conflicts(['project', 'environment']))
    .option('--session-name <name>', 'the session name, instead of your user name')
    .addOption(
      new Option('--role-in <place>', 'where to write role and session name')
        .choices(['profile', 'arguments'])
        .default('profile'),
    )
    .optionsGroup('Context:')
    .option('--alias <name>', 'the name of the context, instead of <cluster> or <project>-<environment>@<cluster>')
    .option('-n, --namespace <name>', 'the namespace of the context (with --project: <project>-<environment>)')
    .option('--no-namespace', 'no namespace')
    .option('--kubeconfig <file>', 'write this file instead of those of $KUBECONFIG')
    .option('--use', 'make it the current context. The first context always becomes current')
    .option('--hosts', 'print the hosts line of the private endpoint even if the public endpoint is open')
    .option('--force', 'replace entries of the same name that differ')
    .option('--dry-run', 'show the changes as a diff, and write nothing');
  return withHelp(command, CREATE_HELP).action(async (cluster: string, options: object) =>
    (await import('./create.ts')).createAction(cluster, options),
  );
}

const CREATE_HELP: CommandHelp = {
  topics: [
    {
      heading: 'Where the session name is written (--role-in):',
      text: `
profile: an AWS profile for the role in ~/.aws/config ($AWS_CONFIG_FILE), with role_session_name. kubectl calls aws with --profile,
which every AWS CLI takes. The profile is named like the context. These
profiles are never changed: default, a profile that you sign in with, and one with credentials of its own.

arguments: aws eks get-token --role-arn … --session-name …. Hardly any AWS CLI takes --session-name: 1.46.3, the newest of version
1, does not, and the reference of version 2 does not list it (aws/aws-cli#8994). To check yours, run aws eks get-token
--session-name x: if it answers "Unknown options", it does not take the option.

Without a session name, as with aws eks update-kubeconfig --role-arn, everyone's session is called EKSGetTokenAuth.`,
    },
    {
      heading: 'The file:',
      text: `
The kubeconfig keeps its comments, unknown fields and order, and gets the mode 0600. A link stays a link. A file that is mounted
by itself is written in place, with its own mode. The exec API is client.authentication.k8s.io/v1, which needs kubectl 1.22 or
later, and AWS CLI 1.27.160 or 2.12.3 or later (EKS User Guide).`,
    },
  ],
  examples: [
    CREATE,
    {
      asks: 'A context as myself:',
      command: 'eks-whois kubeconfig create prod --region eu-west-1 --profile ops',
    },
    {
      asks: 'What would change for an admin role?',
      command:
        'eks-whois kubeconfig create prod --role-arn arn:aws:iam::111122223333:role/admin --alias prod-admin --dry-run',
    },
    {
      asks: 'A context for roles with another naming pattern:',
      command:
        "eks-whois kubeconfig create prod --project projectA --environment qa --role-pattern 'people/{project}/{environment}'",
    },
  ],
  exitStatus: '0 done, or nothing to do; 1 failed, and the files are as they were; 2 wrong usage.',
};

function listCommand(): Command {
  const command = new Command('list')
    .summary('the contexts, and whose session each uses')
    .description('Lists the contexts of all kubeconfig files as kubectl merges them, and whose session each one uses.')
    .option('--kubeconfig <file>', 'only this file');
  withOutput(command, {
    says: 'how to write the list',
    formats: ['table', ...STRUCTURED_FORMATS, 'names'],
    unless: 'table',
  });
  return withHelp(command, {
    notes: `
AS is the session that the cluster will see: yourself, a profile, or a role with its session name. A session named
EKSGetTokenAuth is shared by everyone with the role. A session without a set name gets an arbitrary one. Neither identifies
anybody.`,
    examples: [
      LIST,
      {
        asks: 'The contexts of several files, for a program:',
        command: 'KUBECONFIG=~/.kube/config:./team.yaml eks-whois kubeconfig list -o jsonl',
      },
      { asks: 'Only the names:', command: 'eks-whois kubeconfig list -o names' },
    ],
    exitStatus: '0 done, even if there is no context; 1 failed; 2 wrong usage.',
  }).action(async (options: object) => (await import('./list.ts')).listAction(options));
}

function useCommand(): Command {
  const command = new Command('use')
    .summary('switch to a context')
    .description('Makes a context the current one. Without a name, it asks for one at a terminal.')
    .argument('[context]', 'the name of the context')
    .option('--kubeconfig <file>', 'only this file')
    .option('--dry-run', 'show the changes as a diff, and write nothing');
  return withHelp(command, {
    examples: [
      USE,
      { asks: 'Choose from a list:', command: 'eks-whois kubeconfig use' },
      { asks: 'What would change?', command: 'eks-whois kubeconfig use projectA-qa@prod --dry-run' },
    ],
    exitStatus: CHANGED,
  }).action(async (context: string | undefined, options: object) =>
    (await import('./use.ts')).useAction(context, options),
  );
}
