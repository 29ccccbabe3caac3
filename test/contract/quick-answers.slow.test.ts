import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { KEY, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { NOW } from './now.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { storedRecord } from './stored-record.ts';

const ACCOUNT = 'system:serviceaccount:shop:web';
const alice = grant({ id: 'alice', by: iamUser('alice') });

function byAlice(auditID: string, namespace: string, impersonatedUser?: JsonObject) {
  const objectRef = { resource: 'pods', namespace, name: 'web-0', apiVersion: 'v1' };
  const time = utc(impersonatedUser === undefined ? '12:15:00' : '12:10:01');
  const event = { auditID, objectRef, requestReceivedTimestamp: time, responseStatus: { code: 200 } };
  return storedRecord({ ...eventBy(roleUser({ key: KEY }), event), ...(impersonatedUser && { impersonatedUser }) }, [
    alice,
  ]);
}

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

/** Issue 27, case 8: the page asks quickly first, within ten requests to the tables, and shows that answer until the whole one comes. */
describe('a service account that a person impersonated, among this many namespaces', () => {
  it.each([1, 30, 120])(
    '%i: the quick answer names the person, or says that not everything was searched',
    async (count) => {
      const stores = await dynalite.stores(() => NOW);
      const others = Array.from({ length: count }, (_, at) => byAlice(`other-${at}`, `namespace-${at}`));
      await stores.records.insert([byAlice('as web', 'shop', { username: ACCOUNT }), ...others]);
      const routes = routesOf(
        {
          tables: stores,
          clock: () => NOW,
          settings: DEFAULT_SETTINGS,
          deadline: DEFAULT_DEADLINE,
        },
        'all',
      );
      const ask = async (more: Readonly<Record<string, string>>) => {
        const body = await routes['/whois']?.(new URLSearchParams({ q: ACCOUNT, ...more }).toString(), () => undefined);
        return isJsonObject(body) ? body : {};
      };
      const whole = await ask({});
      expect(whole).toMatchObject({ sessions: [{ attribution: { actor: { name: 'alice' } } }] });
      const quick = await ask({ quick: 'true' });
      if (quick.complete !== false) expect(quick).toEqual(whole);
    },
  );
});
