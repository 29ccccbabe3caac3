import { Command } from 'commander';
import { refusingEmptyValues } from '../options/empty-values.ts';
import { logGroupOption } from '../options/log-groups.ts';
import { CONFIG_HELP, takingConfig } from '../options/parameter-file.ts';
import { withRules } from '../options/rule-options.ts';
import { REQUEST_PAYER } from '../options/s3-options.ts';
import { SERVICE_HELP, withService } from '../options/service-options.ts';
import type { Places } from './places.ts';

export function mcpCommand(): Command {
  const command = refusingEmptyValues(new Command('mcp'))
    .summary('the questions as tools of a Model Context Protocol server, for assistants')
    .description(
      'Serves whois, records, sessions, known, related and incident as tools of the Model Context Protocol on standard input and ' +
        'output. It only reads; whom the tools ask is said here, and no call can change it.',
    )
    .option('--audit <path...>', 'audit events in files, beside --cloudtrail')
    .option('--cloudtrail <path...>', "answer from CloudTrail's files instead of asking a service");
  withRules(command)
    .addOption(logGroupOption())
    .option(...REQUEST_PAYER);
  withService<Places>(command, ({ cloudtrail }) => cloudtrail !== undefined);
  return takingConfig(command)
    .addHelpText('after', HELP)
    .action((options: Places, command: Command) => mcpAction(options, command));
}

const HELP = `
An assistant's program starts it, and ends it by closing its standard input (docs/mcp.md). Standard output has nothing but
the protocol, a message a line; standard error has a line for each call. Over files there are whois, incident and, with
--audit, related. Answers are the JSON that each command writes with -o json, at most 1 MiB. Texts in them come from logs: a
model is told that they are data, and never instructions; what it may do besides is for whoever starts it to say.

${SERVICE_HELP}
Without any of these whois and incident ask CloudTrail's event history.
${CONFIG_HELP}

Examples:
  eks-whois mcp --table eks-whois-prod --profile analyst
  eks-whois mcp --api https://abc.execute-api.eu-west-1.amazonaws.com
  eks-whois mcp --audit audit/ --cloudtrail AWSLogs/

Exit status: 0 ended; 1 it failed; 2 wrong usage.`;

async function mcpAction(places: Places, { parent }: Command): Promise<void> {
  const { checkPlaces } = await import('./places.ts');
  await checkPlaces(places);
  const { serveStdio } = await import('./server.ts');
  const { stdin: input, stdout: output, stderr } = process; // a command that runs has others in their place
  const commands = (parent?.commands ?? []).map((each) => each.name());
  const log = (text: string) => void stderr.write(`eks-whois mcp: ${text}\n`);
  await serveStdio({ places, commands }, { input, output, log });
}
