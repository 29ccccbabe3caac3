import { expect, it } from 'vitest';
import { routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

it.each([0, 60])(
  '/whois by audit ID says what the person used for the first time, whatever another account hands over: %i requests',
  async (forged) => {
    const clock = new SetClock(utc('12:30:00'));
    const stores = memoryStores(calmWorld(clock.now));
    const service = new Service(stores, clock);
    await service.grants([grant({ id: 'grant', session: 'alice-1', key: KEY, by: iamUser('alice') })]);
    const event = (auditID: string, at: string, ip: string) =>
      auditEvent({
        auditID,
        user: roleUser({ session: 'alice-1', key: KEY }),
        requestReceivedTimestamp: utc(at),
        sourceIPs: [ip],
      });
    const events = [
      event('usual', '12:10:00', '203.0.113.12'),
      event('again', '12:11:00', '203.0.113.12'),
      event('strange', '12:12:00', '45.83.64.11'),
    ];
    const logEvents = events.map((each, at) => ({ id: String(at), message: JSON.stringify(each) }));
    const log = { logGroup: '/aws/eks/prod/cluster', logStream: 'kube-apiserver-audit-1' };
    await service.ingestPayload({ messageType: 'DATA_MESSAGE', owner: ACCOUNT, ...log, logEvents }, 'delivery');
    const [model] = (await stores.records.read({ by: 'audit-id', auditId: auditIdOf('usual') }, {}, undefined).next(1))
      .records;
    if (model === undefined) throw new Error('no record was stored');
    const origin = { handedOverBy: OTHER_ACCOUNT };
    await stores.records.insert(
      Array.from({ length: forged }, (_, at) => {
        const auditId = auditIdOf(`forged-${at}`);
        return { ...model, id: `forged-${at}`, record: { ...model.record, auditId, origin } };
      }),
    );
    const tables = { ...stores, within: () => stores };
    const context = { tables, clock: clock.now, settings: DEFAULT_SETTINGS, deadline: DEFAULT_DEADLINE };
    const ask = (auditId: string) => routesOf(context, 'all')['/whois']?.(`auditId=${auditId}`, () => undefined);
    expect(await ask('strange')).toMatchObject({
      attribution: { actor: { name: 'alice' } },
      firstUses: { listed: [{ kind: 'source-ip', value: '45.83.64.11' }], compared: { requests: 3, before: 2 } },
    });
    expect(await ask('again')).not.toHaveProperty('firstUses.listed.0');
  },
);
