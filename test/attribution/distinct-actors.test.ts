import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Actor, sameActor } from '../../lib/attribution/actor.ts';
import { areAllOne, DistinctActors } from '../../lib/attribution/distinct-actors.ts';
import { Reads } from '../builders/counted-reads.ts';

const maybe = (...values: string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const drawnActor = fc.record({
  kind: fc.constantFrom('iam-user', 'aws-service', 'saml-user', 'assumed-role'),
  name: maybe('ana', 'ben', 'ec2.amazonaws.com'),
  accountId: maybe('111122223333', '444455556666'),
  principalId: maybe('AIDAANA', 'AIDABEN'),
  arn: maybe('arn:aws:iam::111122223333:user/ana', 'arn:aws:iam::111122223333:user/ben'),
  sessionName: maybe('one', 'two'),
}) as fc.Arbitrary<Actor>;
const drawnService = fc.tuple(drawnActor, maybe('i-1', 'i-2')).map(([actor, workload]) => ({
  ...actor,
  ...(actor.kind === 'aws-service' && { workload }),
}));

describe('different actors', () => {
  it('are the same as if each is compared with all before it', () => {
    fc.assert(
      fc.property(fc.array(drawnService, { maxLength: 20 }), (actors) => {
        const each: Actor[] = [];
        for (const actor of actors) if (!each.some((other) => sameActor(other, actor))) each.push(actor);
        const distinct = new DistinctActors();
        expect(actors.filter((actor) => distinct.add(actor))).toEqual(each);
      }),
    );
  });

  it.each([
    ['people', (at: number): Actor => ({ kind: 'iam-user', accountId: '111122223333', principalId: `AIDA${at}` })],
    ['instances', (at: number): Actor => ({ kind: 'aws-service', name: 'ec2.amazonaws.com', workload: `i-${at}` })],
    [
      'branches of a repository, whose tokens name no account',
      (at: number): Actor => ({ kind: 'web-identity-user', name: `repo:shop:ref:refs/heads/${at}`, provider: 'oidc' }),
    ],
    ['sessions by their ARN alone', (at: number): Actor => ({ kind: 'role-session', arn: `arn:aws:sts::1:${at}` })],
  ])('take twice the work if there are twice as many: %s', (_who, actor) => {
    const effort = (count: number) => {
      const reads = new Reads();
      const distinct = new DistinctActors();
      for (let at = 0; at < count; at += 1) expect(distinct.add(reads.of(actor(at)))).toBe(true);
      return reads.count;
    };
    expect(effort(500)).toBeGreaterThan(500);
    expect(effort(1_000) / effort(500)).toBeLessThan(2.1); // pair by pair it would be 4
  });
});

describe('actors that are the same pairwise', () => {
  it('are the same as if each is compared with all others', () => {
    fc.assert(
      fc.property(fc.array(drawnService, { maxLength: 4 }), (actors) => {
        expect(areAllOne(actors)).toBe(actors.every((one) => actors.every((other) => sameActor(one, other))));
      }),
    );
  });

  it.each([
    ['source identity', (at: number) => ({ sourceIdentity: `me-${at}` })],
    ['session name', (at: number) => ({ sessionName: `me-${at}` })],
  ])('take twice the work if there are twice as many, with another %s each', (_what, own) => {
    const effort = (count: number) => {
      const reads = new Reads();
      const one: Actor = { kind: 'iam-user', accountId: '111122223333', principalId: 'AIDAONE', name: 'one' };
      expect(areAllOne(Array.from({ length: count }, (_, at) => reads.of({ ...one, ...own(at) })))).toBe(true);
      return reads.count;
    };
    expect(effort(500)).toBeGreaterThan(500);
    expect(effort(1_000) / effort(500)).toBeLessThan(2.1); // pair by pair it would be 4
  });
});
