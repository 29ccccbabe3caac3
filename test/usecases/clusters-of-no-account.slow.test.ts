import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { JsonObject } from '../../lib/json.ts';
import { DAY, epochMillis, formatInstant, HOUR } from '../../lib/time.ts';
import { NamedTroubles, watch } from '../../lib/usecases/heartbeats/watch.ts';
import { takeHandedOver } from '../../lib/usecases/ingest/deliveries.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { busEvent } from '../functions/deployed.ts';
import { MemoryOutbox } from '../stand-ins/memory/memory-outbox.ts';
import { Service, SetClock } from './service.ts';

/** The account with the centralized log group, which holds copies of the log of the cluster `prod` of account B. */
const [LOGS, OF_B, FORGING] = ['222233334444', '555566667777', '999900001111'];
const LOG = { messageType: 'DATA_MESSAGE', logGroup: '/aws/eks/prod/cluster', logStream: 'kube-apiserver-audit-1' };
const TOKEN = 'JTI=4c1f5b1e-0000-4000-8000-000000000001';
const OF_DEPLOYER = '/api/v1/namespaces/shop/serviceaccounts/deployer/token';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

/** A hub, to which two accounts hand over events of a cluster `prod` that they state to be of account B. */
async function hub() {
  const clock = new SetClock(utc('12:10:00'));
  const stores = await dynalite.stores(clock.now);
  const service = new Service(stores, clock, { withoutLookups: true });
  const outbox = new MemoryOutbox();
  const taking = {
    ...stores,
    ...{ rejects: outbox, metrics: outbox, clock: clock.now, digest: sha256, settings: DEFAULT_SETTINGS },
    ...{ alertOn: [], memory: new KeyMemory(), recording: RECORD_ALL, ceiling: 0 },
  };
  const expected = { clusterSilence: DAY, clusters: [], accounts: [], hasTrail: false, ceiling: 0 };
  const watching = { ...stores, clock: clock.now, metrics: outbox, expected, named: new NamedTroubles() };
  return {
    ...{ clock, service, stores },
    async send(account: string, events: readonly JsonObject[], logGroup = LOG.logGroup) {
      const extractedFields = { '@aws.account': OF_B, '@aws.region': 'eu-west-1' };
      const logEvents = events.map((event) => ({ message: JSON.stringify(event), extractedFields }));
      const data = gzipSync(JSON.stringify({ ...LOG, logGroup, owner: account, logEvents })).toString('base64');
      const event = busEvent({ awslogs: { data }, region: 'eu-west-1' }, account);
      await takeHandedOver(
        event,
        { inflate: inflatePayload, samples: 20, counted: [{ names: 'own-*', content: 'audit' }] },
        taking,
      );
    },
    async recordOf(auditId: string) {
      const question = { by: 'audit-id', auditId: auditIdOf(auditId) } as const;
      const { records } = await stores.records.query(question, {}, { limit: 10 });
      return records[0]?.record;
    },
    async troubles() {
      outbox.named.length = 0;
      await watch(watching);
      return outbox.named.map(([, trouble]) => trouble);
    },
  };
}

function issuing(auditID: string, at: string, user: JsonObject): JsonObject {
  return auditEvent({
    ...{ auditID, user, verb: 'create', requestURI: OF_DEPLOYER, requestReceivedTimestamp: at },
    objectRef: {
      resource: 'serviceaccounts',
      subresource: 'token',
      namespace: 'shop',
      name: 'deployer',
      apiVersion: 'v1',
    },
    responseStatus: { metadata: {}, code: 201 },
    annotations: {
      'authentication.kubernetes.io/issued-credential-id': TOKEN,
      'authorization.k8s.io/decision': 'allow',
    },
  });
}

const withToken = {
  username: 'system:serviceaccount:shop:deployer',
  uid: 'uid-deployer',
  extra: { 'authentication.kubernetes.io/credential-id': [TOKEN] },
};
const ofAlice = roleUser({ session: 'alice', key: 'ASIAALICE00000000001' });
const node = { username: 'system:node:ip-10-0-0-1.eu-west-1.compute.internal' };

describe('clusters whose account is not known', () => {
  it('have their own tokens: a thousand forged events that issued one do not hide who issued it', async () => {
    for (const forged of [0, 1_000]) {
      const { send, service, recordOf } = await hub();
      await service.grants([grant({ session: 'alice', key: 'ASIAALICE00000000001', by: iamUser('alice') })]);
      const start = Date.parse(utc('12:00:00'));
      const earlier = Array.from({ length: forged }, (_, at) =>
        issuing(`forged-${at}`, formatInstant(epochMillis(start + at)), node),
      );
      for (let at = 0; at < forged; at += 100) await send(FORGING, earlier.slice(at, at + 100));
      await send(LOGS, [issuing('issued', utc('12:05:00'), ofAlice)]);
      await send(LOGS, [
        auditEvent({ auditID: 'used', user: withToken, verb: 'delete', requestReceivedTimestamp: utc('12:06:00') }),
      ]);
      await service.settleFor(2);
      const record = await recordOf('used');
      expect(record?.attribution).toMatchObject({ actor: { name: 'alice' }, flags: ['token-of-service-account'] });
    }
  });

  it('are silent, even if another account states events of it', async () => {
    const { clock, send, troubles } = await hub();
    const hear = async (hours: number, senders: readonly string[]) => {
      for (let hour = 0; hour < hours; hour += 1) {
        clock.pass(HOUR);
        const time = formatInstant(clock.now());
        for (const account of senders)
          await send(account, [auditEvent({ auditID: time, requestReceivedTimestamp: time })]);
      }
    };
    await hear(30, [LOGS, FORGING]);
    expect(await troubles()).toEqual([]);
    await hear(50, [FORGING]);
    expect(await troubles()).toEqual([`cluster-silent prod (handed over by ${LOGS})`]);
  });

  it('are found without a name of the cluster, as those of the accounts that hand them over', async () => {
    const { send, stores } = await hub();
    const request = (auditID: string) =>
      auditEvent({ auditID, objectRef: { resource: 'pods', namespace: 'shop', name: 'web', apiVersion: 'v1' } });
    await send(LOGS, [request('hers')], 'own-log');
    await send(FORGING, [request('forged')], 'own-log');
    const found = async (filter: Parameters<typeof asking>[0]) => {
      const { records } = await queryRecords({ question: asking(filter), limit: 10 }, stores);
      return records.map(({ auditId }) => auditId).sort();
    };
    for (const filter of [{}, { namespace: 'shop' }, { namespace: 's*' }])
      expect(await found(filter)).toEqual(['forged', 'hers']);
    expect(await found({ cluster: `name:from:${LOGS}/` })).toEqual(['hers']);
  });

  it('are found by their name, and each by its key', async () => {
    const { send, stores } = await hub();
    await send(LOGS, [auditEvent({ auditID: 'hers' })]);
    await send(FORGING, [auditEvent({ auditID: 'forged' })]);
    const found = async (cluster: string) => {
      const { records, clusters } = await queryRecords({ question: asking({ cluster }), limit: 10 }, stores);
      return [records.map(({ auditId }) => auditId).sort(), clusters];
    };
    const keys = [LOGS, FORGING].map((account) => `name:from:${account}/prod`);
    expect(await found('prod')).toEqual([['forged', 'hers'], keys]);
    expect(await found(keys[0] ?? '')).toEqual([['hers'], undefined]);
    expect(await found('name:prod')).toEqual([[], undefined]);
  });
});
