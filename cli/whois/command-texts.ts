import { clusterRef } from '../../lib/identity/cluster.ts';
import { questionOf, questionParameters, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { optionOf } from '../options/option-name.ts';
import { ownCommand } from '../options/own-command.ts';
import { ruleWords } from '../options/rule-options.ts';
import { withValues } from '../options/with-values.ts';
import { recordsCommandText } from '../records/command.ts';
import type { WhoisOptions } from './usage.ts';

/** Returns the command that lists the requests from a source IP, to an object or in a cluster. */
export function requestsAbout(name: 'ip' | 'object' | 'cluster', value: string, options: WhoisOptions): string {
  return recordsText(questionOf([{ name, value, negated: false }], {}), options);
}

/** Returns the command for the question: to the same service, or over files. */
export function recordsText(question: RecordsQuestion, options: WhoisOptions): string {
  const { api, table, profile = [], region = [] } = options;
  if (api === undefined && table === undefined) return attributeText(question, options);
  return recordsCommandText(question, {
    ...(api !== undefined && { api }),
    ...(table !== undefined && { table }),
    ...(profile[0] !== undefined && { profile: profile[0] }),
    ...(region[0] !== undefined && { region: region[0] }),
  });
}

/** Placeholders in capital letters for what only the user knows. */
export const UNKNOWN_TIME = 'TIME';
const UNKNOWN_FILES = { audit: ['AUDIT-LOG'], cloudtrail: ['CLOUDTRAIL-LOGS'] };

/** Returns a cluster's name in place of its ARN, which most files do not state. Other values stay. */
function nameOfCluster(value: string): string {
  return clusterRef(value)?.name ?? value;
}

function attributeText(question: RecordsQuestion, { audit, cloudtrail, logGroup, ...rules }: WhoisOptions): string {
  const words = [
    ...withValues('--audit', audit ?? UNKNOWN_FILES.audit),
    ...withValues('--cloudtrail', cloudtrail ?? UNKNOWN_FILES.cloudtrail),
    ...ruleWords(rules),
    ...withValues('--log-group', logGroup),
    ...questionParameters(question).flatMap(([name, value]) => withValues(optionOf(name), [nameOfCluster(value)])),
  ];
  return [ownCommand('attribute'), ...words, '-o table'].join(' ');
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

type Places = Partial<Pick<WhoisOptions, 'api' | 'table' | 'audit' | 'cloudtrail' | 'profile' | 'region'>>;
