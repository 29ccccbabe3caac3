import { parseUid } from '../../lib/identity/uid.ts';
import { objectAt, textAt, textsAt } from '../../lib/json.ts';
import type { RecognizedText } from '../../lib/recognize/recognition.ts';
import { type EpochMillis, epochMillis, parseInstant, startOfDay } from '../../lib/time.ts';
import { MOST_UNNAMED } from '../../lib/usecases/query/anything/namesakes.ts';
import type { AnythingAnswer, SubjectAnswer } from '../../lib/usecases/query/anything/outcomes.ts';
import { matcherOf } from '../../lib/usecases/query/filter.ts';
import { questionOf } from '../../lib/usecases/query/question.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { CommandError } from '../failures/command-error.ts';
import type { FilesPlace } from './places.ts';

/** The fields by which requests are searched, if a name is neither a person's nor a role's. */
const FIELDS = ['cluster', 'namespace', 'object'] as const;
type Field = (typeof FIELDS)[number] | 'username' | 'session';

/** A thing that has the pasted name, if no person and no role has it. */
export interface NamedThing {
  readonly field: Field;
  readonly name: string;
  /** The cluster in which a username was seen. No index leads to usernames. */
  readonly cluster?: string | undefined;
  readonly from?: EpochMillis | undefined;
  /** Whether a request has the name. If not, only some requests were searched, and others may have it. */
  readonly isSeen: boolean;
}

interface Places {
  readonly service?: ServiceAccess | undefined;
  readonly files?: Pick<FilesPlace, 'visit'> | undefined;
}

/** Returns the pasted name, if it is a single one and no person, role or session is known by it. */
export function nameOfNobody({ subjects, reading }: RecognizedText, { found }: AnythingAnswer): string | undefined {
  const [first] = subjects;
  const isUnknown = found.every(({ outcome }) => outcome.kind === 'not-known');
  return isUnknown && reading === 'first-known' && first?.by === 'person' ? first.person : undefined;
}

/**
 * Returns what has the name: a cluster, a namespace, an object of Kubernetes, or unidentified callers. Reads files once
 * more for it. From a service, it reads two lists of names, one page of unattributed sessions, and one page of records.
 * In files, unidentified callers are sessions like others.
 */
export async function namedThings(name: string, { service, files }: Places): Promise<readonly NamedThing[]> {
  if (service !== undefined) return namedInService(name, service);
  return files?.visit === undefined ? [] : namedInFiles(name, files.visit);
}

async function namedInFiles(name: string, visit: NonNullable<FilesPlace['visit']>): Promise<readonly NamedThing[]> {
  const fields = FIELDS.map((field) => ({ field, matches: matcherOf({ [field]: { any: [name] } }) }));
  const seen = new Set<Field>();
  await visit((record) => {
    for (const { field, matches } of fields) if (matches(record)) seen.add(field);
  });
  return FIELDS.filter((field) => seen.has(field)).map((field) => ({ field, name, isSeen: true }));
}

/**
 * Returns what the service knows by this name. Leaves out what the service cannot answer now, because the main answer
 * does not depend on it.
 */
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

/** Returns unidentified callers with that username, one for each cluster, or with that session name. */
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

/** The maximum number of callers for which a command is shown. */
const MOST_THINGS = 3;

/** Matches names as Kubernetes accepts them for most objects (DNS-1123), and with `:` for RBAC. */
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.:-]{0,251}[a-z0-9])?$/;

/** The number of records that one search reads, since no index leads to an object. */
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

/**
 * Returns the answer with a hint at what has the name. If that is not certain, the hint follows the one that was there.
 */
export function withThings(answer: AnythingAnswer, things: readonly NamedThing[]): AnythingAnswer {
  if (things.length === 0) return answer;
  const isSure = things.every(({ isSeen }) => isSeen);
  const kinds = [...new Set(things.map(({ field }) => WORDS[field]))].join(' and ');
  const advice = `It ${isSure ? 'is' : 'may be'} ${kinds}. List its requests instead.`;
  const hinted = ({ outcome, ...of }: SubjectAnswer): SubjectAnswer => {
    if (outcome.kind !== 'not-known') return { ...of, outcome };
    const hint = isSure || outcome.hint === undefined ? advice : `${outcome.hint} ${advice}`;
    const caller = things.find(({ field }) => field === 'username' || field === 'session');
    const why = caller === undefined ? outcome.why : 'No person, role or session with a grant was found by this name.';
    return { ...of, outcome: { ...outcome, why, hint } };
  };
  return { ...answer, found: answer.found.map(hinted) };
}
