import { Command } from 'commander';
import { callerIdentity } from '../../lib/adapters/aws/caller-identity.ts';
import { tablePrefix } from '../../lib/adapters/dynamodb/tables.ts';
import { codeOf } from '../../lib/adapters/files/paths.ts';
import { type ApiCaller, apiRequests, LOCAL_API, signInOf } from '../access/api-requests.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import type { ServiceOptions } from '../access/service-access.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { awsSettings } from '../options/aws-options.ts';
import { CONFIG_HELP, takingConfig } from '../options/parameter-file.ts';
import { portOption } from '../options/port.ts';
import { type RuleOptions, ruleSettings, withRules } from '../options/rule-options.ts';
import { SERVICE_HELP, withService } from '../options/service-options.ts';
import { openInBrowser } from '../terminal/browser.ts';
import { untilEnded } from '../terminal/interruption.ts';
import type { Responder } from './responder.ts';

interface ConsoleOptions extends ServiceOptions, RuleOptions {
  readonly port: number;
  readonly open?: boolean;
}

export function consoleCommand(): Command {
  const command = new Command('console')
    .summary('the page of a service, with your own credentials')
    .description(
      'Serves the console on this machine: the page of the service that is asked, signed with your own credentials. Only ' +
        'whoever has the address that is printed can open it.',
    )
    .addOption(portOption('where the page is served, 0 for any port that is free').default(0))
    .option('--open', 'open it in the browser');
  withRules(command);
  return takingConfig(withService(command))
    .addHelpText('after', HELP)
    .action((options: ConsoleOptions) => consoleAction(options));
}

const HELP = `
It serves until Ctrl-C. The page asks the service through this command, and nothing else; the address holds a secret, since
whoever else is on this machine could ask with your credentials. --username-template, --trusted-proxy and --identity-store
count with --table, as for whois: the tables do not hold the service's rules, and CloudTrail is not asked. A service with a
JWT authorizer serves the page itself, at its own address (docs/console.md). With --table, notes are kept by
whoever may write the claims table (dynamodb:PutItem), under the ARN that STS says, and marked as stated by their writer.

${SERVICE_HELP}
${CONFIG_HELP}

Examples:
  eks-whois console --api https://abc.execute-api.eu-west-1.amazonaws.com --open
  eks-whois console --table eks-whois-prod --profile analyst
  eks-whois console --service prod

Exit status: 0 ended; 1 it failed; 2 wrong usage.`;

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
  if (api !== undefined && table !== undefined) throw wrongUsage('Give --api or --table, not both.');
  const as: ApiCaller = {
    ...(options.profile !== undefined && { profile: options.profile }),
    ...(options.region !== undefined && { region: options.region }),
  };
  const { respondByApi, respondByTables } = await import('./responder.ts');
  if (table === undefined) return respondByApi(apiRequests({ url: api ?? LOCAL_API, from: serviceFrom }, as));
  const asked = { prefix: tablePrefix(table), as: signInOf(as), settings: ruleSettings(options) };
  return respondByTables(asked, () => callerIdentity(awsSettings(as)));
}

function portFailure(port: number, error: unknown): unknown {
  const code = codeOf(error);
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const why = code === 'EACCES' ? 'may not be opened by you' : 'is taken';
  return new CommandError(`Port ${port} ${why}: give another --port, or none.`, 1, { cause: error });
}
