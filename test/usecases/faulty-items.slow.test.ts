import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RefusedItemError } from '../../lib/adapters/dynamodb/database.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Claims } from '../../lib/ports/claims.ts';
import { MINUTE } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { roleSession } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { forgotten } from '../contract/intents.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

async function onDynalite() {
  const clock = new SetClock(utc('12:11:00'));
  const stores = await dynalite.stores(clock.now);
  return { clock, stores, running: new Service(stores, clock, { withoutLookups: true }) };
}

function inMemory() {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  return { clock, stores, running: new Service(stores, clock, { withoutLookups: true }) };
}

/** Two grants. Each fits into the sessions table, but a record with both does not fit into its table. */
const JUMP = { roleId: 'AROAJUMPROLE000000001', roleName: 'jump', session: 'jump', key: 'ASIAJUMPSESSION00001' };
const huge = { fields: { awsRegion: 'r'.repeat(250_000) } };
const chained = [grant({ ...JUMP, ...huge, id: 'jump' }), grant({ ...huge, by: roleSession(JUMP), id: 'chained' })];
const neighbour = eventBy(roleUser({ session: 'bob', key: ANOTHER_KEY }), { auditID: 'neighbour' });

const FAULT = new RefusedItemError('Item size has exceeded the maximum allowed size');

/** Refuses to change these claims, as a table does whose items are too large. */
function refuseChanges(claims: Claims, isRefused: (id: string) => boolean) {
  const change = claims.change.bind(claims);
  return vi.spyOn(claims, 'change').mockImplementation(async (id, by) => {
    if (isRefused(id)) throw FAULT;
    return change(id, by);
  });
}

describe('a record that DynamoDB refuses', () => {
  it('fails its batch each time, but the other records are stored, and their claims are open', async () => {
    const { running, stores } = await onDynalite();
    await running.grants(chained);
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      await expect(running.ingest([eventBy(roleUser({ key: KEY })), neighbour])).rejects.toThrow(
        /^1 records of the batch cannot be written.*DynamoDB refused the item/,
      );
    }
    expect((await running.only('neighbour')).attribution.status).toBe('pending');
    expect(await stores.claims.backlog()).toMatchObject({ open: 1 });
    expect(running.outbox.sum('EventsRecorded')).toBe(1);
    expect(running.outbox.sum('EventsDuplicate')).toBe(1);
  });

  it('is reported by settle, which corrects the others', async () => {
    const { running } = await onDynalite();
    await running.ingest([eventBy(roleUser({ key: KEY })), neighbour]);
    await running.grants([...chained, grant({ session: 'bob', key: ANOTHER_KEY, id: 'bob' })]);
    const { failed } = await running.settle();
    expect(failed).toMatchObject([{ cause: { code: 'faulty-items' } }]);
    expect((await running.only('neighbour')).attribution.status).toBe('attributed');
  });

  it('raises an alert like any other record, once', async () => {
    const { running, stores } = inMemory();
    await running.ingest([eventBy(roleUser())]);
    vi.spyOn(stores.records, 'correct').mockImplementation(async (records) =>
      records.map(() => ({ outcome: 'refused', fault: FAULT })),
    );
    await running.settleFor(40);
    expect(running.outbox.alerts).toMatchObject([{ causes: ['unattributed'] }]);
    expect(await stores.claims.backlog()).toMatchObject({ open: 0 });
  });
});

describe('a claim that waits and cannot be changed', () => {
  it('prevents no grant from being stored, and no other claim from being woken; the delivery comes again', async () => {
    const { running, stores } = inMemory();
    await running.ingest([eventBy(roleUser({ key: KEY }), { auditID: 'alice' }), neighbour]);
    await running.settle();
    const [first] = stores.claims.all();
    const refusing = refuseChanges(stores.claims, (id) => id === first?.id);
    const grants = [grant({ id: 'alice' }), grant({ session: 'bob', key: ANOTHER_KEY, id: 'bob' })];
    await expect(running.grants(grants)).rejects.toThrow(
      /^1 claims that wait for the grants cannot be written or read/,
    );
    expect(stores.sessions).toHaveProperty('size', 2);
    expect((await running.settle()).failed).toEqual([]);
    expect(
      [await running.only('alice'), await running.only('neighbour')].map(({ attribution }) => attribution.status),
    ).toEqual(first?.caller.accessKeyId === KEY ? ['pending', 'attributed'] : ['attributed', 'pending']);
    refusing.mockRestore();
    await running.grants(grants);
    await running.settle();
    expect((await running.only('alice')).attribution.status).toBe('attributed');
  });
});

describe('a claim that DynamoDB refuses', () => {
  const events = Array.from({ length: 3 }, (_, at) => eventBy(roleUser({ session: `s-${at}` }), { auditID: `${at}` }));

  it('fails its batch and stays announced, while other claims are opened and settled', async () => {
    const { running, stores, clock } = inMemory();
    const requests: string[] = [];
    const refusing = refuseChanges(stores.claims, (id) => requests.push(id) > 0 && id === requests[0]);
    await expect(running.ingest(events)).rejects.toThrow(/^1 claims of the batch/);
    expect(stores.claims.all()).toHaveLength(2);
    clock.pass(6 * MINUTE);
    expect((await running.settle()).failed).toMatchObject([{ claimId: requests[0], cause: FAULT }]);
    expect((await running.settle()).failed).toHaveLength(1);
    await running.settleFor(60);
    expect(running.outbox.alerts).toHaveLength(2);
    expect(stores.claims.all().filter(({ due }) => due !== undefined)).toEqual([]);
    refusing.mockRestore();
    await running.settleFor(60);
    expect(running.outbox.alerts).toHaveLength(3);
  });
});

describe('a claim that cannot be read', () => {
  /** As a newer version may have left it. */
  async function spoil(table: string, partition: string, sort: string, what: (item: JsonObject) => JsonObject) {
    const documents = DynamoDBDocumentClient.from(dynalite.client, {
      marshallOptions: { removeUndefinedValues: true },
    });
    const { Item = {} } = await documents.send(new GetCommand({ TableName: table, Key: { partition, sort } }));
    await documents.send(new PutCommand({ TableName: table, Item: { ...Item, ...what(Item) } }));
  }
  const withStrangeStatus = ({ claim }: JsonObject) => ({
    claim: { ...(isJsonObject(claim) && claim), status: 'a status of the next version' },
  });

  it('fails in each run of settle, which settles and lists the others', async () => {
    const { running, stores, clock } = await onDynalite();
    await running.ingest([neighbour]);
    const [spoilt] = await stores.claims.due(clock.now(), 1);
    await spoil(stores.tables.claims, `claim ${spoilt?.id}`, 'claim', withStrangeStatus);
    clock.pass(1);
    await running.ingest([eventBy(roleUser())], 'delivery-2');
    await running.settleFor(60);
    expect((await running.only()).attribution).toMatchObject({ status: 'unattributed', provisional: false });
    expect(running.outbox.alerts).toHaveLength(1);
    const { failed } = await running.settle();
    expect(failed).toMatchObject([{ claimId: spoilt?.id, cause: { code: 'item-unreadable' } }]);
    expect(running.outbox.metrics.get('ClaimsOpen')?.at(-1)).toBe(1);
    expect(await stores.claims.list('pending', { limit: 10 })).toMatchObject({
      at: clock.now(),
      claims: [],
      positions: [],
    });
    expect((await stores.claims.list('unattributed', { limit: 10 })).claims).toHaveLength(1);
  });

  it('hides no claim that comes due after many of its kind', async () => {
    const { running, stores, clock } = await onDynalite();
    const many = Array.from({ length: 5 }, (_, at) => eventBy(roleUser({ session: `s-${at}` }), { auditID: `${at}` }));
    await running.ingest(many);
    for (const { id } of await stores.claims.due(clock.now(), 10))
      await spoil(stores.tables.claims, `claim ${id}`, 'claim', withStrangeStatus);
    clock.pass(1);
    await running.ingest([neighbour], 'delivery-2');
    expect(await stores.claims.due(clock.now(), 2)).toMatchObject([{ caller: { sessionName: 'bob' } }]);
  });

  it('does not prevent other claims of its batch from being opened', async () => {
    const { running, stores, clock } = await onDynalite();
    await running.ingest([neighbour]);
    const [spoilt] = await stores.claims.due(clock.now(), 1);
    await spoil(stores.tables.claims, `claim ${spoilt?.id}`, 'claim', withStrangeStatus);
    const batch = [neighbour, eventBy(roleUser())];
    await expect(running.ingest(batch, 'delivery-2')).rejects.toThrow(/^1 claims of the batch/);
    expect((await stores.claims.due(clock.now(), 10)).map(({ caller }) => caller.sessionName)).toEqual([
      'alice-session',
    ]);
  });

  it('can be an announced one, beside which others are opened', async () => {
    const { running, stores, clock } = await onDynalite();
    for (const [at, event] of [neighbour, eventBy(roleUser())].entries()) {
      const crash = vi.spyOn(stores.claims, 'change').mockRejectedValueOnce(new Error('crash'));
      await expect(running.ingest([event], `delivery-${at}`)).rejects.toThrow('crash');
      crash.mockRestore();
    }
    clock.pass(6 * MINUTE);
    const announced = await forgotten(stores.intents, clock.now());
    const part = announced.find(({ delivery, intents }) => delivery === 'delivery-0' && intents.length > 0)?.part ?? '';
    await spoil(stores.tables.claims, 'delivery delivery-0', part, () => ({ intents: 'of the next version' }));
    expect((await running.settle()).failed).toMatchObject([{ claimId: 'delivery delivery-0' }]);
    await running.settleFor(60);
    expect(running.outbox.alerts).toHaveLength(1);
  });
});
