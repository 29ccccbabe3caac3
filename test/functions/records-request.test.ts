import { describe, expect, it } from 'vitest';
import { problemOf } from '../../functions/http/faults.ts';
import { recordsRequest } from '../../functions/http/records-request.ts';
import { sessionsRequest } from '../../functions/http/sessions-request.ts';
import { epochMillis } from '../../lib/time.ts';
import { writeCursor } from '../../lib/usecases/query/cursor.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { listSessions } from '../../lib/usecases/query/sessions-query.ts';
import { MemoryClaims } from '../stand-ins/memory/memory-claims.ts';
import { MemoryRecords } from '../stand-ins/memory/memory-records.ts';
import { MemorySessions } from '../stand-ins/memory/memory-sessions.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';

const world = calmWorld(() => epochMillis(Date.parse('2026-03-10T12:00:00Z')));
const stores = {
  sessions: new MemorySessions(world),
  records: new MemoryRecords(world),
  claims: new MemoryClaims(world),
};

/** What `/records` answers with in place of records. */
async function refusal(query: Readonly<Record<string, string>>) {
  try {
    await queryRecords(recordsRequest(new URLSearchParams(query).toString()), stores);
    return undefined;
  } catch (error) {
    return problemOf(error);
  }
}

const PLACE = { cluster: 'prod', namespace: 'shop' };
const SESSION = 'AROAEXAMPLE:bob';
const TIME = '01773137528246810';

it('/records refuses what is not percent-encoded, which would be found nowhere', () => {
  for (const query of ['actor=%zz', 'actor=a%', 'actor=%ff', 'limit=1&actor=%e2%82'])
    expect(() => recordsRequest(query), query).toThrow('It is not percent-encoded as UTF-8');
  expect(recordsRequest('actor=100%25+%C3%A9').question).toEqual({ by: 'actor', actor: '100% é' });
});

describe('/records asked by too much', () => {
  it.each([
    [{ ...PLACE, session: SESSION }, 'session'],
    [{ ...PLACE, auditId: 'a' }, 'auditId'],
    [{ ...PLACE, actor: 'alice' }, 'actor'],
    [{ cluster: 'prod', session: SESSION }, 'cluster'],
    [{ namespace: 'shop', status: 'pending' }, 'status'],
    [{ actor: 'alice', session: SESSION }, 'session'],
  ])('%o: %s is what is too much', async (query, parameter) => {
    const problem = await refusal(query as unknown as Record<string, string>);
    expect(problem).toMatchObject({ status: 400, parameter });
  });

  it('says what stands beside it', async () => {
    const problem = await refusal({ ...PLACE, session: SESSION });
    expect(problem?.detail).toContain('cluster with namespace is given too');
  });
});

describe('a cursor that /records did not give out for the question', () => {
  const cursors: readonly (readonly [string, Readonly<Record<string, string>>, object])[] = [
    ['nothing in it', { actor: 'alice' }, {}],
    ['a place that is none', { actor: 'alice' }, { records: 'zzz' }],
    ['a place above all times', { actor: 'alice' }, { records: '~' }],
    ['another question’s list', { actor: 'alice' }, { records: `${TIME} x`, list: 'pending' }],
    ['a place of claims', PLACE, { claims: `${TIME} x` }],
    ['no list', { session: SESSION }, { records: `${TIME} x` }],
    ['another session', { session: SESSION }, { list: 'AROAEXAMPLE:carol', records: `${TIME} x` }],
    ['a list that there is not', { status: 'pending' }, { list: 'everything' }],
    ['no list of claims', { status: 'pending' }, { claims: `${TIME} x` }],
    ['a place of claims that is none', { status: 'unattributed' }, { list: 'unattributed', claims: 'zzz' }],
    ['a lighter list than asked for', { status: 'unattributed' }, { list: 'partial' }],
    ['a text in place of an object', { actor: 'alice' }, [`${TIME} x`]],
  ];

  it.each(cursors)('%s', async (_what, query, cursor) => {
    const text = btoa(JSON.stringify(cursor)).replaceAll('=', '');
    expect(await refusal({ ...query, cursor: text })).toMatchObject({ status: 400, parameter: 'cursor' });
  });

  it('one that could have been given out is taken', async () => {
    expect(await refusal({ actor: 'alice', cursor: writeCursor({ records: `${TIME} x` }) })).toBeUndefined();
    const list = writeCursor({ list: SESSION, records: `${TIME} x` });
    expect(await refusal({ session: SESSION, cursor: list })).toBeUndefined();
    const claims = writeCursor({ list: 'unattributed', claims: `${TIME} x` });
    expect(await refusal({ status: 'unattributed', cursor: claims })).toBeUndefined();
  });

  it('/sessions refuses a place that is none, too', async () => {
    const request = sessionsRequest('cursor=pending~zzz');
    const problem = await listSessions(request.list, request, stores.claims).then(() => undefined, problemOf);
    expect(problem).toMatchObject({ status: 400, parameter: 'cursor' });
  });
});
