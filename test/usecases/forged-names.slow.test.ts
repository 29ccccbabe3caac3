import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import type { DynamoDbStores } from '../../lib/adapters/dynamodb/stores.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { takeHandedOver } from '../../lib/usecases/ingest/deliveries.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { listKnown } from '../../lib/usecases/query/known-query.ts';
import { recordsRequest } from '../../lib/usecases/query/parameters.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { busEvent } from '../functions/deployed.ts';
import { MemoryOutbox } from '../stand-ins/memory/memory-outbox.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { type MemoryStores, memoryStores, SetClock } from './service.ts';

const [B, FORGING] = ['555566667777', '999900001111'];
const LOG = { messageType: 'DATA_MESSAGE', logGroup: '/aws/eks/prod/cluster', logStream: 'kube-apiserver-audit-1' };
const BOB = 'AIDABOBEXAMPLE0000001';

function userOf(name: string): JsonObject {
  const arn = `arn:aws:iam::${B}:user/${name}`;
  return {
    username: arn,
    uid: `aws-iam-authenticator:${B}:${BOB}`,
    groups: ['system:authenticated'],
    extra: {
      arn: [arn],
      canonicalArn: [arn],
      principalId: [BOB],
      sessionName: [''],
      accessKeyId: ['AKIABOBEXAMPLE000001'],
    },
  };
}

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

/** A hub, to which accounts hand over events of their own cluster `prod`. */
async function hub(storesOf: (now: Clock) => Promise<MemoryStores | DynamoDbStores>) {
  const clock = new SetClock(utc('12:10:00'));
  const stores = await storesOf(clock.now);
  const outbox = new MemoryOutbox();
  const taking = {
    ...stores,
    ...{ rejects: outbox, metrics: outbox, clock: clock.now, digest: sha256, settings: DEFAULT_SETTINGS },
    ...{ alertOn: [], memory: new KeyMemory(), recording: RECORD_ALL, ceiling: 0 },
  };
  return {
    actors: async (prefix: string) => (await listKnown('actor', prefix, { limit: 50 }, stores)).known,
    firstSeenSince: async (time: string) =>
      (await queryRecords(recordsRequest(`firstSeenSince=${time}`), stores)).records.map(({ auditId }) => auditId),
    async send(account: string, events: readonly JsonObject[]) {
      const logEvents = events.map((event) => ({ message: JSON.stringify(event) }));
      const data = gzipSync(JSON.stringify({ ...LOG, owner: account, logEvents })).toString('base64');
      return takeHandedOver(
        busEvent({ awslogs: { data }, region: 'eu-west-1' }, account),
        { inflate: inflatePayload, samples: 20 },
        taking,
      );
    },
  };
}

const honest = auditEvent({ auditID: 'honest', user: userOf('bob'), requestReceivedTimestamp: utc('12:00:00') });
const forged = Array.from({ length: 25 }, (_, at) =>
  auditEvent({
    ...{ auditID: `forged-${at}`, user: userOf(`mallory-${at}`) },
    requestReceivedTimestamp: `2026-03-11T12:${10 + at}:00Z`,
  }),
);
const at = (auditID: string, requestReceivedTimestamp: string, name = 'bob') =>
  auditEvent({ auditID, user: userOf(name), requestReceivedTimestamp });
const path = auditEvent({
  auditID: 'path',
  user: userOf('a/long/path/bob'),
  requestReceivedTimestamp: utc('12:01:00'),
});

describe.each([
  ['in memory', async (now: Clock) => memoryStores(calmWorld(now))],
  ['over dynalite', (now: Clock) => dynalite.stores(now)],
])('an account that gives the user of another account 25 names, %s', (_, storesOf) => {
  it('hides neither the name nor the ARN of that user, whoever sends first', async () => {
    for (const senders of [
      [B, FORGING],
      [FORGING, B],
    ]) {
      const { send, actors } = await hub(storesOf);
      for (const sender of senders) await send(sender, sender === B ? [honest] : [...forged, path]);
      const bob = { name: 'bob', arn: `arn:aws:iam::${B}:user/bob`, principalId: BOB };
      expect(await actors('')).toEqual([expect.objectContaining(bob)]);
      expect(await actors('bob')).toEqual([expect.objectContaining(bob)]);
      expect((await actors('mallory')).map(({ name }) => name)).toEqual(['bob']);
    }
  });

  it('is the only one that names a user of whom no other account has events', async () => {
    const { send, actors } = await hub(storesOf);
    await send(FORGING, [honest]);
    expect(await actors('bob')).toMatchObject([{ name: 'bob', principalId: BOB }]);
  });

  it('moves the times of its own events only, so it hides nobody who is new elsewhere', async () => {
    for (const senders of [
      [B, FORGING],
      [FORGING, B],
    ]) {
      const { send, actors, firstSeenSince } = await hub(storesOf);
      for (const sender of senders)
        await send(
          sender,
          sender === B ? [honest] : [at('earlier', '2026-02-01T12:00:00Z'), at('later', utc('12:09:00'))],
        );
      expect(await firstSeenSince('2026-03-10T00:00:00Z')).toEqual(['honest']);
      expect(await firstSeenSince('2026-02-01T00:00:00Z')).toEqual(['later', 'honest', 'earlier']);
      const [bob] = await actors('bob');
      expect(bob?.seenBy?.toSorted((a, b) => (a.first < b.first ? 1 : -1))).toEqual([
        { account: B, first: utc('12:00:00'), last: utc('12:00:00') },
        { account: FORGING, first: '2026-02-01T12:00:00Z', last: utc('12:09:00') },
      ]);
    }
  });

  it('does not make an earlier name of the user the latest', async () => {
    for (const isFirst of [true, false]) {
      const { send, actors } = await hub(storesOf);
      const forge = () => send(FORGING, [at('much-later', '2027-01-01T00:00:00Z')]);
      if (isFirst) await forge();
      await send(B, [honest, at('renamed', utc('12:05:00'), 'bobby')]);
      if (!isFirst) await forge();
      expect(await actors('b')).toMatchObject([{ name: 'bobby', names: [{ name: 'bobby' }, { name: 'bob' }] }]);
    }
  });
});
