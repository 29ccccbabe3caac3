import { expect, it } from 'vitest';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { JsonObject } from '../../lib/json.ts';
import { MINUTE } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { KEY, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { type Options, Service, SetClock, type Stores } from '../usecases/service.ts';
import { noticesOf } from './notices.ts';
import { Crashes, untilQuiet } from './steps.ts';

/** Made with the key of the session that `grant` began, after that session expired. */
const AFTER_THE_SESSION = eventBy(roleUser(), { auditID: 'after', requestReceivedTimestamp: utc('14:10:00') });
/** In minutes. 0 holds no alert. */
const WINDOWS = [0, 15];

export type Opening = (clock: SetClock, beforeWrite: () => void) => Promise<Stores>;

const TOKEN = 'JTI=4c1f5b1e-0000-4000-8000-000000000001';
const DEPLOYER = {
  username: 'system:serviceaccount:shop:deployer',
  extra: { 'authentication.kubernetes.io/credential-id': [TOKEN] },
};
const used = (auditID: string, requestReceivedTimestamp: string) =>
  eventBy(DEPLOYER, { auditID, requestReceivedTimestamp });
const ISSUED = eventBy(roleUser({ key: KEY }), {
  auditID: 'issued',
  verb: 'create',
  objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'deployer' },
  requestReceivedTimestamp: utc('12:05:00'),
  annotations: { 'authentication.kubernetes.io/issued-credential-id': TOKEN },
});

async function started(open: Opening, options: Options = {}) {
  const clock = new SetClock(utc('12:11:00'));
  const crashes = new Crashes();
  const stores = await open(clock, crashes.beforeWrite);
  const { beforeWrite: beforePublish } = crashes;
  const running = new Service(stores, clock, { withoutLookups: true, beforePublish, ...options });
  return { clock, crashes, stores, running };
}

/**
 * Makes each delivery crash before each of its writes, or before one in `every`, lets settle open and close its claims, and delivers it again.
 */
async function crashedDeliveries(
  open: Opening,
  every: number,
  given: (running: Service) => Promise<unknown>,
  deliveries: readonly (readonly JsonObject[])[],
  after: (running: Service, stores: Stores) => Promise<void>,
): Promise<void> {
  for (let crash = 0, isOver = false; !isOver; crash += every) {
    const { clock, crashes, stores, running } = await started(open, { alertOn: ['token-of-service-account'] });
    await running.grants([grant()]);
    await given(running);
    isOver = true;
    for (const [at, events] of deliveries.entries()) {
      const isThrough = await crashes.during(crash, () => running.ingest(events, `delivery ${at}`));
      clock.pass(6 * MINUTE);
      await untilQuiet(running);
      if (!isThrough) await running.ingest(events, `delivery ${at}`);
      await untilQuiet(running);
      isOver &&= isThrough;
    }
    await after(running, stores);
    if (isOver) expect(crash).toBeGreaterThan(4);
  }
}

/** Tests that each delivery can stop before each of its writes, or before one in `every`. */
export function crashedIngest(open: Opening, every = 1): void {
  it('of a delivery leaves no request unattributed whose token becomes known later', async () => {
    await crashedDeliveries(
      open,
      every,
      async () => undefined,
      [[used('used', utc('12:10:00'))]],
      async (running) => {
        expect((await running.only('used')).attribution.status).toBe('system');
        await running.ingest([ISSUED], 'issue');
        await untilQuiet(running);
        expect((await running.only('used')).attribution).toMatchObject({ method: 'token', actor: { name: 'alice' } });
        expect(running.outbox.alerts).toMatchObject([{ causes: ['token-of-service-account'], count: 1 }]);
      },
    );
  });

  it('of a delivery leaves no request unattributed if a record without a readable time was stored with it', async () => {
    await crashedDeliveries(
      open,
      every,
      async () => undefined,
      [[used('untimed', 'yesterday'), used('used', utc('12:10:00'))]],
      async (running) => {
        await running.ingest([ISSUED], 'issue');
        await untilQuiet(running);
        expect((await running.only('used')).attribution).toMatchObject({ method: 'token', actor: { name: 'alice' } });
      },
    );
  });

  it('of a delivery has each of its records counted once', async () => {
    await crashedDeliveries(
      open,
      every,
      (running) => running.ingest([ISSUED], 'issue'),
      [[used('first', utc('12:10:00'))], [used('later', utc('14:00:00'))]],
      async (running, { records, claims }) => {
        expect(running.outbox.alerts).toMatchObject([{ causes: ['token-of-service-account'], count: 1 }]);
        const { records: found } = await records.query(
          { by: 'audit-id', auditId: auditIdOf('first') },
          {},
          { limit: 9 },
        );
        expect((await claims.get(found[0]?.claimId ?? ''))?.summary?.count).toBe(2);
      },
    );
  });
}

/** Tests that settle can stop before each of its writes, or before one in `every`. */
export function crashedSettle(open: Opening, every = 1): void {
  it.each(WINDOWS)(
    'of settle leaves no alert marked as sent that was taken back, held for %i minutes',
    async (minutes) => {
      for (let crash = 0, isOver = false; !isOver; crash += every) {
        const { clock, crashes, running } = await started(open, { alertWindow: minutes * MINUTE });
        await running.ingest([eventBy(roleUser(), { auditID: 'early' })]);
        clock.set(utc('12:50:00'));
        await untilQuiet(running);
        await running.grants([grant()]);
        isOver = await crashes.during(crash, () => running.settle());
        await running.ingest([AFTER_THE_SESSION], 'after');
        clock.set(utc('15:00:00'));
        await untilQuiet(running);
        await untilQuiet(running);
        expect((await running.only('after')).attribution.status).toBe('unattributed');
        expect(noticesOf(running).at(-1)?.kind).toBe('alert');
        if (isOver) expect(crash).toBeGreaterThan(4);
      }
    },
  );

  it('of settle leaves no alert marked as sent beside another one', async () => {
    const alertOn = ['unattributed', 'session-name-claims-other-actor'] as const;
    for (let crash = 0, isOver = false; !isOver; crash += every) {
      const { clock, crashes, running } = await started(open, { alertOn });
      await running.ingest([eventBy(roleUser(), { auditID: 'early' })]);
      clock.set(utc('12:50:00'));
      isOver = await crashes.during(crash, () => running.settle());
      await running.grants([grant(), callBy(iamUser('alice-session'))]);
      await untilQuiet(running);
      await running.ingest([AFTER_THE_SESSION], 'after');
      clock.set(utc('15:00:00'));
      await untilQuiet(running);
      expect(new Set(running.outbox.alerts.flatMap(({ causes }) => causes))).toEqual(new Set(alertOn));
      if (isOver) expect(crash).toBeGreaterThan(4);
    }
  });
}
