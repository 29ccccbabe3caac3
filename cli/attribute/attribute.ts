import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { actorOfRecord } from '../../lib/claims/known.ts';
import type { ErrorCode } from '../../lib/error-code.ts';
import { senderOf } from '../../lib/identity/cluster.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { type EpochMillis, parseInstant } from '../../lib/time.ts';
import { attributeFiles } from '../../lib/usecases/attribute/attribute-files.ts';
import type { RunCounts } from '../../lib/usecases/counting/run-counts.ts';
import type { Matcher } from '../../lib/usecases/query/filter.ts';
import { rangeSince } from '../../lib/usecases/query/grouped-places.ts';
import { isInRange } from '../../lib/usecases/query/question.ts';
import { plainJson } from '../../lib/words/escape.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { note, reportFaults } from '../failures/faults.ts';
import { RECORD_FIELDS } from '../format/fields.ts';
import { formatsTopic, RECORD_FORMATS } from '../format/formats.ts';
import { type CommandHelp, GROUPS, withHelp } from '../help/command-help.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { clusterArnOption } from '../options/known-cluster.ts';
import { countedGroupsOf, LOG_GROUP_TOPIC, logGroupOption } from '../options/log-groups.ts';
import { withOutput } from '../options/output-options.ts';
import { CONFIG_TOPIC, withConfig } from '../options/parameter-file.ts';
import { checkOutputs, checkPaths } from '../options/paths.ts';
import {
  candidatesOption,
  FILTER_HINT,
  FILTER_TOPIC,
  firstSeenOption,
  withQuestion,
} from '../options/question-options.ts';
import { ruleSettings, withRules } from '../options/rule-options.ts';
import { checkS3Options, S3_TOPIC, s3AccessOf, withS3 } from '../options/s3-options.ts';
import { wholeOf } from '../options/service-options.ts';
import { checkFields, withFields } from '../options/shown-options.ts';
import { instantRangeOf, withRange } from '../options/time-range.ts';
import { TIME_TOPIC } from '../options/times.ts';
import { summarizesInput, verboseOption } from '../options/verbose-option.ts';
import { resultsTo, SYSTEM_TOPIC, VIEW_TOPIC, withView } from '../options/view-options.ts';
import { ACTOR_FIELDS, keyOfCaller } from '../records/groups/record-groups.ts';
import { AMBIGUOUS } from '../records/people-text.ts';
import { checkSame, withSame, withSameness } from '../records/same.ts';
import { NO_PROGRESS, progressOn } from '../terminal/progress.ts';
import { outputTo, type TextOutput } from '../terminal/text-output.ts';
import { eventDigest } from './event-digest.ts';
import { foundInstead, UnreadForms, unflaggedCopies, unmetSettings } from './found-instead.ts';
import type { AttributeOptions } from './options.ts';
import { type RecordOutput, recordOutput } from './record-output.ts';
import { sourcesOf } from './sources.ts';
import { inputSummary, lostInput } from './summary.ts';

/** Defines `eks-whois attribute`. */
export function attributeCommand(): Command {
  const command = refuseEmptyValues(new Command('attribute'))
    .summary('who made the requests in files, without an AWS account')
    .description(
      'Attributes each audit event in files to the person or workload behind it. It needs no AWS account, and nothing is ' +
        'deployed. Records keep the order of the input, and an event that comes twice is written once. If standard error is ' +
        'a terminal, or with -v, it says what was read.',
    )
    .optionsGroup(GROUPS.input)
    .requiredOption('--audit <path...>', 'audit events: files, folders, s3://bucket/prefix or - (standard input)')
    .requiredOption('--cloudtrail <path...>', 'CloudTrail records, in the same places')
    .option('--cluster-name <name>', 'the cluster of audit events that name none')
    .addOption(clusterArnOption())
    .option(
      '--rejects <file>',
      'write what cannot be read to this file: JSON lines with file, place, reason and sample',
    );
  withRules(command).addOption(logGroupOption());
  withQuestion(command);
  withSameness(command).addOption(firstSeenOption()).addOption(candidatesOption());
  withS3(withRange(command))
    .optionsGroup(GROUPS.output)
    .option('--summary', 'count the requests of each actor')
    .option('--limit <number>', 'end after this many records, in the order of the input (default: all)', wholeOf);
  withFields(command);
  withOutput(command, { says: 'how to write the records', formats: RECORD_FORMATS, unless: 'jsonl' });
  withConfig(command.addOption(verboseOption()));
  return withHelp(withView(command), HELP).action((options: AttributeOptions) =>
    reportFaults(() => attributeAction(options)),
  );
}

const HELP: CommandHelp = {
  common: [
    '--audit',
    '--cloudtrail',
    '--cluster',
    '--actor',
    '--namespace',
    '--resource',
    '--verb',
    '--status',
    '--no-system',
    '--since',
    '--from',
    '--to',
    '--config',
    '--summary',
    '--output',
    '--output-file',
  ],
  hint: FILTER_HINT,
  topics: [
    {
      heading: 'Input files:',
      text: `
A path is a file, a folder with all that is below it, s3://bucket/prefix, or - for standard input. Files may be packed (gzip,
bzip2, Zstandard, zip, tar) or in UTF-16. Their form is recognized: audit logs and CloudTrail logs as files; exports and answers
of CloudWatch Logs as JSON, text, YAML or CSV; payloads of subscriptions; answers of LookupEvents; EventBridge envelopes; tables of
Athena and CloudTrail Lake; OCSF; documents of Elasticsearch, Splunk, Datadog, Loki, Fluent Bit and Vector. docs/forms.md lists
all forms. Anything else is counted, and listed with --rejects.

--summary shows how many requests there are, where, with which verbs, and when the first and last were.

From s3://, CloudTrail is read from two days before --from or --since, because a session can be that old.`,
    },
    FILTER_TOPIC,
    {
      heading: 'Filters of files:',
      text: `
--cluster-name gives a cluster to audit events that name none. --same-role, --same-ip and --first-seen-since read the files twice. "First seen" means first seen in these files, because they contain nothing older.`,
    },
    LOG_GROUP_TOPIC,
    CONFIG_TOPIC,
    S3_TOPIC,
    TIME_TOPIC,
    formatsTopic(RECORD_FORMATS),
    VIEW_TOPIC,
    SYSTEM_TOPIC,
  ],
  examples: [
    {
      asks: 'Who made the requests in these files?',
      command: 'eks-whois attribute --audit audit.jsonl.gz --cloudtrail AWSLogs/ -o table',
    },
    {
      asks: 'Who deleted something in the last two days?',
      command: 'eks-whois attribute --audit audit/ --cloudtrail AWSLogs/ --verb delete --since 2d --no-system -o table',
    },
    {
      asks: 'How often did Alice act, and where?',
      command: 'eks-whois attribute --audit audit/ --cloudtrail AWSLogs/ --actor alice --summary -o table',
    },
    {
      asks: 'Who made the requests in this log group?',
      command:
        'aws logs filter-log-events --log-group-name /aws/eks/prod/cluster --log-stream-name-prefix kube-apiserver-audit | eks-whois attribute --audit - --cloudtrail AWSLogs/ --cluster-name prod > records.jsonl',
    },
    {
      asks: 'Who made the requests in these two hours, from Security Lake and a trail in S3?',
      command:
        'eks-whois attribute --audit s3://lake/aws/EKS_AUDIT/ --cloudtrail s3://trail/AWSLogs/ --cluster-name prod --from 2026-03-10T14:00:00Z --to 2026-03-10T16:00:00Z --region eu-west-1 us-east-1',
    },
    {
      asks: 'What could not be read, on a cluster with its own usernames?',
      command:
        "eks-whois attribute --audit audit/ --cloudtrail AWSLogs/ --username-template 'admin:{{SessionName}}' --rejects left-out.jsonl",
    },
  ],
  exitStatus:
    '0 done, even if --audit has only other log messages; 1 failed, or nothing was read; 2 wrong usage; 3 a name means several people.',
};

async function attributeAction(given: AttributeOptions): Promise<void> {
  const started = performance.now();
  await checkUsage(given);
  const settings = ruleSettings(given);
  const { options, isFirstSeen } = await answerable(given, settings);
  const output = resultsTo(options);
  const rejects = options.rejects === undefined ? undefined : outputTo(options.rejects);
  const shown = recordOutput(options, isFirstSeen);
  const progress = output.isPaged === true ? NO_PROGRESS : await progressOn(process.stderr);
  const { audit, cloudtrail } = sourcesOf(options, instantRangeOf(options));
  const unread = new UnreadForms();
  try {
    const counts = await untilEnough(
      attributeFiles({
        audit,
        cloudtrail,
        settings,
        digest: eventDigest,
        grantsKnown: (known) => {
          shown.grantsKnown?.(known);
          keepRecordsYoung();
        },
        record: (record) => output.write(shown.record(record)),
        reject(rejected) {
          unread.add(rejected);
          rejects?.write(`${plainJson(rejected)}\n`);
        },
        pause: (read) => {
          progress.read(read);
          if (shown.isCut?.() === true || output.closedByReader) throw new EnoughReadError();
          return pauseFor([output, rejects]);
        },
      }),
    );
    if (!output.closedByReader) output.write(shown.end());
    if (!output.closedByReader) await output.end();
    await rejects?.end();
    progress.end();
    if (!output.closedByReader)
      reportRun({ options, shown, unread, counts, seconds: (performance.now() - started) / 1_000 });
  } finally {
    progress.end();
  }
}

/** A run that came to its end. */
interface Run {
  readonly options: AttributeOptions;
  readonly shown: RecordOutput;
  readonly unread: UnreadForms;
  /** The counts of the run. Undefined if not everything was read. */
  readonly counts: RunCounts | undefined;
  readonly seconds: number;
}

/** Writes what was read, the summary and the warnings, and sets the exit status. */
function reportRun(run: Run): void {
  const { shown, unread, counts } = run;
  const words = counts === undefined ? [] : wordsOfRun(counts, run);
  for (const sentence of [...words, ...unread.sentences, ...shown.sentences()]) note(sentence);
  if (shown.isNameAmbiguous === true) process.exitCode = AMBIGUOUS;
  if (counts !== undefined && foundInstead(counts).isError) process.exitCode = 1;
}

/** Writes the counts of a run that read everything. Returns warnings about its input. */
function wordsOfRun(counts: RunCounts, { options, shown, seconds }: Run): readonly string[] {
  const matches = shown.matches?.();
  if (summarizesInput(options)) process.stderr.write(inputSummary(counts, seconds, matches));
  if (matches !== undefined) process.stderr.write(`${matches.says}\n`);
  const listed =
    options.rejects === undefined
      ? 'To list what was not read, add --rejects FILE.'
      : `${options.rejects} lists what was not read.`;
  return [
    ...foundInstead(counts).sentences,
    ...lostInput(counts, listed),
    ...unmetSettings(counts),
    ...unflaggedCopies(counts),
  ];
}

/**
 * Checks the options before any work is done, and before any file is opened for writing.
 * @throws CommandError for wrong usage.
 */
async function checkUsage(options: AttributeOptions): Promise<void> {
  const { audit, cloudtrail, outputFile: output, rejects } = options;
  const inputs = [...audit, ...cloudtrail];
  instantRangeOf(options);
  checkSame(options);
  if (options.summary === true && options.limit !== undefined)
    throw wrongUsage('--limit ends the list of records, and --summary counts all of them: leave one of them out.');
  if (options.summary === true) checkFields(options, ACTOR_FIELDS);
  else checkFields(options, RECORD_FIELDS);
  checkReadTwice(options);
  countedGroupsOf(options.logGroup);
  checkS3Options(options, inputs);
  await checkPaths(inputs, s3AccessOf(options));
  const toStandardOutput = [output ?? STANDARD_INPUT, rejects].every((path) => path === STANDARD_INPUT);
  if (toStandardOutput) {
    throw wrongUsage('Records and rejects cannot both go to standard output. Give --output-file or --rejects a file.');
  }
  await checkOutputs({ inputs, output, rejects });
}

/**
 * Stops V8 from deciding that records live long. Grants live long, and records do not. If V8 collects all garbage just
 * when the records begin, it counts the records that it sees as long-lived. From then on it keeps each record's garbage
 * until the next such collection. That took 900 MB instead of 460, and a fifth more time, in one run of four
 * (`npm run bench`). So from here on, V8 keeps the decisions that it made for the grants. Source: `node --v8-options`,
 * `--allocation-site-pretenuring`.
 */
function keepRecordsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
}

/** Ends the work if the output is closed, as by `| head`, or if it has all records of `--limit`. */
class EnoughReadError extends Error {
  readonly code = 'enough-read' satisfies ErrorCode;
}

/**
 * Returns the result of a reading. Undefined if the reading ended early, because enough was read (`EnoughReadError`).
 */
async function untilEnough<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof EnoughReadError) return undefined;
    throw error;
  }
}

function pauseFor(outputs: readonly (TextOutput | undefined)[]): Promise<void> | undefined {
  const waits = outputs.flatMap((output) => output?.drain() ?? []);
  return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
}

/** A question in a form that is checked against one record at a time. */
interface Answerable {
  readonly options: AttributeOptions;
  /** Matches records of actors that were first seen late enough. Undefined if any actor matches. */
  readonly isFirstSeen?: Matcher;
}

/** The options that need all records before the first one can be written. */
const READ_TWICE = {
  sameRole: '--same-role',
  sameIp: '--same-ip',
  firstSeenSince: '--first-seen-since',
} as const satisfies { readonly [Name in keyof AttributeOptions]?: string };

/**
 * Checks that files that must be read twice can be.
 * @throws CommandError if they cannot.
 */
function checkReadTwice(options: AttributeOptions): void {
  const { audit, cloudtrail } = options;
  const [, option] = Object.entries(READ_TWICE).find(([name]) => name in options) ?? [];
  if (option !== undefined && [...audit, ...cloudtrail].includes(STANDARD_INPUT))
    throw wrongUsage(
      `${option} reads the input twice, but standard input (-) can be read only once. Give files instead of -.`,
    );
}

/** Returns the question with all facts that it needs. Reads the files for them if there are any. */
async function answerable(options: AttributeOptions, settings: AttributionSettings): Promise<Answerable> {
  const { firstSeenSince } = options;
  const records = async (auditId: string) => {
    const found: AuditRecord[] = [];
    await eachRecord(options, settings, {}, auditId, (record) => found.push(record));
    return found;
  };
  const narrowed = await withSame(options, {
    records,
    none: 'the files have no record with this audit ID. Check the audit ID and --audit',
  });
  if (firstSeenSince === undefined) return { options: narrowed };
  const seen = new FirstSightings(options.summary === true);
  const { to } = instantRangeOf(narrowed);
  await eachRecord(options, settings, { from: undefined, to }, undefined, (record) => seen.add(record));
  return { options: narrowed, isFirstSeen: seen.since(firstSeenSince) };
}

/** Visits each record, or each with the audit ID. */
async function eachRecord(
  options: AttributeOptions,
  settings: AttributionSettings,
  range: TimeRange,
  auditId: string | undefined,
  visit: (record: AuditRecord) => void,
): Promise<void> {
  const { audit, cloudtrail } = sourcesOf(options, range);
  const nothing = () => undefined;
  const record = (record: AuditRecord) => {
    if (auditId === undefined || record.auditId === auditId) visit(record);
  };
  await attributeFiles({ audit, cloudtrail, settings, digest: eventDigest, record, reject: nothing, pause: nothing });
}

/** Keeps the time at which each account first saw each actor, as the service's directory does (`FirstSeenActors`). */
class FirstSightings {
  readonly #first = new Map<string, number>();
  readonly #hasUnnamed: boolean;

  /** @param hasUnnamed whether unidentified sessions count too, as in a summary. */
  constructor(hasUnnamed: boolean) {
    this.#hasUnnamed = hasUnnamed;
  }

  add(record: AuditRecord): void {
    const at = record.time === undefined ? undefined : parseInstant(record.time);
    const who = this.#whoOf(record);
    if (at === undefined || who === undefined) return;
    this.#first.set(who, Math.min(at, this.#first.get(who) ?? at));
  }

  #whoOf(record: AuditRecord): string | undefined {
    const isUnnamed = this.#hasUnnamed && record.attribution.status !== 'system';
    const who = actorOfRecord(record)?.id ?? (isUnnamed ? keyOfCaller(record.caller) : undefined);
    return who && JSON.stringify([senderOf(record), who]);
  }

  since(since: EpochMillis): Matcher {
    return (record) => {
      const who = this.#whoOf(record);
      const first = who === undefined ? undefined : this.#first.get(who);
      return first !== undefined && first >= since && isInRange(record, rangeSince({}, since));
    };
  }
}
