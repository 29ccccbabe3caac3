import { clusterRef } from '../../lib/identity/cluster.ts';
import { isJsonObject, present } from '../../lib/json.ts';
import { questionOf, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { ownCommand } from '../options/own-command.ts';
import { withValues } from '../options/with-values.ts';
import { recordsCommandText } from '../records/command.ts';
import type { WhoisOptions } from './usage.ts';

/** Returns the command that lists the requests from a source IP, with a user agent, to an object or in a cluster. */
export function requestsAbout(
  name: 'ip' | 'userAgent' | 'object' | 'cluster',
  value: string,
  options: WhoisOptions,
): string {
  return recordsText(questionOf([{ name, value, negated: false }], {}), options);
}

/** Returns the command for the question: to the same service, or over the same files. */
export function recordsText(question: RecordsQuestion, options: WhoisOptions): string {
  const { api, table, profile = [], region = [] } = options;
  if (api === undefined && table === undefined) return recordsOfFiles(question, options);
  return recordsCommandText(question, {
    ...(api !== undefined && { api }),
    ...(table !== undefined && { table }),
    ...(profile[0] !== undefined && { profile: profile[0] }),
    ...(region[0] !== undefined && { region: region[0] }),
  });
}

/** Placeholders in capital letters for what only the user knows. */
const UNKNOWN_FILES = { audit: ['AUDIT-LOG'], cloudtrail: ['CLOUDTRAIL-LOGS'] };

function recordsOfFiles({ filter, ...times }: RecordsQuestion, options: WhoisOptions): string {
  const { audit, cloudtrail, logGroup, usernameTemplate, trustedProxy, identityStore, samePerson } = options;
  const rules = { usernameTemplate, trustedProxy, identityStore, samePerson };
  const files = { ...UNKNOWN_FILES, ...present({ audit, cloudtrail }), logGroup, ...rules };
  const clusters = filter.cluster?.any?.map((text) => clusterRef(text)?.name ?? text); // most files do not state the ARN
  return recordsCommandText(
    { filter: { ...filter, ...(clusters && { cluster: { any: clusters } }) }, ...times },
    files,
  );
}

/** Returns the `doctor` command that shows why sessions are unidentified: in the account, or in the given files. */
export function doctor({ audit, cloudtrail, ...options }: WhoisOptions): string {
  if (cloudtrail === undefined) return [ownCommand('doctor'), ...placeWords(options)].join(' ');
  return [ownCommand('doctor'), ...(audit === undefined ? [] : ['--offline', ...withValues('--audit', audit)])].join(
    ' ',
  );
}

/** Returns the options that say where to search. */
export function placeWords({
  api,
  table,
  audit = [],
  cloudtrail = [],
  profile = [],
  region = [],
}: Places): readonly string[] {
  return [
    ...withValues('--audit', audit),
    ...withValues('--cloudtrail', cloudtrail),
    ...withValues('--api', api === undefined ? [] : [api]),
    ...withValues('--table', table === undefined ? [] : [table]),
    ...profile.flatMap((each) => withValues('--profile', [each])),
    ...region.flatMap((each) => withValues('--region', [each])),
  ];
}

/**
 * Matches a command in a sentence, and the operand of `related`, since the options for files take any number of values. Does not match if
 * the rest of the line says where to search, or if the sentence only names options: `records --flag with --cluster`.
 */
const IN_SENTENCE =
  /\beks-whois (records|sessions|known|summary|related|changes)\b(?: (?:'[^'\n]*'|[^\s'-](?:[^\s']*[^\s'.,;)])?)(?<=related .*))?(?! --[a-z-]+(?:[,)]| with\b))(?![^\n]* --(?:api|table|audit|cloudtrail) )/g;

/**
 * Returns the text with the options that say where to search in each command that a sentence shows. The sentences are those of the use
 * cases, which do not know these options.
 */
export function withPlaces(text: string, { api, table, audit, cloudtrail, profile = [], region = [] }: Places): string {
  const isOfService = api !== undefined || table !== undefined;
  if (!isOfService && audit === undefined) return text;
  const ofService = { ...present({ api, table }), profile: profile.slice(0, 1), region: region.slice(0, 1) };
  return text.replaceAll(IN_SENTENCE, (command, name: string) => {
    const ofFiles = present({ audit: name === 'changes' ? undefined : audit, cloudtrail });
    return [command, ...placeWords(isOfService ? ofService : ofFiles)].join(' ');
  });
}

/** The fields of answers and reports that hold our own sentences. All others can repeat what somebody wrote. */
const SENTENCES: ReadonlySet<string> = new Set(['note', 'notes', 'hint', 'why', 'effect', 'caution']);

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

/** The options that say where to search. */
export type Places = Partial<Pick<WhoisOptions, 'api' | 'table' | 'audit' | 'cloudtrail' | 'profile' | 'region'>>;
