import type { Recognised } from '../../lib/recognise/recognition.ts';
import type { AnythingAnswer, Found } from '../../lib/usecases/query/anything/found.ts';
import { matcherOf } from '../../lib/usecases/query/filter.ts';
import { questionOf } from '../../lib/usecases/query/question.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { CommandError } from '../failures/command-error.ts';
import type { FilesPlace } from './places.ts';

/** What may bear a name that is nobody's: the field of a question by which its requests are asked for. */
const FIELDS = ['cluster', 'namespace', 'object'] as const;
type Field = (typeof FIELDS)[number];

/** What a name that was pasted is the name of. */
export interface NamedThing {
  readonly field: Field;
  readonly name: string;
  /** Whether some request says so; else not all was looked through. */
  readonly isSeen: boolean;
}

interface Places {
  readonly service?: ServiceAccess | undefined;
  readonly files?: Pick<FilesPlace, 'visit'> | undefined;
}

/** The one name that was pasted, where nothing is known of anybody who bears it. */
export function nameOfNobody({ subjects, reading }: Recognised, { found }: AnythingAnswer): string | undefined {
  const [first] = subjects;
  const isUnknown = found.every(({ outcome }) => outcome.kind === 'not-known');
  return isUnknown && reading === 'first-known' && first?.by === 'person' ? first.person : undefined;
}

/**
 * Whether a cluster, a namespace or an object of Kubernetes bears the name. Files are read once more for it; a service is
 * asked for two names of its directory, and for the records of an object in so many requests as are answered at once.
 */
export async function namedThings(name: string, { service, files }: Places): Promise<readonly NamedThing[]> {
  if (service !== undefined) return namedInService(name, service);
  return files?.visit === undefined ? [] : namedInFiles(name, files.visit);
}

async function namedInFiles(name: string, visit: NonNullable<FilesPlace['visit']>): Promise<readonly NamedThing[]> {
  const asked = FIELDS.map((field) => ({ field, isMeant: matcherOf({ [field]: { any: [name] } }) }));
  const seen = new Set<Field>();
  await visit((record) => {
    for (const { field, isMeant } of asked) if (isMeant(record)) seen.add(field);
  });
  return FIELDS.filter((field) => seen.has(field)).map((field) => ({ field, name, isSeen: true }));
}

/** The answer is there without it: what the service cannot say now is left out. */
async function namedInService(name: string, service: ServiceAccess): Promise<readonly NamedThing[]> {
  try {
    const lists = await Promise.all([isKnown('cluster', name, service), isKnown('namespace', name, service)]);
    const places = (['cluster', 'namespace'] as const).filter((_, at) => lists[at] === true);
    const seen = places.map((field) => ({ field, name, isSeen: true }));
    return seen.length > 0 || !OBJECT_NAME.test(name) ? seen : await objectsNamed(name, service);
  } catch (error) {
    if (error instanceof CommandError) return [];
    throw error;
  }
}

async function isKnown(kind: 'cluster' | 'namespace', name: string, service: ServiceAccess): Promise<boolean> {
  const { known } = await service.known({ kind, prefix: name, limit: 10 });
  return known.some((row) => row.name === name);
}

/** A name as Kubernetes takes it for most of its objects (DNS-1123), and for RBAC's with `:`. */
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?$/;

/** So many are looked through at once: no index leads to an object. */
const LOOKED_THROUGH = 250;

async function objectsNamed(name: string, service: ServiceAccess): Promise<readonly NamedThing[]> {
  const question = questionOf([{ name: 'object', value: name, negated: false }], {});
  const { records, cursor } = await service.records({ question, limit: LOOKED_THROUGH, isQuick: true });
  const isSeen = records.length > 0;
  return isSeen || cursor !== undefined ? [{ field: 'object', name, isSeen }] : [];
}

const WORDS: Readonly<Record<Field, string>> = { cluster: 'a cluster', namespace: 'a namespace', object: 'an object' };

/** The answer, with what it is in place of what else could be asked about; beside that, where it may be another thing. */
export function withThings(answer: AnythingAnswer, things: readonly NamedThing[]): AnythingAnswer {
  if (things.length === 0) return answer;
  const isSure = things.every(({ isSeen }) => isSeen);
  const kinds = things.map(({ field }) => WORDS[field]).join(' and ');
  const said = `It ${isSure ? 'is' : 'may be'} the name of ${kinds} of Kubernetes: ask for what was done there.`;
  const hinted = ({ outcome, ...of }: Found): Found => {
    if (outcome.kind !== 'not-known') return { ...of, outcome };
    const hint = isSure || outcome.hint === undefined ? said : `${outcome.hint} ${said}`;
    return { ...of, outcome: { ...outcome, hint } };
  };
  return { ...answer, found: answer.found.map(hinted) };
}
