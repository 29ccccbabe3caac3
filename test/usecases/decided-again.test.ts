import { expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseTrustedProxy } from '../../lib/identity/trusted-proxy.ts';
import { eventBy } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, type Options, Service, SetClock } from './service.ts';

/** Returns a service without look-ups, and its stores. */
function service(options: Options) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  return { stores, running: new Service(stores, clock, { withoutLookups: true, ...options }) };
}

it('a proxied request stays with the first person whom a trusted proxy names, not with the one whom that person impersonated', async () => {
  const proxy = 'system:serviceaccount:pinniped-concierge:impersonation-proxy';
  const settings = { ...DEFAULT_SETTINGS, trustedProxies: [parseTrustedProxy(proxy)] };
  const { running, stores } = service({ settings });
  const user = {
    username: proxy,
    extra: { 'authentication.kubernetes.io/credential-id': ['JTI=4c1f5b1e-0000-4000-8000-000000000001'] },
  };
  const first = JSON.stringify({ username: 'alice', uid: 'u-1' });
  const extra = { 'original-user-info.impersonation-proxy.concierge.pinniped.dev': [first] };
  await running.ingest([eventBy(user, { impersonatedUser: { username: 'release-bot', uid: 'u-2', extra } })]);
  await running.settleFor(5);
  expect(stores.claims.all()).toMatchObject([{ summary: { count: 1 } }]); // it was looked through
  expect((await running.only()).attribution.actor).toMatchObject({ kind: 'proxied-user', name: 'alice', uid: 'u-1' });
});
