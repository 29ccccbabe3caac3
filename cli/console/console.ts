import { Command } from 'commander';
import { callerIdentity } from '../../lib/adapters/aws/caller-identity.ts';
import { tablePrefix } from '../../lib/adapters/dynamodb/tables.ts';
import { codeOf } from '../../lib/adapters/files/paths.ts';
import { type ApiCaller, apiRequests, LOCAL_API, signInOf } from '../access/api-requests.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import type { ServiceOptions } from '../access/service-access.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { type CommandHelp, withHelp } from '../help/command-help.ts';
import { awsSettings } from '../options/aws-options.ts';
import { CONFIG_TOPIC, withConfig } from '../options/parameter-file.ts';
import { portOption } from '../options/port.ts';
import { type RuleOptions, ruleSettings, withRules } from '../options/rule-options.ts';
import { SERVICE_TOPIC, withService } from '../options/service-options.ts';
import { openInBrowser } from '../terminal/browser.ts';
import { untilEnded } from '../terminal/interruption.ts';
import type { Responder } from './responder.ts';

interface ConsoleOptions extends ServiceOptions, RuleOptions {
  readonly port: number;
  readonly open?: boolean;
}

/** Defines `eks-whois console`. */
export function consoleCommand(): Command {
  const command = new Command('console')
    .summary('the page of a service, with your own credentials')
    .description(
      'Serves the page of a service on this machine, and signs its requests with your own credentials. Only whoever has the ' +
        'printed address can open it. It serves until Ctrl-C.',
    )
    .addOption(portOption('the port of the page; 0 is any free port').default(0))
    .option('--open', 'open the page in the browser');
  withRules(command);
  return withHelp(withConfig(withService(command)), HELP).action((options: ConsoleOptions) => consoleAction(options));
}

const HELP: CommandHelp = {
  common: ['--port', '--open', '--api', '--table', '--service', '--profile', '--region', '--config', '--stage'],
  topics: [
    {
      heading: 'How it works:',
      text: `
The page queries only the service, through this command. The address contains a secret, because any other user of this machine
could otherwise query with your credentials.

With --table, also give --username-template, --trusted-proxy and --identity-store, as for whois: the tables do not contain the
service's rules. CloudTrail is not searched. To write notes, you need dynamodb:PutItem on the claims table. A note has the ARN that
STS returns for you, and is marked as stated by its writer.

A service with a JWT authorizer serves the page itself, at its own address (docs/console.md).`,
    },
    SERVICE_TOPIC,
    CONFIG_TOPIC,
  ],
  examples: [
    { asks: 'Open the page of a service that has a name:', command: 'eks-whois console --service prod --open' },
    {
      asks: 'Serve the page of an API:',
      command: 'eks-whois console --api https://abc.execute-api.eu-west-1.amazonaws.com',
    },
    {
      asks: 'Serve the page over the tables, as an analyst:',
      command: 'eks-whois console --table eks-whois-prod --profile analyst',
    },
  ],
  exitStatus: '0 ended; 1 failed; 2 wrong usage.',
};

async function consoleAction(options: ConsoleOptions): Promise<void> {
  await checkSignIn(options);
  const respond = await responderOf(options);
  const [{ builtPage }, { serveConsole }] = await Promise.all([import('./built-page.ts'), import('./server.ts')]);
  const page = await builtPage();
  const { url, close } = await serveConsole(page, respond, options.port).catch((error: unknown) => {
    throw portFailure(options.port, error);
  });
  try {
    process.stdout.write(`ready: ${url}\n`);
    if (options.open === true) await openInBrowser(url);
    await untilEnded();
  } finally {
    await close();
  }
}

async function responderOf({ api, table, serviceFrom = '--api', ...options }: ConsoleOptions): Promise<Responder> {
  if (api !== undefined && table !== undefined)
    throw wrongUsage('--api and --table exclude each other: leave one of them out.');
  const as: ApiCaller = {
    ...(options.profile !== undefined && { profile: options.profile }),
    ...(options.region !== undefined && { region: options.region }),
  };
  const { respondByApi, respondByTables } = await import('./responder.ts');
  if (table === undefined) return respondByApi(apiRequests({ url: api ?? LOCAL_API, from: serviceFrom }, as));
  const target = { prefix: tablePrefix(table), as: signInOf(as), settings: ruleSettings(options) };
  return respondByTables(target, () => callerIdentity(awsSettings(as)));
}

function portFailure(port: number, error: unknown): unknown {
  const code = codeOf(error);
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const why = code === 'EACCES' ? 'needs rights that you do not have' : 'is in use';
  return new CommandError(`The page cannot be served: port ${port} ${why}. Give another --port, or leave it out.`, 1, {
    cause: error,
  });
}
