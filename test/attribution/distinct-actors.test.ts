import { expect, it } from 'vitest';
import { identified } from '../../lib/attribution/actor.ts';
import { areAllOne, DistinctActors } from '../../lib/attribution/distinct-actors.ts';

const ana = identified({ kind: 'iam-user', accountId: '111122223333', principalId: 'AIDAANA', name: 'ana' });
const renamed = identified({ kind: 'iam-user', accountId: '111122223333', principalId: 'AIDAANA', name: 'anna' });
const [one, two] = ['i-1', 'i-2'].map((workload) => identified({ kind: 'aws-service', name: 'ec2', workload }));

it('several actors are listed once each, and a service once for each workload', () => {
  const distinct = new DistinctActors();
  expect([ana, renamed, one, one, two].map((actor) => actor && distinct.add(actor))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
});

it('several actors are one if each two are the same', () => {
  expect(
    [[], [ana], [ana, renamed], one && [ana, one], one && two && [one, two]].map((all) => all && areAllOne(all)),
  ).toEqual([true, true, true, false, false]);
});
