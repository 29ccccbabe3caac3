import { Command } from 'commander';
import { withOutput } from '../options/output-options.ts';

/** `eks-whois configure set|list|use|remove|check`. What does the work is loaded when it is needed. */
export function configureCommand(): Command {
  const command = new Command('configure')
    .summary('name the services that you ask: set, list, use, remove; check the file of one that you deploy')
    .description(
      'Names services, so that --service NAME stands for an address or tables, a profile and a Region, and one of them is ' +
        'asked by default. They are kept in the file $EKS_WHOIS_CONFIG, else $XDG_CONFIG_HOME/eks-whois/config.yaml, else ' +
        '~/.config/eks-whois/config.yaml.',
    )
    .addHelpText(
      'after',
      `
Options count before EKS_WHOIS_API, EKS_WHOIS_TABLE and EKS_WHOIS_CLUSTER, and these before the file.

Examples:
  eks-whois configure set prod --table eks-whois-prod --profile audit --region eu-west-1 --default
  eks-whois configure list
  eks-whois records --actor alice --since 2h --service prod
  eks-whois configure check eks-whois.yaml

More: eks-whois configure set --help, and docs/configure.md`,
    );
  for (const subcommand of [setCommand(), listCommand(), useCommand(), removeCommand(), checkCommand()])
    command.addCommand(subcommand);
  return command;
}

function setCommand(): Command {
  return new Command('set')
    .summary('keep a service under a name')
    .description(
      'Keeps a service under a name, in place of what that name stood for: what is not given is not kept. No secret is kept: ' +
        'a bearer token stays in EKS_WHOIS_TOKEN.',
    )
    .argument('<name>', 'letters, digits, - _ and .')
    .option('--api <url>', "the service's address")
    .option('--table <name>', 'the deployed tables: the name of one, or their common prefix')
    .option('--profile <profile>', 'the AWS profile that signs in')
    .option('--region <region>', "the tables' Region")
    .option('--default', 'ask it where nothing else is named')
    .addHelpText(
      'after',
      `
The file is made where there is none, with the mode 0600; comments in it stay, and it is written whole or not at all.

Examples:
  eks-whois configure set prod --api https://abc.execute-api.eu-west-1.amazonaws.com --profile audit --default
  eks-whois configure set staging --table eks-whois-staging --region eu-central-1

Exit status: 0 done, or nothing to do; 1 it failed, and the file is as it was; 2 wrong usage.`,
    )
    .action(async (name: string, options: object) => (await import('./changes.ts')).setAction(name, options));
}

function listCommand(): Command {
  const command = new Command('list')
    .summary('the services, and which is asked by default')
    .description('Lists the services of the file, and marks the one that is asked by default.');
  return withOutput(command, { says: 'how they are written', formats: ['table', 'jsonl', 'names'], unless: 'table' })
    .addHelpText(
      'after',
      `
What the environment says in place of the default is told on standard error.

Examples:
  eks-whois configure list
  eks-whois configure list -o names

Exit status: 0 done, also where there is none; 1 it failed; 2 wrong usage.`,
    )
    .action(async (options: object) => (await import('./list.ts')).listAction(options));
}

function useCommand(): Command {
  return new Command('use')
    .summary('ask a service by default')
    .description('Makes a service the one that is asked where no option and no variable names one.')
    .argument('<service>', 'the name of the service')
    .addHelpText(
      'after',
      `
Examples:
  eks-whois configure use prod

Exit status: 0 done, or nothing to do; 1 it failed, and the file is as it was; 2 wrong usage.`,
    )
    .action(async (name: string) => (await import('./changes.ts')).useAction(name));
}

function removeCommand(): Command {
  return new Command('remove')
    .summary('keep a service no more')
    .description('Takes a service out of the file. Where it was the default, there is none any more.')
    .argument('<service>', 'the name of the service')
    .addHelpText(
      'after',
      `
Examples:
  eks-whois configure remove staging

Exit status: 0 done, or nothing to do; 1 it failed, and the file is as it was; 2 wrong usage.`,
    )
    .action(async (name: string) => (await import('./changes.ts')).removeAction(name));
}

function checkCommand(): Command {
  const command = new Command('check')
    .summary('whether the eks-whois.yaml of a deployment is right')
    .description(
      'Reads the file of parameters that a service is deployed with, tells all mistakes at once, each with its line, and ' +
        'otherwise what it says of a stage. It asks nobody, and deploys nothing.',
    )
    .argument('[file]', 'the file (default: eks-whois.yaml)')
    .option('--stage <name>', 'what it says of this stage (default: the one that it names, else its first)');
  return withOutput(command, {
    says: 'how it is written',
    formats: ['table', 'json', 'cloudformation'],
    unless: 'table',
  })
    .addHelpText(
      'after',
      `
All stages of the file are checked, as npm run deploy would. cloudformation writes the parameters for the plain templates
of a release (hub.yaml, and spoke.yaml where stack is ingest-only), as --parameters and --parameter-overrides take them from
a file: these find clusters by name, so that clusters become FindClusters. docs/configure.md has the file.

Examples:
  eks-whois configure check
  eks-whois configure check eks-whois.yaml --stage prod -o json
  eks-whois configure check --stage prod -o cloudformation --output-file parameters.json

Exit status: 0 it is right; 1 it is not, or cannot be read; 2 wrong usage.`,
    )
    .action(async (file: string | undefined, options: object) =>
      (await import('./check.ts')).checkAction(file, options),
    );
}
