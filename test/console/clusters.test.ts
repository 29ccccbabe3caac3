import { expect, it } from 'vitest';
import { rowsOf, titleOf } from '../../console/page/views/entity/subject.ts';
import type { KnownRow } from '../../lib/usecases/query/known-row.ts';

const [ONE, NINE] = ['111122223333', '999900001111'];
const arnOf = (account: string) => `arn:aws:eks:eu-west-1:${account}:cluster/prod`;
const row = (name: string, cluster: string, clusterArn?: string): KnownRow => ({
  kind: 'namespace',
  name,
  cluster,
  ...(clusterArn !== undefined && { clusterArn }),
  first: '2026-03-10T00:00:00Z',
  last: '2026-03-10T00:00:00Z',
});

it('has a page for each cluster, with its own namespaces', () => {
  const known = [row('shop', 'prod', arnOf(ONE)), row('pay', 'prod', arnOf(NINE)), row('shop', 'staging')];
  const subject = { kind: 'cluster', of: arnOf(NINE), cluster: undefined } as const;
  expect(titleOf(subject)).toBe('prod');
  expect(rowsOf(subject, known).map(({ name }) => name)).toEqual(['pay']);
  expect(rowsOf({ ...subject, of: 'prod' }, known).map(({ name }) => name)).toEqual(['shop', 'pay']);
  const namespace = { kind: 'namespace', of: 'shop', cluster: arnOf(ONE) } as const;
  expect(rowsOf(namespace, known)).toEqual([known[0]]);
});
