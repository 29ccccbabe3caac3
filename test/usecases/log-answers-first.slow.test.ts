import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { asRequests } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { cases } from '../builders/chance.ts';
import { utc } from '../builders/company.ts';
import {
  ALERTS,
  ARN,
  BOB_ALONE,
  BOBS,
  type Deed,
  errorLineOf,
  eventAbout,
  findingOf,
  GRANTS,
  MALLORYS,
  STRANGERS,
  timeOf,
  uriOf,
  world,
} from './pasted-texts.ts';
import { namedIn, overFiles, overService, reportOverFiles } from './pasted-world.ts';

/** The name to which each key leads. A stranger's key leads to nobody. */
const OWNERS: Readonly<Record<string, string>> = { [BOBS]: 'bob', [MALLORYS]: 'mallory' };

const ipOf = ({ key }: Deed) => (key === STRANGERS ? '45.83.64.11' : '198.51.100.7');

/** The fields of a line of another tool. Each can be left out. */
const LINE_FIELDS: Readonly<Record<string, (deed: Deed) => string>> = {
  time: ({ after }) => `time="${timeOf(after)}"`,
  user: () => `user="${ARN}"`,
  verb: () => 'verb=list',
  uri: (deed) => `uri=${uriOf(deed)}`,
  resp: ({ code }) => `resp=${code}`,
  srcIP: (deed) => `srcIP=${ipOf(deed)}`,
  auditID: () => 'auditID=deed-0', // the first deed in the log
  accessKeyId: ({ key }) => (key === null ? '' : `accessKeyId=${key}`),
};

/** The fields of a finding that can be left out, and those of a request among them. */
const FINDING_FIELDS = [
  ...['requestUri', 'verb', 'sourceIps', 'statusCode', 'userAgent', 'resource', 'namespace'],
  ...['uid', 'username', 'sessionName', 'name', 'arn', 'eventFirstSeen', 'eventLastSeen', 'groups'],
];
/** The fields of alerts of other tools that can be left out, and those of a request among them. */
const ALERT_FIELDS = [
  ...[
    'ka.user.name',
    'ka.verb',
    'ka.uri',
    'ka.target.resource',
    'ka.target.namespace',
    'ka.response.code',
    'ka.sourceips',
  ],
  ...['time', 'kibana.alert.original_time', '@timestamp', 'timestamp', 'action', 'cluster', 'objectRef', 'requestURI'],
  ...['responseStatus', 'user', 'source', 'usr', 'network', 'method', 'status_code', 'url_details', 'tags'],
];
const ALERTS_OF_REQUESTS = [
  ...['ka.verb', 'ka.uri', 'ka.target.resource', 'ka.target.namespace', 'ka.response.code', 'action', 'objectRef'],
  ...['requestURI', 'responseStatus', 'method', 'status_code', 'url_details'],
];
const OF_REQUESTS = ['requestUri', 'verb', 'statusCode', 'resource', 'uri', 'resp', 'auditID', 'namespace'];

function without(value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value;
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !names.has(name));
  return Object.fromEntries(kept.map(([name, each]) => [name, without(each, names)]));
}

/** Texts that state no caller and no single request. They name nobody, whatever the log has. */
const WITHOUT_CALLER = {
  question: ({ namespace }: Deed) => `who listed secrets in ${namespace}?`,
  'question about an object': () => 'who read secret db',
  'Kubernetes event': ({ after, namespace }: Deed) => JSON.stringify(eventAbout('Secret', { namespace, after })),
  'error line with its time': (deed: Deed) => `${timeOf(deed.after + 1_000)} ${errorLineOf(deed)}`,
  'error line with a time of day': (deed: Deed) => `[${timeOf(deed.after).slice(11, 19)}] ${errorLineOf(deed)}`,
  unauthorized: () => 'error: You must be logged in to the server (Unauthorized)',
} as const;

function isWithoutCaller(form: Draw['form']): form is keyof typeof WITHOUT_CALLER {
  return form in WITHOUT_CALLER;
}

interface Draw {
  readonly deeds: readonly Deed[];
  readonly hasMallory: boolean;
  readonly isInLog: boolean;
  readonly form: 'finding' | 'line' | 'error line' | 'session' | keyof typeof ALERTS | keyof typeof WITHOUT_CALLER;
  readonly dropped: readonly string[];
}

/** Returns the text that is pasted about the first deed. */
function textOf({ deeds: [deed], form, dropped, isInLog }: Draw): string {
  const described = deed ?? fail();
  if (form === 'error line') return errorLineOf(described);
  if (form === 'session') return ARN;
  if (isWithoutCaller(form)) return WITHOUT_CALLER[form](described);
  const names = new Set(isInLog ? dropped : [...dropped, 'auditID']);
  if (form === 'finding')
    return JSON.stringify({ ...(without(findingOf(described), names) as JsonObject), updatedAt: utc('12:55:00') });
  if (form !== 'line') return JSON.stringify(without(ALERTS[form](described), names));
  return Object.entries(LINE_FIELDS)
    .flatMap(([name, of]) => (names.has(name) ? [] : of(described)))
    .join(' ');
}

function fail(): never {
  throw new Error('There is a deed.');
}

/** Returns whether anything of the request is left in the text. */
function describesRequest({ form, dropped, isInLog }: Draw): boolean {
  if (form === 'error line' || form === 'session') return form === 'error line';
  if (isWithoutCaller(form)) return true;
  if (form in ALERTS) return ALERTS_OF_REQUESTS.some((name) => !dropped.includes(name));
  const all = form === 'finding' ? FINDING_FIELDS : Object.keys(LINE_FIELDS);
  return all.some((name) => OF_REQUESTS.includes(name) && !dropped.includes(name) && (isInLog || name !== 'auditID'));
}

/**
 * Returns the people whom an answer may name. Undefined if the log says nothing about it: no request is left in the text,
 * and nobody in the log is unidentified.
 */
function allowed(draw: Draw): ReadonlySet<string | undefined> | undefined {
  return isWithoutCaller(draw.form) ? new Set() : allowedByLog(draw);
}

function allowedByLog(draw: Draw): ReadonlySet<string | undefined> | undefined {
  const { deeds, isInLog, hasMallory } = draw;
  const [described, ...others] = deeds;
  if (described === undefined) return fail();
  const isByKey = draw.form === 'line' && !draw.dropped.includes('accessKeyId') && described.key !== null;
  if (isByKey && !describesRequest(draw)) return new Set([ownerOf(described, hasMallory)]);
  if (draw.form === 'session' || (!isInLog && !describesRequest(draw))) {
    const logged = isInLog ? deeds : others;
    return logged.some((each) => ownerOf(each, hasMallory) === undefined) ? new Set() : undefined;
  }
  if (isInLog) return new Set([ownerOf(described, hasMallory)]);
  // The log covers the time and does not have it, but it may have one that nothing in the text tells apart.
  const same = others.filter(({ after, namespace }) => isNear(after, described) && namespace === described.namespace);
  return new Set(same.map((each) => ownerOf(each, hasMallory)));
}

function isNear(after: number, described: Deed): boolean {
  return Math.abs(after - described.after) <= 2_000;
}

/** Whom the log shows for the deed. Without a key, the session's name leads to the only grant of that name. */
function ownerOf({ key }: Deed, hasMallory: boolean): string | undefined {
  if (key === null) return hasMallory ? undefined : 'bob';
  return key === MALLORYS && !hasMallory ? undefined : OWNERS[key];
}

const deed = fc.record({
  key: fc.constantFrom(BOBS, MALLORYS, STRANGERS, STRANGERS, null),
  after: fc.constantFrom(0, 1_000, 3_000, 4_900, 600_000),
  namespace: fc.constantFrom('shop', 'web'),
  code: fc.constantFrom(200, 403),
});
const drawn: fc.Arbitrary<Draw> = fc
  .constantFrom<Draw['form']>(
    'finding',
    'finding',
    'line',
    'line',
    'error line',
    'session',
    'falco',
    'elastic',
    'datadog',
    'question',
    'question about an object',
    'Kubernetes event',
    'error line with its time',
    'error line with a time of day',
    'unauthorized',
  )
  .chain((form) =>
    fc.record({
      deeds: fc
        .array(deed, { minLength: 1, maxLength: 4 })
        .map((deeds) => (form === 'error line' ? deeds.map((each) => ({ ...each, code: 403 })) : deeds)),
      hasMallory: fc.boolean(),
      isInLog: fc.boolean(),
      form: fc.constant(form),
      dropped: fc.subarray(
        form in ALERTS ? ALERT_FIELDS : form === 'finding' ? FINDING_FIELDS : Object.keys(LINE_FIELDS),
      ),
    }),
  );

function worldOf({ deeds, hasMallory, isInLog }: Draw) {
  const [, ...others] = deeds;
  return world(isInLog ? deeds : others, hasMallory ? GRANTS : BOB_ALONE);
}

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
afterEach(() => void vi.restoreAllMocks());

describe('a text made from a request, with fields left out, names nobody whom the log contradicts', () => {
  const PLACES = { files: overFiles, service: overService } as const;

  it.each(['files', 'service'] as const)('over %s', async (place) => {
    await fc.assert(
      fc.asyncProperty(drawn, async (draw) => {
        const text = textOf(draw);
        if (asRequests(recognize(text)).outcome !== 'subjects') return;
        const named = namedIn(await PLACES[place](worldOf(draw), text));
        const people = allowed(draw);
        expect(named.length <= 1 && (people === undefined || named.every((name) => people.has(name)))).toBe(true);
      }),
      { numRuns: cases(80) },
    );
  });

  it('in a report', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (draw) => {
        const text = textOf(draw);
        if (asRequests(recognize(text)).outcome !== 'subjects') return;
        const { who, next } = await reportOverFiles(worldOf(draw), text);
        const people = allowed(draw);
        if (people === undefined) return;
        const titles = next.flatMap(({ title }) => /^(?!If it was).*\b(bob|mallory)\b/.exec(title)?.[1] ?? []);
        expect([who?.name ?? [], titles].flat().filter((name) => !people.has(name))).toEqual([]);
      }),
      { numRuns: cases(60) },
    );
  });
});

describe('a row of a log, whose time is that at which the log wrote the event', () => {
  const row = ({ after }: Pick<Deed, 'after'>) =>
    `${timeOf(after)} cluster=prod-1 verb=list user.username="${ARN}" objectRef.resource=secrets objectRef.namespace=shop`;
  const ofBob: Deed = { key: BOBS, after: 0, namespace: 'shop', code: 200 };
  const ofMallory: Deed = { ...ofBob, key: MALLORYS, after: -1_500 };

  it.each<[string, readonly Deed[], number, readonly string[]]>([
    ['is the request just before it', [ofBob], 7, ['bob']],
    ['is no earlier request', [ofBob], 60_000, []],
    ['is no later request', [ofBob], -500, []],
    ['is not one of two', [ofBob, ofMallory], 7, []],
    ['is that just before it, and not an earlier one', [ofBob, { ...ofMallory, after: -60_000 }], 7, ['bob']],
  ])('%s', async (_, deeds, after, named) => {
    for (const ask of [overFiles, overService])
      expect(namedIn(await ask(world(deeds, GRANTS), row({ after })))).toEqual(named);
  });
});
