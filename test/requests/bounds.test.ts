import { expect, it } from 'vitest';
import type { ServiceAccess } from '../../cli/access/service-access.ts';
import { candidateRequests, candidatesQuestion } from '../../cli/records/answer.ts';
import { emptyWords } from '../../cli/records/empty-answer.ts';
import { asking } from '../builders/question.ts';

/** A service with lists that never end. */
class Endless implements ServiceAccess {
  fleet(): never {
    throw new Error('not asked');
  }

  leftOutByCeiling(): never {
    throw new Error('not asked');
  }

  requests = 0;

  records = async () => {
    this.requests += 1;
    return { records: [], cursor: 'more' };
  };

  async sessions() {
    this.requests += 1;
    const row = { caller: { sessionName: 'etl' }, clusters: ['prod', 'prod-2'], namespaces: ['orders'] };
    return { sessions: [row], cursor: 'more' };
  }

  async unrecorded() {
    this.requests += 1;
    return [];
  }

  async known() {
    this.requests += 1;
    return { known: [], cursor: 'more' };
  }

  async changes() {
    this.requests += 1;
    return { changes: [], cursor: 'more' };
  }

  async whois() {
    this.requests += 1;
    return undefined;
  }

  async related() {
    this.requests += 1;
    return undefined;
  }
}

it.each([
  [{ cluster: 'prdo', namespace: 'oders' }],
  [{ actor: 'Etl@example.com ' }],
  [{ session: 'AROAEXAMPLE123:elt' }],
  [{ auditId: 'x', verb: 'get', code: '403', object: 'a', ip: '10.0.0.0/8', method: 'use' }],
])('what is near %j is looked for in ten requests at most', async (question) => {
  const service = new Endless();
  await emptyWords({ question: asking({ ...question, from: '2026-03-10T00:00:00Z' }), service, options: {} });
  expect(service.requests).toBeLessThanOrEqual(10);
});

it('a workload of a service is a known name, since its service is listed with it', async () => {
  const times = { first: '2026-03-10T00:00:00Z', last: '2026-03-10T00:00:00Z' };
  const instance = { kind: 'actor', name: 'ec2.amazonaws.com', workload: 'i-0abc0abc0abc0abc0', ...times } as const;
  const service = Object.assign(new Endless(), { known: async () => ({ known: [instance] }) });
  const wordsOf = (actor: string) => emptyWords({ question: asking({ actor }), service, options: {} });
  expect(await wordsOf('i-0abc0abc0abc0abc0')).toEqual(['No records for actor i-0abc0abc0abc0abc0.']);
  expect(await wordsOf('ec2.amazonaws.com (i-0abc0abc0abc0abc0)')).toHaveLength(1);
  expect((await wordsOf('i-0abc0abc0abc0abc1')).join(' ')).toContain('No records for actor i-0abc0abc0abc0abc1');
});

it('an empty answer says which reads the service does not record, unless others were asked for', async () => {
  const service = Object.assign(new Endless(), { unrecorded: async () => ['leases', 'events'] });
  const wordsOf = (filter: Parameters<typeof asking>[0]) =>
    emptyWords({ question: asking(filter), service, options: {} });
  expect((await wordsOf({ ip: '198.51.100.7' })).at(-1)).toMatch(/does not record reads of leases, events/);
  expect((await wordsOf({ verb: 'list' })).at(-1)).toMatch(/does not record reads of leases, events/);
  expect((await wordsOf({ verb: 'delete' })).join()).not.toContain('does not record');
});

it('requests with somebody as a candidate are searched in at most twenty requests, and the answer says that it is incomplete', async () => {
  const service = new Endless();
  const question = candidatesQuestion(asking({ actor: 'alice' }));
  expect(question).toEqual(asking({ candidate: 'alice', status: 'ambiguous' }));
  expect(await candidateRequests(question ?? asking({}), service)).toEqual({ requests: [], isComplete: false });
  expect(service.requests).toBe(20);
});
