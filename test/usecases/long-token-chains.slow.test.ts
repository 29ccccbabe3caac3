import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { SHARED } from '../evidence/cast.ts';
import { Service, SetClock } from './service.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

/** A day is the longest that a cluster of EKS issues a token for. */
const TIMES = ['2026-03-10T12:05:00Z', '2026-03-11T11:00:00Z', '2026-03-12T10:00:00Z', '2026-03-13T09:00:00Z'];
const USED = '2026-03-13T09:30:00Z';

const tokenOf = (number: number) => `JTI=4c1f5b1e-0000-4000-8000-00000000000${number}`;

function serviceAccount(number: number): JsonObject {
  return {
    username: 'system:serviceaccount:shop:deployer',
    extra: { 'authentication.kubernetes.io/credential-id': [tokenOf(number)] },
  };
}

/** The first token is a person's, each other one is made with the one before. */
const issued = TIMES.map((at, number) =>
  auditEvent({
    auditID: `issue-${number}`,
    user: number === 0 ? roleUser({ session: SHARED, key: null }) : serviceAccount(number - 1),
    verb: 'create',
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'deployer' },
    requestReceivedTimestamp: at,
    annotations: { 'authentication.kubernetes.io/issued-credential-id': tokenOf(number) },
  }),
);
const used = auditEvent({ auditID: 'used', user: serviceAccount(3), requestReceivedTimestamp: USED });

const session = (id: string, name: string, at: string) =>
  grant({
    id,
    by: iamUser(name),
    session: SHARED,
    key: `ASIASESSIONOF${id.toUpperCase()}0001`,
    at,
    until: at.replace(/T.*/, 'T23:59:00Z'),
  });

describe('a request with a token that was requested with tokens, days after the first', () => {
  it.each([
    [
      'is of whoever had the first one issued',
      [session('alice', 'alice', '2026-03-10T12:00:00Z')],
      ['attributed', 'alice'],
    ],
    [
      'is nobody’s where the first one’s issuer cannot be told from a namesake',
      [session('alice', 'alice', '2026-03-10T12:00:00Z'), session('mallory', 'mallory', '2026-03-10T11:59:00Z')],
      ['ambiguous', undefined],
    ],
    [
      'is nobody else’s who has the name since',
      [session('mallory', 'mallory', '2026-03-13T08:55:00Z')],
      ['pending', undefined],
    ],
  ])('%s', async (_, grants, expected) => {
    const clock = new SetClock(USED);
    const service = new Service(await dynalite.stores(clock.now), clock, { withoutLookups: true });
    await service.grants(grants);
    await service.ingest([...issued, used]);
    const { attribution } = await service.only('used');
    expect([attribution.status, attribution.actor?.name]).toEqual(expected);
    await service.settle();
    const settled = (await service.only('used')).attribution;
    expect([settled.status, settled.actor?.name]).toEqual(expected);
  });

  it('is open if a copy of an issuing event leads to a session of another day', async () => {
    const clock = new SetClock(USED);
    const service = new Service(await dynalite.stores(clock.now), clock, { withoutLookups: true });
    await service.grants([
      session('alice', 'alice', '2026-03-10T12:00:00Z'),
      session('mallory', 'mallory', '2026-03-13T08:55:00Z'),
      session('later', 'carol', '2026-03-13T23:00:00Z'),
    ]);
    await service.ingest([...issued, used]);
    expect((await service.only('used')).attribution.actor?.name).toBe('alice');
    await service.ingest([{ ...issued[3], user: roleUser({ session: SHARED, key: null }) }]);
    await service.settle();
    const { status, candidates } = (await service.only('used')).attribution;
    expect([status, candidates?.map(({ actor }) => actor.name).toSorted()]).toEqual([
      'ambiguous',
      ['alice', 'mallory'],
    ]);
  });
});
