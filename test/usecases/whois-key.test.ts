import { expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { MINUTE } from '../../lib/time.ts';
import { whois } from '../../lib/usecases/query/whois.ts';
import { ACCOUNT, KEY, utc } from '../builders/company.ts';
import { userId } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, ListedTrail, memoryStores, SetClock } from './service.ts';

it("whois asks CloudTrail whose the key is that is given beside a user's uid, though the uid names the user", async () => {
  const clock = new SetClock(utc('13:00:00'));
  const trail = new ListedTrail();
  trail.records = [grant({ key: KEY })];
  const stores = memoryStores(calmWorld(clock.now));
  const service = { ...stores, clock: clock.now, settings: DEFAULT_SETTINGS, deadline: 30 * MINUTE };
  const lookups = trail.lookups({ claim: 'a-claim', keep: async () => undefined, read: [] });
  const user = { uid: `aws-iam-authenticator:${ACCOUNT}:${userId('bob')}`, username: 'bob' };
  const asked = (question: object) =>
    whois({ by: 'caller', question, at: instant(utc('12:05:00')), lookback: undefined }, { ...service, lookups });

  expect(await asked(user)).toMatchObject({ attribution: { status: 'attributed', method: 'direct' } });
  expect(await asked({ ...user, accessKeyId: KEY })).toMatchObject({
    attribution: { status: 'unattributed', reason: 'access-key-contradicts-session' },
    caller: { kind: 'iam-user', accessKeyId: KEY },
  });
});
