import { describe, expect, it } from 'vitest';
import { routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { openClaim } from '../../lib/claims/opening.ts';
import { formatInstant, MINUTE } from '../../lib/time.ts';
import { questionOf } from '../../lib/usecases/query/question.ts';
import { RecordsInMemory } from '../../lib/usecases/query/records-in-memory.ts';
import { intent } from '../contract/intents.ts';
import { later, NOW } from '../contract/now.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores } from '../usecases/service.ts';

const FUTURE = '2099-01-01T00:00:00Z';
const SOON = formatInstant(later(4 * MINUTE));
const SINCE = formatInstant(later(-60 * MINUTE));

const event = (auditID: string, time: string) => storedRecord({ auditID, requestReceivedTimestamp: time });
/** A request, one of a cluster whose clock is a little ahead, and events that an account forged. */
const EVENTS = [
  event('real', formatInstant(later(-MINUTE))),
  event('ahead', SOON),
  ...Array.from({ length: 30 }, (_, at) => event(`forged-${at}`, FUTURE)),
];

interface Answer {
  readonly records: readonly { readonly auditId: string }[];
  readonly note?: string;
}

async function overService(query: string): Promise<Answer> {
  const stores = memoryStores(calmWorld(() => NOW));
  await stores.records.insert(EVENTS);
  return ask(stores, '/records', query);
}

async function ask(stores: ReturnType<typeof memoryStores>, path: string, query: string) {
  const tables = { ...stores, within: () => stores };
  const routes = routesOf({ tables, clock: () => NOW, settings: DEFAULT_SETTINGS, deadline: DEFAULT_DEADLINE }, 'all');
  return JSON.parse(JSON.stringify(await routes[path]?.(query, () => undefined)));
}

async function overFiles(query: string): Promise<Answer> {
  const { limit, ...times } = Object.fromEntries(new URLSearchParams(query));
  const records = new RecordsInMemory({ now: NOW, holdersOf: () => [] });
  for (const { record } of EVENTS) records.add(record, undefined);
  const range = Object.fromEntries(Object.entries(times).map(([name, text]) => [name, Date.parse(text)]));
  return records.records({ question: questionOf([], range), limit: Number(limit) });
}

const idsOf = ({ records }: Answer) => records.map(({ auditId }) => auditId);

describe.each([
  ['a service', overService],
  ['files', overFiles],
])('a time range of %s', (_, asked) => {
  it('ends now if it states no end, and says that there are later records', async () => {
    const answer = await asked(`from=${SINCE}&limit=10`);
    expect(idsOf(answer)).toEqual(['ahead', 'real']);
    expect(answer.note).toContain('in the future');
  });

  it('has later records if it states an end', async () => {
    const answer = await asked(`from=${SINCE}&to=2100-01-01T00:00:00Z&limit=100`);
    expect(idsOf(answer)).toHaveLength(32);
    expect(answer.note).toBeUndefined();
  });
});

it('a forged event of the future is found by its audit ID', async () => {
  expect(idsOf(await overService(`from=${SINCE}&auditId=forged-1`))).toEqual(['forged-1']);
});

it.each([['status=unattributed&'], ['']])('/sessions has sessions of the future last: %s', async (status) => {
  const stores = memoryStores(calmWorld(() => NOW));
  const opened = [['real', later(0)], ...Array.from({ length: 9 }, (_, at) => [`forged-${at}`, Date.parse(FUTURE)])];
  for (const [id, at] of opened as [string, typeof NOW][])
    await stores.claims.change(id, (claim) =>
      openClaim(claim, intent(id, { status: 'unattributed', first: at, last: at }), NOW),
    );
  const ids = async (query: string) => {
    const { sessions, cursor } = await ask(stores, '/sessions', `${status}${query}`);
    return { ids: sessions.map(({ id }: { readonly id: string }) => id), cursor };
  };
  const first = await ids('limit=3');
  expect(first.ids[0]).toBe('real');
  const all = await ids('limit=100');
  expect(all.ids).toHaveLength(10);
  expect(all.ids[0]).toBe('real');
});

it('/records by status has the records of sessions of the future last', async () => {
  const stores = memoryStores(calmWorld(() => NOW));
  for (const stored of EVENTS.slice(0, 9)) {
    const [id, session, at] = [`claim-${stored.record.auditId}`, stored.session ?? '', stored.at ?? NOW];
    await stores.claims.change(id, (claim) =>
      openClaim(claim, { ...intent(id, { status: 'pending', first: at, last: at }), session }, NOW),
    );
    await stores.records.insert([{ ...stored, claimId: id }]);
  }
  const answer = await ask(stores, '/records', `status=pending&from=${SINCE}`);
  expect(idsOf(answer)).toEqual(['ahead', 'real']);
  const all = await ask(stores, '/records', 'status=pending');
  expect(idsOf(all).slice(0, 2)).toEqual(['ahead', 'real']);
  expect(all.records).toHaveLength(9);
});
