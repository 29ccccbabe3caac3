import type { KnownKind } from '../../lib/claims/known.ts';
import { clusterKeyOf, meansCluster } from '../../lib/identity/cluster.ts';
import type { KnownRow } from '../../lib/usecases/query/known-row.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { reportFailure } from '../failures/report-failure.ts';
import { isBareWord } from '../options/bare-word.ts';
import { isExpanded, valuesIn } from './line-words.ts';
import { NAME_KINDS, type NameKind } from './name-kinds.ts';

/** The longest time to wait for an answer, in milliseconds: a person pressed Tab and waits. */
const ANSWER_WITHIN = 2_000;
/** The maximum number of names of a page of the directory. */
const MOST = 1_000;

/**
 * Runs `eks-whois completion values <kind> <beginning> [word…]`, which the scripts call. Prints the names of that kind
 * with that beginning, one a line, and only those that no shell changes. The words are those of the command line; its
 * options choose the service. Errors go to standard error, which the scripts drop.
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
  if (kind === undefined) throw wrongUsage(`This is not a kind of names. Give one of ${NAME_KINDS.join(', ')}.`);
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
 * Returns names from the service's directory. Returns none if there is more than one page. A shell completes up to the
 * common beginning of all offered names. Names on other pages may not share that beginning.
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
  const isOfThem = (row: KnownRow) =>
    row.kind !== 'namespace' || clusters?.some((text) => meansCluster(text, clusterKeyOf(row))) !== false;
  return pages.flatMap(({ known }) => known.filter(isOfThem).map(({ name }) => name));
}

/**
 * Matches names that no shell changes, unquoted and after a blank. Everybody who may call a cluster, or name a session,
 * can choose names. Only ASCII letters match, because others can look alike or reverse the line. `-` alone is no
 * option: it stands for cluster-wide requests.
 */
const SAFE = /^(?:-|[A-Za-z0-9_][A-Za-z0-9_@%+=,.:/-]{0,255})$/;

/** Returns the names with that beginning, each once, in the same case. Leaves out names that a shell could change. */
function offeredNames(names: readonly string[], beginning: string): readonly string[] {
  return [...new Set(names)].filter((name) => SAFE.test(name) && name.startsWith(beginning));
}

/**
 * Returns the typed beginning of a name, without a quote in front. Undefined if no offered name can begin like this.
 */
function beginningOf(typed: string): string | undefined {
  const beginning = typed.replace(/^["']/, '');
  return beginning === '' || SAFE.test(beginning) ? beginning : undefined;
}

/**
 * Returns the clusters in the words of the line, whose namespaces are offered. Undefined if there are none, or if the
 * shell would expand one.
 */
function clustersIn(words: readonly string[]): readonly string[] | undefined {
  const clusters = valuesIn(words, '--cluster').filter((text) => text !== '');
  return clusters.length === 0 || clusters.some(isExpanded) ? undefined : clusters;
}
