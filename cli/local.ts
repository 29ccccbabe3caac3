import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { escapeForTerminal } from './escape.ts';
import { wrongUsage } from './failure.ts';
import { checkPaths } from './paths.ts';
import { templatesOf, usernameTemplateOption } from './username-templates.ts';

interface LocalOptions {
  readonly port: number;
  readonly data: string;
  readonly audit?: readonly string[];
  readonly cloudtrail?: readonly string[];
  readonly usernameTemplate: readonly string[];
  readonly once?: boolean;
}

export function localCommand(): Command {
  return new Command('local')
    .summary('the whole service on this machine')
    .description(
      'Runs the service here: the tables on disk, the functions, and the API at http://127.0.0.1:<port>. Feeds the ' +
        'examples, or your own files, through the real entry points; time runs as the events say. It never reaches AWS.',
    )
    .option('--port <port>', 'where the API answers', portOf, 3000)
    .option('--data <folder>', 'where the tables are kept', '.eks-whois')
    .option('--audit <path...>', 'your audit events instead of the examples')
    .option('--cloudtrail <path...>', "your CloudTrail records instead of the examples'")
    .addOption(usernameTemplateOption())
    .option('--once', 'feed, settle, print the summary and exit')
    .addHelpText(
      'after',
      `
It serves until Ctrl-C. records and sessions ask it unless told otherwise, whois with --api http://127.0.0.1:3000. Started
again, it goes on with what lies in --data.

Examples:
  npm start
  npm start -- --audit audit/ --cloudtrail AWSLogs/ --data /tmp/incident
  eks-whois local --once
  curl 'http://127.0.0.1:3000/records?actor=ana.silva'

Exit status: 0 done; 1 it failed; 2 wrong usage.`,
    )
    .action((options: LocalOptions) => localAction(options));
}

async function localAction(options: LocalOptions): Promise<void> {
  const { audit, cloudtrail } = filesOf(options);
  await checkPaths([...audit, ...cloudtrail]);
  templatesOf(options.usernameTemplate);
  const { runLocal } = await import('../local/service/run.ts');
  const { LocalFault } = await import('../local/service/local-fault.ts');
  const { ENDED } = await import('../local/service/offline-process.ts');
  const say = (line: string) => void process.stdout.write(`${escapeForTerminal(line)}\n`);
  const { port, data: folder, usernameTemplate: usernameTemplates } = options;
  try {
    const service = await runLocal({ port, folder, audit, cloudtrail, usernameTemplates, say });
    say(totalsText(service.totals));
    if (options.once !== true) {
      say(`ready: ${service.url}`);
      const signal = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => 'stopped' as const);
      if ((await Promise.race([signal, service.ended])) !== 'stopped') throw new LocalFault(ENDED);
    }
    await service.stop();
    process.exit(0); // connections that clients keep open would hold the process
  } catch (error) {
    if (!(error instanceof LocalFault)) throw error;
    process.stderr.write(`eks-whois: ${error.message}\n`);
    process.exit(1); // what was started already would hold the process
  }
}

function filesOf({ audit, cloudtrail }: LocalOptions): { audit: readonly string[]; cloudtrail: readonly string[] } {
  if (audit === undefined && cloudtrail === undefined) {
    return { audit: [example('audit')], cloudtrail: [example('cloudtrail')] };
  }
  if (audit === undefined) throw wrongUsage('--cloudtrail needs --audit beside it.');
  return { audit, cloudtrail: cloudtrail ?? [] };
}

function example(folder: string): string {
  return fileURLToPath(new URL(`../examples/${folder}`, import.meta.url));
}

function totalsText(totals: ReadonlyMap<string, number>): string {
  const of = (name: string) => totals.get(name) ?? 0;
  return (
    `${of('EventsRecorded')} events recorded, ${of('EventsDuplicate')} there already, ${of('EventsRejected')} unreadable; ` +
    `${of('RecordsCorrected')} records corrected by later grants; ${of('AlertsSent')} alerts sent`
  );
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('Give a port from 1 to 65535.');
  return port;
}
