import { exactName } from '../../lib/attribution/actor-names.ts';
import { present } from '../../lib/json.ts';
import { quoted } from '../../lib/shell.ts';
import { DAY, epochMillis, formatInstant } from '../../lib/time.ts';
import { timeOf } from '../../lib/usecases/activity/requests.ts';
import type { RelatedAnswer, RelatedToRequest } from '../../lib/usecases/related/related-answer.ts';
import { ownCommand } from '../options/own-command.ts';
import type { RelatedOptions } from './options.ts';

/** So many: who reads them wants to choose. */
const MOST = 6;

/** Commands for what comes next, to be copied: the session, the pod, what each candidate did that day. */
export function nextCommands({ auditId, requests }: RelatedAnswer, options: RelatedOptions): readonly string[] {
  const ask = askedAgain(options);
  const own =
    options.audit === undefined ? [ownCommand(`whois --audit-id ${quoted(auditId)}${serviceWords(options)}`)] : [];
  return [...own, ...requests.flatMap((request) => ofRequest(request, ask))].slice(0, MOST);
}

function ofRequest({ stages, session, pod, candidates }: RelatedToRequest, ask: (words: string) => string): string[] {
  const [record] = stages;
  const at = record && timeOf(record);
  if (at === undefined) return [];
  const day = ` --from ${formatInstant(epochMillis(at - DAY))} --to ${formatInstant(epochMillis(at + DAY))}`;
  const ofPod = pod?.name === undefined ? [] : [ask(podWords(pod) + day)];
  const names = candidates.flatMap(({ actor }) => (actor === undefined ? [] : (exactName(actor) ?? [])));
  return [
    ...ofPod,
    ...names.map((name) => ask(`--actor ${quoted(name)}${day}`)),
    ...(session === undefined ? [] : [ask(sessionWords(session) + day)]),
  ];
}

/** By the key, which one session has: its name may be several people's. */
function sessionWords({ by, name, accessKeyId }: NonNullable<RelatedToRequest['session']>): string {
  return by === 'session' && accessKeyId !== undefined ? `--key ${quoted(accessKeyId)}` : `--${by} ${quoted(name)}`;
}

function podWords({ namespace, name = '' }: NonNullable<RelatedToRequest['pod']>): string {
  return `--namespace ${quoted(namespace)} --object ${quoted(name)}`;
}

/** By which command records are asked for where this question was answered from. */
function askedAgain(options: RelatedOptions): (words: string) => string {
  const { audit, cloudtrail = [] } = options;
  if (audit === undefined) return (words) => ownCommand(`records ${words}${serviceWords(options)}`);
  const paths = `--audit ${audit.map(quoted).join(' ')} --cloudtrail ${cloudtrail.map(quoted).join(' ')}`;
  return (words) => ownCommand(`attribute ${paths} ${words} -o table`);
}

function serviceWords({ api, table, profile, region }: RelatedOptions): string {
  return Object.entries(present({ api, table, profile, region }))
    .map(([name, value]) => ` --${name} ${quoted(value)}`)
    .join('');
}
