import { expect, it } from 'vitest';
import type { ServiceAccess } from '../../cli/access/service-access.ts';
import { candidateRequests } from '../../cli/records/candidates.ts';
import { emptyWords } from '../../cli/records/empty-answer.ts';
import { ReadRecords } from '../../cli/records/read.ts';

/** A service with lists that never end. */
class Endless implements ServiceAccess {
  asked = 0;

  async get(path: string): Promise<object> {
    this.asked += 1;
    const rows = [{ caller: { sessionName: 'etl' }, clusters: ['prod', 'prod-2'], namespaces: ['orders'] }];
    return path === '/records' ? { records: [], cursor: 'more' } : { sessions: rows, cursor: 'more' };
  }
}

it.each([
  [{ cluster: 'prdo', namespace: 'oders' }],
  [{ actor: 'Etl@example.com ' }],
  [{ session: 'AROAEXAMPLE123:elt' }],
  [{ auditId: 'x' }],
])('what is near %j is looked for in eight requests at most', async (question) => {
  const service = new Endless();
  const range = { from: '2026-03-10T00:00:00Z' };
  await emptyWords({ question, filter: {}, range, read: new ReadRecords({}), service });
  expect(service.asked).toBeLessThanOrEqual(8);
});

it('those in which somebody is one of several are looked for in twenty requests at most, which is said', async () => {
  const service = new Endless();
  expect(await candidateRequests('alice', {}, {}, service)).toEqual({ requests: [], isWhole: false });
  expect(service.asked).toBe(20);
});
