import { parseUid } from '../../lib/identity/uid.ts';
import { objectAt, textAt, textsAt } from '../../lib/json.ts';
import type { RecognizedText } from '../../lib/recognise/recognition.ts';
import { type EpochMillis, epochMillis, parseInstant, startOfDay } from '../../lib/time.ts';
import type { AnythingAnswer, SubjectAnswer } from '../../lib/usecases/query/anything/found.ts';
import { MOST_UNNAMED } from '../../lib/usecases/query/anything/namesakes.ts';
import { matcherOf } from '../../lib/usecases/query/filter.ts';
import { questionOf } from '../../lib/usecases/query/question.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { CommandError } from '../failures/command-error.ts';
import type { FilesPlace } from './places.ts';

/** What may bear a name that is nobody's: the field of a question by which its requests are asked for. */
const FIELDS = ['cluster', 'namespace', 'object'] as const;
type Field = (typeof FIELDS)[number] | 'username' | 'session';

/** What a name that was pasted is the name of. */
export interface NamedThing {
  readonly field: Field;
  readonly name: string;
  /** Of a username, to which nothing leads: where it was seen, and from when on. */
  readonly cluster?: string | undefined;
  readonly from?: EpochMillis | undefined;
  /** Whether some request says so; else not all was looked through. */
  readonly isSeen: boolean;
}

interface Places {
  readonly service?: ServiceAccess | undefined;
  readonly files?: Pick<FilesPlace, 'visit'> | undefined;
}

/** The one name that was pasted, where nothing is known of anybody who bears it. */
export function nameOfNobody({ subjects, reading }: RecognizedText, { found }: AnythingAnswer): string | undefined {
  const [first] = subjects;
  const isUnknown = found.every(({ outcome }) => outcome.kind === 'not-known');
  return isUnknown && reading === 'first-known' && first?.by === 'person' ? first.person : undefined;
}

/**
 * What bears the name: a cluster, a namespace or an object of Kubernetes, or callers whom nobody can name. Files are read once
 * more for it; a service is asked for two names of its directory, for such callers (of files they are sessions like others),
 * and for the records of an object in so many requests as are answered at once.
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
    const [callers, ...lists] = await Promise.all([
      unnamedCallers(name, service),
      isKnown('cluster', name, service),
      isKnown('namespace', name, service),
    ]);
    const places = (['cluster', 'namespace'] as const).filter((_, at) => lists[at] === true);
    const seen = [...callers, ...places.map((field) => ({ field, name, isSeen: true }))];
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

/** Callers of that username, by a cluster each, or of that session name whom nobody can name. */
async function unnamedCallers(name: string, service: ServiceAccess): Promise<readonly NamedThing[]> {
  const { sessions } = await service.sessions({ status: 'unattributed', limit: MOST_UNNAMED });
  const things = sessions.flatMap((row): NamedThing[] => {
    const caller = objectAt(row, 'caller');
    if (textAt(caller, 'username') === name) {
      const first = parseInstant(textAt(row, 'first') ?? textAt(row, 'openedAt') ?? '');
      const thing = { field: 'username', name, from: first && epochMillis(startOfDay(first)), isSeen: true } as const;
      const clusters = textsAt(row, 'clusters') ?? [];
      return clusters.length === 0 ? [thing] : clusters.map((cluster) => ({ ...thing, cluster }));
    }
    const uid = parseUid(textAt(caller, 'uid') ?? '');
    if (textAt(caller, 'sessionName') !== name || uid?.kind !== 'role') return [];
    return [{ field: 'session', name: `${uid.roleId}:${name}`, isSeen: true }];
  });
  return [...new Map(things.map((thing) => [JSON.stringify(thing), thing])).values()].slice(0, MOST_THINGS);
}

/** For so many callers a command is shown. */
const MOST_THINGS = 3;

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

const UNNAMED = 'unidentified callers';
const WORDS: Readonly<Record<Field, string>> = {
  cluster: 'the name of a cluster',
  namespace: 'the name of a namespace',
  object: 'the name of a Kubernetes object',
  username: `the username of ${UNNAMED}`,
  session: `the session name of ${UNNAMED}`,
};

/** The answer, with what it is in place of what else could be asked about; beside that, where it may be another thing. */
export function withThings(answer: AnythingAnswer, things: readonly NamedThing[]): AnythingAnswer {
  if (things.length === 0) return answer;
  const isSure = things.every(({ isSeen }) => isSeen);
  const kinds = [...new Set(things.map(({ field }) => WORDS[field]))].join(' and ');
  const said = `It ${isSure ? 'is' : 'may be'} ${kinds}. List its requests instead.`;
  const hinted = ({ outcome, ...of }: SubjectAnswer): SubjectAnswer => {
    if (outcome.kind !== 'not-known') return { ...of, outcome };
    const hint = isSure || outcome.hint === undefined ? said : `${outcome.hint} ${said}`;
    const caller = things.find(({ field }) => field === 'username' || field === 'session');
    const why = caller === undefined ? outcome.why : 'No person, role or session with a grant was found by this name.';
    return { ...of, outcome: { ...outcome, why, hint } };
  };
  return { ...answer, found: answer.found.map(hinted) };
}
