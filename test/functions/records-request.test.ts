import { describe, expect, it } from 'vitest';
import { problemOf } from '../../functions/http/problem.ts';
import { epochMillis } from '../../lib/time.ts';
import { tagOf, writeCursor } from '../../lib/usecases/query/cursor.ts';
import { recordsRequest, sessionsRequest } from '../../lib/usecases/query/parameters.ts';
import { queryRecords, tagOfQuestion } from '../../lib/usecases/query/records-query.ts';
import { listSessions } from '../../lib/usecases/query/sessions-query.ts';
import { asking } from '../builders/question.ts';
import { MemoryClaims } from '../stand-ins/memory/memory-claims.ts';
import { MemoryDirectory } from '../stand-ins/memory/memory-directory.ts';
import { MemoryRecords } from '../stand-ins/memory/memory-records.ts';
import { MemorySessions } from '../stand-ins/memory/memory-sessions.ts';
import { MemoryWaits } from '../stand-ins/memory/memory-waits.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';

const world = calmWorld(() => epochMillis(Date.parse('2026-03-10T12:00:00Z')));
const records = new MemoryRecords(world);
const stores = {
  sessions: new MemorySessions(world),
  records,
  directory: new MemoryDirectory(records, world.clock),
  claims: new MemoryClaims(world),
  waits: new MemoryWaits(world),
};

/** Returns the problem with which `/records` refuses the query; undefined if it answers. */
async function refusal(query: Readonly<Record<string, string>> | string) {
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

it('/records refuses a value that is not percent-encoded, because it would match nothing', () => {
  for (const query of ['actor=%zz', 'actor=a%', 'actor=%ff', 'limit=1&actor=%e2%82'])
    expect(() => recordsRequest(query), query).toThrow('This is not valid percent-encoded UTF-8');
  expect(recordsRequest('actor=100%25+%C3%A9').question).toEqual(asking({ actor: '100% é' }));
});

describe('/records refuses, naming the parameter,', () => {
  it.each([
    ['a question that asks nothing', '', 'from', 'Give a time range, or one of actor'],
    ['what is no parameter', 'actor=a&colour=red', 'colour', 'Unknown parameter.'],
    ['a session that is none', 'session=AROA:', 'session', 'Give AROA…:<session name>'],
    ['a status that is none', 'status=nameless', 'status', 'Give one of attributed'],
    ['a status code that is none', 'notCode=9xx', 'notCode', 'Give a response code'],
    ['an address that is none', 'ip=10.0.0', 'ip', 'Give an IP address, or a CIDR block'],
    ['a value that is empty', 'verb=', 'verb', 'Give 1 to 2048 characters'],
    ['a value longer than anything', `object=${'x'.repeat(2_049)}`, 'object', 'Give 1 to 2048 characters'],
    [
      'more values than anybody asks',
      Array.from({ length: 51 }, (_, at) => `object=${at}`).join('&'),
      'object',
      'Give at most 50 values',
    ],
    ['a time that is none', 'to=noon', 'to', 'RFC 3339'],
    ['a time range that ends before it begins', 'from=2026-03-11T00:00:00Z&to=2026-03-10T00:00:00Z', 'from', 'later'],
    [
      'a time given twice',
      'from=2026-03-10T00:00:00Z&from=2026-03-11T00:00:00Z',
      'from',
      'Give this parameter only once.',
    ],
    ['a limit given twice', 'actor=a&limit=1&limit=2', 'limit', 'Give this parameter only once.'],
    ['a hurry that is neither', 'actor=a&quick=yes', 'quick', 'Give one of true, false.'],
    ['what is neither true nor false', 'noSystem=yes', 'noSystem', 'Give true or false.'],
  ])('%s', async (_what, query, parameter, detail) => {
    const problem = await refusal(query);
    expect(problem).toMatchObject({ status: 400, parameter });
    expect(problem?.detail).toContain(detail);
  });
});

describe('a cursor that /records did not give out for the question', () => {
  const cursors: readonly (readonly [string, Readonly<Record<string, string>>, object])[] = [
    ['nothing in it but the question', { actor: 'alice' }, {}],
    ['of another question', { actor: 'alice' }, { records: `${TIME} x`, of: 'abc' }],
    ['of no question', { actor: 'alice' }, { records: `${TIME} x`, of: undefined }],
    ['a place that is none', { actor: 'alice' }, { records: 'zzz' }],
    ['a place above all times', { actor: 'alice' }, { records: '~' }],
    ['another question’s list', { actor: 'alice' }, { records: `${TIME} x`, list: 'pending' }],
    ['a place of claims', PLACE, { claims: `${TIME} x` }],
    ['a list of sessions, as one had before', { session: SESSION }, { records: `${TIME} x`, list: '[]' }],
    ['a list of sessions', { status: 'pending' }, { list: '[]', claims: `${TIME} x` }],
    ['a place of claims that is none', { status: 'unattributed' }, { claims: 'zzz' }],
  ];

  it.each(cursors)('%s', async (_what, query, cursor) => {
    const text = writeCursor({ of: tagOfQuestion(asking(query)), ...cursor });
    expect(await refusal({ ...query, cursor: text })).toMatchObject({ status: 400, parameter: 'cursor' });
  });

  it.each([['a list'], ['"text"'], ['{'], ['\u{1f600}']])('nor anything else: %s', async (text) => {
    const cursor = Buffer.from(text).toString('base64url');
    expect(await refusal({ actor: 'alice', cursor })).toMatchObject({ status: 400, parameter: 'cursor' });
  });

  it('but accepts one that it could have issued, with values in any order', async () => {
    const taken = async (query: Readonly<Record<string, string>>, cursor: object) =>
      refusal({ ...query, cursor: writeCursor({ ...cursor, of: tagOfQuestion(asking(query)) }) });
    expect(await taken({ actor: 'alice' }, { records: `${TIME} x` })).toBeUndefined();
    expect(await taken({ session: SESSION }, { records: `${TIME} x` })).toBeUndefined();
    expect(await taken({ status: 'unattributed' }, { claims: `${TIME} x` })).toBeUndefined();
  });

  const ofSessions = (query: Readonly<Record<string, string>>) =>
    listSessions(sessionsRequest(new URLSearchParams(query).toString()), stores.claims).then(
      () => undefined,
      problemOf,
    );

  it.each([
    { cursor: 'pending~zzz' },
    { cursor: 'pending~' },
    { cursor: `pending~${TIME} x`, status: 'partial' },
    { cursor: writeCursor({ claims: `${TIME} x`, status: 'system', of: tagOf('sessions ') }) },
    { cursor: writeCursor({ claims: `${TIME} x`, status: 'pending', of: tagOf('sessions partial') }) },
    { cursor: writeCursor({ claims: `${TIME} x`, of: tagOfQuestion(asking({ status: 'pending' })) }) },
  ])('/sessions also refuses a cursor that it did not issue: $cursor', async (query) => {
    expect(await ofSessions(query)).toMatchObject({ status: 400, parameter: 'cursor' });
  });
});
