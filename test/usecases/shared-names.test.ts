import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { iamUser, roleSession, samlUser } from '../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { type MemoryStores, memoryStores, Service, SetClock } from './service.ts';

const SHARED = 'EKSGetTokenAuth';
const keyOf = (token: number) => `ASIATOKEN${String(token).padStart(11, '0')}`;

/** Every engineer's every token is a session of this name, with a key of its own. */
describe('claims with a session name that everybody uses', () => {
  let stores: MemoryStores;
  let running: Service;
  let clock: SetClock;

  beforeEach(() => {
    clock = new SetClock(utc('12:11:00'));
    stores = memoryStores(calmWorld(clock.now));
    running = new Service(stores, clock, { withoutLookups: true });
  });

  const open = () => stores.claims.all().filter(({ due }) => due !== undefined).length;
  const tokenOf = (token: number, more: GrantOptions = {}): JsonObject =>
    grant({ session: SHARED, key: keyOf(token), id: `grant-${token}`, ...more });
  const eventOf = (token: number, auditID = `audit-${token}`): JsonObject =>
    eventBy(roleUser({ session: SHARED, key: keyOf(token) }), { auditID });
  const reasonOf = async (token: number) => (await running.only(`audit-${token}`)).attribution.reason;

  it('do not change when grants issue other access keys', async () => {
    for (let token = 0; token < 20; token += 1) await running.ingest([eventOf(token)], `delivery-${token}`);
    await running.settle();
    for (let token = 0; token < 20; token += 1) await running.grants([tokenOf(token)]);
    await running.settleFor(5);
    expect(stores.claims.all().map(({ status }) => status)).toEqual(Array(20).fill('attributed'));
    expect(open()).toBe(0);
    await running.grants([tokenOf(99, { at: utc('12:12:00') })]);
    expect(open()).toBe(0);
  });

  it('change their reason only when the first grant with the name becomes known', async () => {
    for (const token of [1, 2]) await running.ingest([eventOf(token)], `delivery-${token}`);
    await running.settleFor(40);
    expect(await reasonOf(1)).toBe('no-matching-grant');
    expect(open()).toBe(0);
    await running.grants([tokenOf(98)]);
    expect(open()).toBe(2);
    await running.settleFor(5);
    expect([await reasonOf(1), await reasonOf(2)]).toEqual(['access-key-not-seen', 'access-key-not-seen']);
    await running.grants([tokenOf(99)]);
    expect(open()).toBe(0);
    await running.grants([tokenOf(1)]);
    expect(open()).toBe(1);
  });

  it('are woken by a grant with the session start that a use of their key states, whichever key it issued', async () => {
    await running.ingest([eventOf(1), eventOf(2)]);
    const session = { roleId: ROLE_ID, roleName: ROLE_NAME, session: SHARED };
    await running.grants([callBy(roleSession({ ...session, key: keyOf(1), began: utc('12:00:00') }))]);
    await running.settleFor(40);
    await running.grants([tokenOf(99, { at: utc('12:00:00') })]);
    await running.settleFor(5);
    expect((await running.only('audit-1')).attribution).toMatchObject({
      status: 'attributed',
      method: 'session-start',
      flags: ['key-not-listed'],
    });
    expect(await reasonOf(2)).toBe('access-key-not-seen');
  });

  it('are woken by Identity Center’s grant with the name, which can replace the key', async () => {
    const center: GrantOptions = {
      eventName: 'AssumeRoleWithSAML',
      by: samlUser('alice', 'AWSSSO_0a1b2c3d_DO_NOT_DELETE'),
      path: '/aws-reserved/sso.amazonaws.com/eu-west-1/',
      request: { principalArn: 'arn:aws:iam::111122223333:saml-provider/AWSSSO_0a1b2c3d_DO_NOT_DELETE' },
    };
    await running.ingest([eventOf(1)]);
    await running.grants([tokenOf(98)]);
    await running.settleFor(40);
    expect(await reasonOf(1)).toBe('access-key-not-seen');
    await running.grants([tokenOf(99, center)]);
    await running.settleFor(5);
    const { attribution } = await running.only('audit-1');
    expect(attribution).toMatchObject({ status: 'attributed', method: 'session-name', actor: { name: 'alice' } });
    expect(attribution.flags).toEqual(['access-key-mismatch']);
  });

  it('without a key are decided again by each grant with the name, because each is a candidate', async () => {
    await running.ingest([eventBy(roleUser({ session: SHARED, key: null }), { auditID: 'audit-1' })]);
    await running.grants([tokenOf(1)]);
    await running.settleFor(40);
    expect((await running.only('audit-1')).attribution.status).toBe('attributed');
    await running.grants([tokenOf(2, { by: iamUser('bob') })]);
    await running.settleFor(5);
    expect((await running.only('audit-1')).attribution.status).toBe('ambiguous');
  });
});
