import { expect, it } from 'vitest';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { listChanges } from '../../lib/usecases/changes/changes-query.ts';
import { lookupIn } from '../../lib/usecases/changes/file-changes.ts';
import { serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { eksCall } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { instant, memoryStores, SetClock } from './service.ts';

it('pages of changes leave out none of those with one event ID, even if all but one are forged', async () => {
  const clock = new SetClock(utc('13:00:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const call = (name: string, eventID: string) =>
    parseTrailRecord(
      eksCall('CreateAccessEntry', {}, { userIdentity: iamUser(name), eventTime: utc('12:00:00'), eventID }),
    );
  const calls = [call('mallory', '2'), call('alice', '2'), call('bob', '2'), call('carol', '1'), call('dora', '3')];
  await stores.sessions.add(calls.flatMap((facts) => (typeof facts === 'string' ? [] : [facts])));
  const service = { ...stores, whois: lookupIn({ known: new KnownGrants(), settings: DEFAULT_SETTINGS }) };
  const range = { from: instant(utc('00:00:00')), to: instant(utc('13:00:00')) };
  for (const limit of [1, 2, 3, 4, 5]) {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listChanges({ question: asking({}), range, limit, cursor }, service);
      names.push(...page.changes.map(({ caller }) => caller.arn?.split('/')[1] ?? ''));
      ({ cursor } = page);
    } while (cursor !== undefined);
    expect(names).toEqual(['carol', 'alice', 'bob', 'mallory', 'dora']);
  }
});

it('a report has the change of an account behind 3,000 newer ones of another, and says if it did not read all', async () => {
  for (const forged of [0, 3_000]) {
    const clock = new SetClock(utc('13:00:00'));
    const stores = memoryStores(calmWorld(clock.now));
    const call = (eventID: string, eventTime: string, recipientAccountId: string) =>
      parseTrailRecord(
        eksCall('CreateAccessEntry', {}, { userIdentity: iamUser('alice'), eventTime, eventID, recipientAccountId }),
      );
    const later = Array.from({ length: forged }, (_, at) => call(`${at}`, utc('12:30:00'), OTHER_ACCOUNT));
    const calls = [call('own', utc('12:00:00'), ACCOUNT), ...later];
    await stores.sessions.add(calls.flatMap((facts) => (typeof facts === 'string' ? [] : [facts])));
    const service = { ...stores, whois: lookupIn({ known: new KnownGrants(), settings: DEFAULT_SETTINGS }) };
    const range = { from: instant(utc('00:00:00')), to: instant(utc('13:00:00')) };
    const { clusterChanges } = serviceSources({
      clock: clock.now,
      records: async () => ({ records: [] }),
      known: async () => ({ known: [] }),
      whois: () => Promise.reject(new Error('nobody asks')),
      changes: (query) => listChanges({ ...query, range }, service),
    });
    const found = await clusterChanges?.(range);
    const own = found?.changes.filter(({ accountId }) => accountId === ACCOUNT);
    expect(own?.map(({ eventId }) => eventId)).toEqual(['own']);
    expect(found?.changes.at(-1)).toBe(own?.[0]);
    expect(found?.isCut).toBe(forged > 0 ? true : undefined);
  }
});
