import { clusterRef } from '../../lib/identity/cluster.ts';
import { isJsonObject } from '../../lib/json.ts';
import { questionOf, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { ownCommand } from '../options/own-command.ts';
import { forRecords, type Places, placeWords } from '../options/place-words.ts';
import { withValues } from '../options/with-values.ts';
import { recordsCommandText } from '../records/command.ts';
import type { WhoisOptions } from './usage.ts';

/** Returns the command that lists the requests with this source IP, user agent, object, cluster or audit ID. */
export function requestsAbout(
  name: 'ip' | 'userAgent' | 'object' | 'cluster' | 'auditId',
  value: string,
  options: WhoisOptions,
): string {
  return recordsText(questionOf([{ name, value, negated: false }], {}), options);
}

/** Returns the command for the question: to the same service, or over the same files. */
export function recordsText(question: RecordsQuestion, options: WhoisOptions): string {
  const { api, table } = options;
  if (api === undefined && table === undefined) return recordsOfFiles(question, options);
  return recordsCommandText(question, forRecords(options));
}

/** Placeholders in capital letters for what only the user knows. */
const UNKNOWN_FILES = { audit: ['AUDIT-LOG'], cloudtrail: ['CLOUDTRAIL-LOGS'] };

function recordsOfFiles({ filter, ...times }: RecordsQuestion, options: WhoisOptions): string {
  const clusters = filter.cluster?.any?.map((text) => clusterRef(text)?.name ?? text); // most files do not state the ARN
  const { profile: _profile, region: _region, ...places } = bothLogs(options);
  return recordsCommandText(
    { filter: { ...filter, ...(clusters && { cluster: { any: clusters } }) }, ...times },
    places,
  );
}

/** Returns the options with both logs. A placeholder stands for a log that the question did not name. */
function bothLogs(places: Places): Places {
  const { audit = UNKNOWN_FILES.audit, cloudtrail = UNKNOWN_FILES.cloudtrail } = places;
  return { ...places, audit, cloudtrail };
}

/** Returns the `doctor` command that shows why sessions are unidentified: in the account, or in the given files. */
export function doctor({ audit, cloudtrail, api, table, profile, region }: WhoisOptions): string {
  if (cloudtrail === undefined) return [ownCommand('doctor'), ...placeWords({ api, table, profile, region })].join(' ');
  return [ownCommand('doctor'), ...(audit === undefined ? [] : ['--offline', ...withValues('--audit', audit)])].join(
    ' ',
  );
}

/**
 * Matches a command in a sentence. The words of its place follow what matches: they stand before the other options, and behind an operand,
 * because options for files take any number of values.
 */
const IN_SENTENCE =
  /\beks-whois (?:(?:records|sessions|changes|attribute)\b|(?:related|known)\b(?: (?!-)(?:'[^'\n]*'|\\.|[^\s'\\])+?(?=[.,;)]*(?:\s|$)))?)/g;

/**
 * Returns the text with the options that say where to search in each command that a sentence shows. The sentences are those of the use
 * cases, which do not know these options.
 */
export function withPlaces(text: string, places: Places): string {
  const { api, table, audit, cloudtrail } = places;
  if ((api ?? table ?? audit ?? cloudtrail) === undefined) return text;
  const all = forRecords((api ?? table) === undefined ? bothLogs(places) : places);
  return text.replaceAll(IN_SENTENCE, (command) => {
    const [, name = ''] = command.split(' ');
    return [command, ...placeWords(name === 'changes' ? forChanges(places) : all)].join(' ');
  });
}

/** Returns the options for `changes`. CloudTrail has these changes, and the audit log does not. */
function forChanges({ audit: _audit, ...places }: Places): Places {
  const { api, table, cloudtrail, logGroup, requestPayer } = places;
  return { ...forRecords(places), ...((api ?? table) === undefined && { cloudtrail, logGroup, requestPayer }) };
}

/** The fields of answers and reports that hold our own sentences. All others can repeat what somebody wrote. */
const SENTENCES: ReadonlySet<string> = new Set(['note', 'notes', 'notKnown', 'hint', 'why', 'effect', 'caution']);

/** Returns the answer or the report with these options in each command of its sentences and of its steps. */
export function withPlacesIn<T>(value: T, places: Places): T {
  return placed(value, places) as T;
}

function placed(value: unknown, places: Places): unknown {
  if (Array.isArray(value)) return value.map((each) => placed(each, places));
  if (!isJsonObject(value)) return value;
  const isStep = 'effect' in value;
  const of = (name: string, each: unknown) =>
    SENTENCES.has(name) || (isStep && name === 'command') ? placedText(each, places) : placed(each, places);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, of(name, each)]));
}

function placedText(value: unknown, places: Places): unknown {
  if (Array.isArray(value)) return value.map((each) => placedText(each, places));
  return typeof value === 'string' ? withPlaces(value, places) : placed(value, places);
}
