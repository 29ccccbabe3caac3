import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Command, Option } from 'commander';
import { fileSource } from '../lib/adapters/files/file-source.ts';
import { pathFailure, STANDARD_INPUT } from '../lib/adapters/files/paths.ts';
import { DEFAULT_SETTINGS } from '../lib/attribution/settings.ts';
import { attributeFiles } from '../lib/pipeline/attribute-files.ts';
import { CommandFailure, wrongUsage } from './failure.ts';
import { RECORD_FORMATS, type RecordFormatName, recordFormat } from './format/record-format.ts';
import { progressOn } from './progress.ts';
import { summary } from './summary.ts';
import { outputTo, type TextOutput } from './text-output.ts';
import { templatesOf, usernameTemplateOption } from './username-templates.ts';

interface AttributeOptions {
  readonly audit: readonly string[];
  readonly cloudtrail: readonly string[];
  readonly usernameTemplate: readonly string[];
  readonly cluster?: string;
  readonly format: RecordFormatName;
  readonly output?: string;
  readonly rejects?: string;
}

export function attributeCommand(): Command {
  return new Command('attribute')
    .summary('attribute audit events from files, with no AWS account and nothing deployed')
    .description(
      'Attributes each audit event to the person or workload behind it, from files alone. Records come in the order of ' +
        'the input; the same event once. What it came to is told on standard error.',
    )
    .requiredOption('--audit <path...>', 'audit events of the kube-apiserver')
    .requiredOption('--cloudtrail <path...>', "CloudTrail's records of STS")
    .addOption(usernameTemplateOption())
    .option('--cluster <name>', 'the cluster, where the files do not name it')
    .addOption(new Option('--format <format>', 'how records are written').choices(RECORD_FORMATS).default('jsonl'))
    .option('--output <file>', 'write the records here instead of to standard output')
    .option('--rejects <file>', 'write what could not be read here, as JSON lines with file, place, reason and sample')
    .addHelpText(
      'after',
      `
A path is a file, a folder (read through) or - for standard input; any may be gzipped. What it holds is recognised:
audit logs and CloudTrail logs as files, CloudWatch Logs exports and answers, Insights JSON or CSV, subscription payloads,
LookupEvents answers, EventBridge envelopes. What is neither is counted, and listed with --rejects.

Formats: jsonl is one record a line, as docs/record.md has it; table is for a terminal; csv for a spreadsheet; ocsf are
events of OCSF's API Activity (docs/ocsf.md).

Examples:
  eks-whois attribute --audit audit.jsonl.gz --cloudtrail AWSLogs/ --format table
  aws logs filter-log-events --log-group-name /aws/eks/prod/cluster --log-stream-name-prefix kube-apiserver-audit \\
    | eks-whois attribute --audit - --cloudtrail AWSLogs/ --cluster prod > records.jsonl
  eks-whois attribute --audit audit/ --cloudtrail AWSLogs/ --username-template 'admin:{{SessionName}}' --rejects left-out.jsonl

Exit status: 0 done, also where some input could not be read; 1 it failed; 2 wrong usage.`,
    )
    .action((options: AttributeOptions) => attributeAction(options));
}

async function attributeAction(options: AttributeOptions): Promise<void> {
  const started = performance.now();
  await checkPaths([...options.audit, ...options.cloudtrail]);
  checkOutputs(options);
  const settings = { ...DEFAULT_SETTINGS, usernameTemplates: templatesOf(options.usernameTemplate) };
  const output = outputTo(options.output);
  const rejects = options.rejects === undefined ? undefined : outputTo(options.rejects);
  const format = recordFormat(options.format);
  const progress = progressOn(process.stderr);
  try {
    const tally = await attributeFiles({
      audit: fileSource(options.audit),
      cloudtrail: fileSource(options.cloudtrail),
      settings,
      cluster: options.cluster,
      digest: (text) => hash('sha256', text, 'binary'),
      grantsKnown: keepRecordsYoung,
      record: (record) => output.write(format.record(record)),
      reject: (rejected) => rejects?.write(`${JSON.stringify(rejected)}\n`),
      pause: (read) => {
        progress.read(read);
        return pauseFor([output, rejects]);
      },
    });
    output.write(format.end());
    await output.end();
    await rejects?.end();
    progress.end();
    process.stderr.write(summary(tally, (performance.now() - started) / 1_000));
  } catch (error) {
    if (!(error instanceof ReaderWentAway)) throw error;
  } finally {
    progress.end();
  }
}

/**
 * Grants live on, records do not. Where V8 collects all garbage just when the records begin, it takes those that it
 * happens to see for such as live on too, and from then on leaves each record's remains until the next such collection:
 * measured as 900 MB in place of 460 and a fifth more time, in one run of four (`npm run bench`). So from here on it
 * keeps to what it has learnt of the grants.
 * Source: `node --v8-options`, `--allocation-site-pretenuring`.
 */
function keepRecordsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/** Ends the work where nobody reads the output any more, as after `| head`. */
class ReaderWentAway extends Error {
  readonly code = 'reader-went-away';
}

function pauseFor(outputs: readonly (TextOutput | undefined)[]): Promise<void> | undefined {
  if (outputs[0]?.closedByReader) throw new ReaderWentAway();
  const waits = outputs.flatMap((output) => output?.drain() ?? []);
  return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
}

/** Opening an input for writing would empty it, and a folder that is read must not grow meanwhile. */
function checkOutputs({ audit, cloudtrail, output, rejects }: AttributeOptions): void {
  const inputs = [...audit, ...cloudtrail].filter((path) => path !== STANDARD_INPUT).map((path) => resolve(path));
  if (output !== undefined && rejects !== undefined && resolve(output) === resolve(rejects)) {
    throw wrongUsage('--output and --rejects name the same file: give two.');
  }
  if (rejects === STANDARD_INPUT && (output === undefined || output === STANDARD_INPUT)) {
    throw wrongUsage('Records and rejects cannot both go to standard output: give --output or --rejects a file.');
  }
  for (const path of [output, rejects]) {
    if (path === undefined || path === STANDARD_INPUT) continue;
    const written = resolve(path);
    const input = inputs.find((read) => written === read || (written.startsWith(`${read}${sep}`) && isFolder(read)));
    if (input !== undefined) throw wrongUsage(`${path} lies in what is read (${input}): write it somewhere else.`);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** A path that cannot be read at all is told before any work is done. */
export async function checkPaths(paths: readonly string[]): Promise<void> {
  if (paths.filter((path) => path === STANDARD_INPUT).length > 1) {
    throw wrongUsage('Standard input (-) can be read once only: give it to one option.');
  }
  for (const path of paths) {
    const failure = await pathFailure(path);
    if (failure !== undefined) throw new CommandFailure(`${path} ${failure}. Give a file, a folder or -.`, 1);
  }
}
