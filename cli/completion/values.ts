import type { KnownKind } from '../../lib/claims/known.ts';
import type { KnownRow } from '../../lib/usecases/query/known-query.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { reportFailure } from '../failures/report-failure.ts';
import { isBareWord } from '../options/bare-word.ts';
import { isExpanded, valuesIn } from './line-words.ts';
import { NAME_KINDS, type NameKind } from './name-kinds.ts';

/** In milliseconds. Whoever pressed Tab waits for it. */
const ANSWER_WITHIN = 2_000;
/** The most names of a page of the directory. */
const MOST = 1_000;

/**
 * `eks-whois completion values <kind> <beginning> [word…]`, which the scripts ask: the names of that kind that begin so, one a
 * line, each of letters that no shell reads otherwise. The words are those of the line; the options among them say which
 * service is asked. What fails is told as ever, on standard error, which a script drops.
 */
export async function main([, , , , kind = '', typed = '', ...words]: readonly string[]): Promise<void> {
  const late = setTimeout(giveUp, ANSWER_WITHIN);
  try {
    const beginning = beginningOf(typed);
    const names = beginning === undefined ? [] : offeredNames(await namesOf(kind, beginning, words), beginning);
    process.stdout.write(names.map((name) => `${name}\n`).join(''));
  } catch (error) {
    process.exitCode = reportFailure(error);
  } finally {
    clearTimeout(late);
  }
}

function giveUp(): never {
  process.stderr.write(`eks-whois: no answer within ${ANSWER_WITHIN / 1_000} seconds.\n`);
  process.exit(1);
}

async function namesOf(given: string, beginning: string, words: readonly string[]): Promise<readonly string[]> {
  const kind = NAME_KINDS.find((known) => known === given);
  if (kind === undefined)
    throw wrongUsage(`There is no kind of names like that. Give one of ${NAME_KINDS.join(', ')}.`);
  if (kind === 'services') return serviceNames();
  if (kind === 'profiles') return (await import('../access/aws-profiles.ts')).profileNames();
  const names = await knownNames(KINDS[kind], beginning, words);
  return kind === 'pasted' ? names.filter((name) => !isBareWord(name)) : names;
}

async function serviceNames(): Promise<readonly string[]> {
  const { readConfiguration } = await import('../access/configuration.ts');
  return [...(await readConfiguration()).services.keys()];
}

const KINDS: Readonly<Record<Exclude<NameKind, 'services' | 'profiles'>, readonly KnownKind[]>> = {
  actors: ['actor'],
  roles: ['role'],
  clusters: ['cluster'],
  namespaces: ['namespace'],
  anybody: ['actor', 'role'],
  pasted: ['actor', 'role'],
};

/**
 * None where there are more than a page holds: a shell writes what all that it is offered begin with, which those that are left
 * out may not do.
 */
async function knownNames(
  kinds: readonly KnownKind[],
  prefix: string,
  words: readonly string[],
): Promise<readonly string[]> {
  const { serviceOfLine } = await import('./service-of-line.ts');
  const service = await serviceOfLine(words);
  if (service === undefined) return [];
  const answers = await Promise.allSettled(kinds.map((kind) => service.known({ kind, prefix, limit: MOST })));
  const pages = answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
  const isAll = pages.every(({ cursor }) => cursor === undefined);
  if (!isAll) return [];
  const clusters = clustersIn(words);
  const isOfThem = ({ kind, cluster = '' }: KnownRow) =>
    kind !== 'namespace' || clusters === undefined || clusters.includes(cluster);
  return pages.flatMap(({ known }) => known.filter(isOfThem).map(({ name }) => name));
}

/**
 * Names that mean themselves in every shell, unquoted and behind a blank: whoever may ask a cluster, or name a session, chooses
 * them. No letters but ASCII's, since others can look alike or turn the line around; `-` alone is no option but what lies in
 * no namespace.
 */
const SAFE = /^(?:-|[A-Za-z0-9_][A-Za-z0-9_@%+=,.:/-]{0,255})$/;

/** The names that begin so, each once: as they are written, also in case, and only those that a shell can be handed. */
function offeredNames(names: readonly string[], beginning: string): readonly string[] {
  return [...new Set(names)].filter((name) => SAFE.test(name) && name.startsWith(beginning));
}

/** The beginning of a name as it was typed, a quote in front or not; undefined where no name that is offered begins so. */
function beginningOf(typed: string): string | undefined {
  const beginning = typed.replace(/^["']/, '');
  return beginning === '' || SAFE.test(beginning) ? beginning : undefined;
}

/**
 * The clusters that the words of a line name, of which namespaces are offered; undefined where they name none, or one that
 * means something only where the shell expands it.
 */
function clustersIn(words: readonly string[]): readonly string[] | undefined {
  const clusters = valuesIn(words, '--cluster').filter((text) => text !== '');
  return clusters.length === 0 || clusters.some(isExpanded) ? undefined : clusters;
}
