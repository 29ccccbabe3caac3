import { afterAll, beforeAll, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { partsOf } from '../../lib/adapters/dynamodb/dynamodb-intents.ts';
import { parseCaller } from '../../lib/audit/caller.ts';
import { claimOf } from '../../lib/claims/identity.ts';
import type { JsonObject } from '../../lib/json.ts';
import { MINUTE } from '../../lib/time.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ROLE_ID, utc } from '../builders/company.ts';
import { asking } from '../builders/question.ts';
import { RunningDynalite } from '../contract/running-dynalite.ts';
import { itemSize } from '../contract/write-units.ts';
import { Service, SetClock } from './service.ts';

let dynalite: RunningDynalite;
beforeAll(async () => {
  dynalite = await RunningDynalite.start();
});
afterAll(() => dynalite.stop());

async function started() {
  const clock = new SetClock(utc('12:11:00'));
  const stores = await dynalite.stores(clock.now);
  return { stores, running: new Service(stores, clock, { withoutLookups: true }) };
}

/** In the first minutes, and in those after the deadline: nothing arrives in between, and moto takes half a second for each. */
async function settlePastTheDeadline(running: Service): Promise<void> {
  await running.settleFor(3);
  running.clock.pass(33 * MINUTE);
  await running.settleFor(4);
}

/** Texts that DynamoDB would never take in one item. */
const USERS: readonly [string, JsonObject][] = [
  ['username', bareRoleUser('é'.repeat(300_000))],
  ['session name and ARN', roleUser({ key: null, session: 'x'.repeat(500_000) })],
  ['uid', { uid: `aws-iam-authenticator:${'1'.repeat(500_000)}`, username: 'somebody' }],
  ['canonical ARN', roleUser({ roleName: 'r'.repeat(500_000) })],
];

it.each(USERS)('a very long %s fails no batch, and its claim is settled', async (_, user) => {
  const { stores, running } = await started();
  const other = eventBy(roleUser(), { auditID: 'other' });
  expect(await running.ingest([eventBy(user, { auditID: 'long' }), other])).toMatchObject({ recorded: 2 });
  await settlePastTheDeadline(running);
  expect((await running.only('long')).attribution).toMatchObject({ status: 'unattributed', provisional: false });
  const claimed = claimOf(parseCaller(user), sha256);
  const claim = await stores.claims.get(claimed?.id ?? '');
  expect(claim).toMatchObject({ status: 'unattributed' });
  expect(JSON.stringify(claim).length).toBeLessThan(10_000);
  expect(JSON.stringify(running.outbox.alerts).length).toBeLessThan(20_000);
});

it('texts with the same beginning have separate claims', async () => {
  const callers = ['a', 'b'].map((end) => parseCaller(bareRoleUser(`${'x'.repeat(2_000)}${end}`)));
  const [one, another] = callers.map((caller) => claimOf(caller, sha256));
  expect(one?.caller).toEqual(another?.caller);
  expect(one?.id).not.toBe(another?.id);
  expect(one?.session).not.toBe(another?.session);
});

it('a hundred long callers in one batch are announced in items that DynamoDB accepts, and their claims are opened', async () => {
  const { running, stores } = await started();
  const long = '\u8a9e'.repeat(1_000);
  const users = Array.from({ length: 100 }, (_, n) =>
    roleUser({ username: `${long}${n}`, session: `${long}${n}`, roleName: long }),
  );
  const events = users.map((user, n) => eventBy(user, { auditID: `long-${n}` }));
  expect(await running.ingest(events)).toMatchObject({ recorded: 100 });
  expect(await stores.claims.backlog()).toMatchObject({ open: 100 });
  const intents = users.flatMap((user) => {
    const claim = claimOf(parseCaller(user), sha256);
    return claim === undefined ? [] : [{ ...claim, status: 'pending', live: true } as const];
  });
  const parts = partsOf(intents);
  expect(parts.flat()).toEqual(intents);
  for (const part of parts) expect(itemSize({ intents: part })).toBeLessThan(390_000);
  expect(parts.length).toBeGreaterThan(2);
});

it('the records of a long session are found by its text, once', async () => {
  const { running, stores } = await started();
  const name = 'n'.repeat(1_000);
  const username = 'u'.repeat(1_000);
  await running.ingest([
    eventBy(roleUser({ key: null, session: name }), { auditID: 'named' }),
    eventBy(bareRoleUser(username), { auditID: 'nameless' }),
  ]);
  await settlePastTheDeadline(running);
  const found = async (session: string) => {
    const { records } = await queryRecords({ question: asking({ session }), limit: 10 }, stores);
    return records.map(({ auditId }) => auditId);
  };
  expect(await found(`${ROLE_ID}:${name}`)).toEqual(['named']);
  expect(await found(`${ROLE_ID} ${username}`)).toEqual(['nameless']);
});
