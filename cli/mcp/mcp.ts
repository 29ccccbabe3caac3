import { Command } from 'commander';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { LOG_GROUP_TOPIC, logGroupOption } from '../options/log-groups.ts';
import { CONFIG_TOPIC, withConfig } from '../options/parameter-file.ts';
import { withRules } from '../options/rule-options.ts';
import { requestPayerOption } from '../options/s3-options.ts';
import { SERVICE_TOPIC, withService } from '../options/service-options.ts';
import type { Places } from './places.ts';

/** Defines `eks-whois mcp`. */
export function mcpCommand(): Command {
  const command = refuseEmptyValues(new Command('mcp'))
    .summary('a Model Context Protocol server, for assistants')
    .description(
      'Serves whois, records, sessions, known, related, incident and changes as tools of the Model Context Protocol (MCP), on standard ' +
        'input and output. The tools only read. The options of this command choose where they look, and no call can change that.',
    )
    .optionsGroup(GROUPS.place)
    .option('--audit <path...>', 'audit events in files, with --cloudtrail')
    .option('--cloudtrail <path...>', "answer from CloudTrail's files instead of querying a service");
  withRules(command).addOption(logGroupOption()).addOption(requestPayerOption());
  withService<Places>(command, ({ cloudtrail }) => cloudtrail !== undefined);
  return withHelp(withConfig(command), HELP).action(mcpAction);
}

const HELP: CommandHelp = {
  common: ['--audit', '--cloudtrail', '--api', '--table', '--service', '--profile', '--region', '--config', '--stage'],
  topics: [
    {
      heading: 'How it runs:',
      text: `
The assistant's program starts it, and ends it by closing its standard input (docs/mcp.md). Standard output has only the
protocol, one message in a line. Standard error has a line for each call. Answers are the JSON of each command with -o json, at
most 1 MiB.

With --cloudtrail alone there are the tools whois, incident and changes. Without files and a service, whois and incident
search CloudTrail's event history.

Texts in the answers come from logs. The server tells the model that they are data and never instructions. Whoever starts
the server decides what else the model may do.`,
    },
    SERVICE_TOPIC,
    CONFIG_TOPIC,
    LOG_GROUP_TOPIC,
  ],
  examples: [
    {
      asks: 'Let an assistant query a deployed service by its tables:',
      command: 'eks-whois mcp --table eks-whois-prod --profile analyst',
    },
    {
      asks: 'Let it query the API of a service:',
      command: 'eks-whois mcp --api https://abc.execute-api.eu-west-1.amazonaws.com',
    },
    {
      asks: 'Let it answer from files:',
      command: 'eks-whois mcp --audit audit/ --cloudtrail AWSLogs/',
    },
  ],
  exitStatus: '0 ended; 1 failed; 2 wrong usage.',
};

async function mcpAction(places: Places): Promise<void> {
  const { checkPlaces } = await import('./places.ts');
  await checkPlaces(places);
  const { serveStdio } = await import('./server.ts');
  const { stdin: input, stdout: output, stderr } = process; // each command gets its own streams in their place
  const log = (text: string) => void stderr.write(`eks-whois mcp: ${text}\n`);
  await serveStdio(places, { input, output, log });
}
