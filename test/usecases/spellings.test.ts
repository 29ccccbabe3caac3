import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { recognise } from '../../lib/recognise/recognise.ts';
import { MINUTE } from '../../lib/time.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { ServiceInformant } from '../../lib/usecases/query/anything/service-informant.ts';
import { listKnown } from '../../lib/usecases/query/known-query.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { whoisOfCaller } from '../../lib/usecases/query/whois.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

/** Two people of two accounts whose names differ in their letters alone, and a role each. */
const GRANTS = [
  grant({ id: 'small', by: iamUser('ana.silva') }),
  grant({
    id: 'large',
    by: iamUser('Ana.Silva', { accountId: '222233334444', principalId: 'AIDAOTHERANA00000001' }),
    session: 'other',
    key: ANOTHER_KEY,
    roleId: 'AROAOTHER00000000001',
    roleName: 'Project-Admin',
  }),
];
const EVENTS = [
  eventBy(roleUser({ key: KEY }), { auditID: 'small', requestReceivedTimestamp: utc('12:10:01') }),
  eventBy(roleUser({ session: 'other', key: ANOTHER_KEY, roleId: 'AROAOTHER00000000001', roleName: 'Project-Admin' }), {
    auditID: 'large',
    requestReceivedTimestamp: utc('12:10:02'),
  }),
];

async function askedOfService(text: string) {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const running = new Service(stores, clock);
  await running.grants(GRANTS);
  await running.ingest(EVENTS);
  await running.settleFor(5);
  const service = {
    ...stores,
    clock: clock.now,
    settings: DEFAULT_SETTINGS,
    deadline: 30 * MINUTE,
    lookups: undefined,
  };
  const informant = new ServiceInformant({
    records: (request) => queryRecords(request, stores),
    known: ({ kind, prefix, limit, cursor }) => listKnown(kind, prefix, { limit, position: cursor }, stores.directory),
    whois: ({ at, lookback, ...question }) => whoisOfCaller({ by: 'caller', question, at, lookback }, service),
  });
  const recognised = recognise(text);
  if (recognised.outcome !== 'subjects') throw new Error('nothing recognised');
  return answerAnything(recognised, informant);
}

describe('a name that is known in several spellings', () => {
  it.each(['ana.silva', 'Ana.Silva', 'ANA.SILVA'])('%s is answered with the people of all of them', async (text) => {
    const { found } = await askedOfService(text);
    expect(found).toMatchObject([
      {
        outcome: {
          sessions: [
            { attribution: { actor: { name: 'Ana.Silva' } } },
            { attribution: { actor: { name: 'ana.silva' } } },
          ],
        },
      },
    ]);
    expect(found[0]?.outcome).toHaveProperty('note', expect.stringContaining('written in several ways'));
  });

  it.each(['project-admin', 'PROJECT-ADMIN'])('%s is answered with the roles of all of them', async (text) => {
    const { found } = await askedOfService(text);
    expect(found).toMatchObject([{ outcome: { sessions: [{ accessKeyId: ANOTHER_KEY }, { accessKeyId: KEY }] } }]);
  });
});
