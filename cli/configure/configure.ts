import { Command } from 'commander';
import { type CommandHelp, type Example, withHelp } from '../help/command-help.ts';
import { withOutput } from '../options/output-options.ts';

/** Defines `eks-whois configure set|list|use|remove|check`. The code that does the work is loaded when it runs. */
export function configureCommand(): Command {
  const command = new Command('configure')
    .summary('names for the services that you query, and a check of eks-whois.yaml')
    .description(
      'Saves services under names. --service NAME then stands for the address or tables, profile and Region of a service. One ' +
        'service can be the default. Names are kept in $EKS_WHOIS_CONFIG, or else in $XDG_CONFIG_HOME/eks-whois/config.yaml or ' +
        '~/.config/eks-whois/config.yaml.',
    );
  for (const subcommand of [setCommand(), listCommand(), useCommand(), removeCommand(), checkCommand()])
    command.addCommand(subcommand);
  return withHelp(command, {
    notes: `
Options override EKS_WHOIS_API, EKS_WHOIS_TABLE and EKS_WHOIS_CLUSTER, and these override the file (docs/configure.md).`,
    examples: [SET, LIST, CHECK],
    exitStatus: CHANGED,
  });
}

const CHANGED = '0 done, or nothing to do; 1 failed, and the file is as it was; 2 wrong usage.';
const SET: Example = {
  asks: 'Name a service, and make it the default:',
  command: 'eks-whois configure set prod --table eks-whois-prod --profile audit --region eu-west-1 --default',
};
const LIST: Example = { asks: 'Which services have a name?', command: 'eks-whois configure list' };
const USE: Example = { asks: 'Make another service the default:', command: 'eks-whois configure use staging' };
const REMOVE: Example = { asks: 'Forget a service:', command: 'eks-whois configure remove staging' };
const CHECK: Example = {
  asks: 'Is the eks-whois.yaml of a deployment valid?',
  command: 'eks-whois configure check eks-whois.yaml',
};
const QUERY: Example = {
  asks: 'Query a service by its name:',
  command: 'eks-whois records --actor alice --since 2h --service prod',
};

function setCommand(): Command {
  const command = new Command('set')
    .summary('save a service under a name')
    .description(
      'Saves a service under a name. It replaces a service of that name: options that are not given are removed. No secret is ' +
        'saved: a bearer token stays in EKS_WHOIS_TOKEN.',
    )
    .argument('<name>', 'letters, digits, - _ and .')
    .option('--api <url>', 'the URL of the API')
    .option('--table <name>', 'the DynamoDB tables: the name of one, or their prefix')
    .option('--profile <profile>', 'the AWS profile to sign in with')
    .option('--region <region>', 'the Region of the tables')
    .option('--default', 'make it the default');
  return withHelp(command, {
    notes: `
If there is no file, it is created with the mode 0600. Comments in an existing file stay. The file is written completely or not at all.`,
    examples: [
      SET,
      {
        asks: 'Name a service by its API:',
        command: 'eks-whois configure set prod --api https://abc.execute-api.eu-west-1.amazonaws.com --profile audit',
      },
      QUERY,
    ],
    exitStatus: CHANGED,
  }).action(async (name: string, options: object) => (await import('./changes.ts')).setAction(name, options));
}

function listCommand(): Command {
  const command = new Command('list')
    .summary('the services, and which is the default')
    .description(
      'Lists the named services, and marks the default. Standard error says if the environment replaces the default.',
    );
  withOutput(command, { says: 'how to write the list', formats: ['table', 'jsonl', 'names'], unless: 'table' });
  return withHelp(command, {
    examples: [
      LIST,
      { asks: 'Only the names:', command: 'eks-whois configure list -o names' },
      { asks: 'For a program:', command: "eks-whois configure list -o jsonl | jq -r '.name'" },
    ],
    exitStatus: '0 done, even if there is no service; 1 failed; 2 wrong usage.',
  }).action(async (options: object) => (await import('./list.ts')).listAction(options));
}

function useCommand(): Command {
  const command = new Command('use')
    .summary('make a service the default')
    .description('Makes a service the default, for commands where no option and no variable names one.')
    .argument('<service>', 'the name of the service');
  return withHelp(command, { examples: [USE, LIST, QUERY], exitStatus: CHANGED }).action(async (name: string) =>
    (await import('./changes.ts')).useAction(name),
  );
}

function removeCommand(): Command {
  const command = new Command('remove')
    .summary('forget a service')
    .description('Removes a service from the file. If it was the default, there is no default any more.')
    .argument('<service>', 'the name of the service');
  return withHelp(command, { examples: [REMOVE, LIST, USE], exitStatus: CHANGED }).action(async (name: string) =>
    (await import('./changes.ts')).removeAction(name),
  );
}

function checkCommand(): Command {
  const command = new Command('check')
    .summary('check the eks-whois.yaml of a deployment')
    .description(
      'Checks the file of parameters that a service is deployed with. It lists all mistakes with their lines, or else the ' +
        'parameters of a stage. It connects to nothing and deploys nothing.',
    )
    .argument('[file]', 'the file (default: eks-whois.yaml)')
    .option(
      '--stage <name>',
      'show the parameters of this stage (default: the stage that the file names, or its first)',
    );
  withOutput(command, {
    says: 'how to write the parameters',
    formats: ['table', 'json', 'cloudformation'],
    unless: 'table',
  });
  return withHelp(command, CHECK_HELP).action(async (file: string | undefined, options: object) =>
    (await import('./check.ts')).checkAction(file, options),
  );
}

const CHECK_HELP: CommandHelp = {
  notes: `
All stages of the file are checked, as npm run deploy does. docs/configure.md describes the file.

-o cloudformation writes the parameters for the plain templates of a release (hub.yaml, or spoke.yaml if stack is ingest-only), as
a file for --parameters and --parameter-overrides. These templates find clusters by name, so clusters becomes FindClusters.`,
  examples: [
    CHECK,
    {
      asks: 'What are the parameters of a stage?',
      command: 'eks-whois configure check eks-whois.yaml --stage prod -o json',
    },
    {
      asks: 'Write the parameters for the plain templates:',
      command: 'eks-whois configure check --stage prod -o cloudformation --output-file parameters.json',
    },
  ],
  exitStatus: '0 the file is valid; 1 it is not, or cannot be read; 2 wrong usage.',
};
