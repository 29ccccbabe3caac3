import { describe, expect, it } from 'vitest';
import { NO_VOLUME, OF_ATTEMPT } from '../../lib/heartbeats/volume.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import type { Volumes } from '../../lib/ports/volumes.ts';
import { DAY, epochMillis, HOUR, MINUTE, parseInstant } from '../../lib/time.ts';
import { SetClock } from '../usecases/service.ts';

/** Defines the tests that every implementation of Volumes must pass. */
export function volumesContract(open: (clock?: Clock) => Promise<Volumes>): void {
  describe('volumes', () => {
    it('sum up what an account sent on a day (UTC)', async () => {
      const clock = new SetClock('2026-03-10T12:00:00Z');
      const volumes = await open(clock.now);
      expect(await volumes.of('111122223333')).toEqual(NO_VOLUME);
      await volumes.add('111122223333', { recorded: 3 });
      const sum = { recorded: 5, leftOutReads: 2, leftOutDeliveries: 0 };
      expect(await volumes.add('111122223333', { recorded: 2, leftOutReads: 2 })).toMatchObject(sum);
      expect(await volumes.of('111122223333')).toMatchObject(sum);
      clock.pass(DAY);
      expect(await volumes.of('111122223333')).toMatchObject({ recorded: 0 });
      expect(await volumes.today()).toEqual([]);
    });

    it('are listed for all accounts, at most a minute late', async () => {
      const clock = new SetClock('2026-03-10T12:00:00Z');
      const volumes = await open(clock.now);
      for (let minute = 0; minute < 3; minute += 1) {
        await volumes.add('111122223333', { recorded: 1 });
        await volumes.add('444455556666', { leftOutDeliveries: 1 });
        clock.pass(61_000);
      }
      const all = await volumes.today();
      expect(all.toSorted((a, b) => a.accountId.localeCompare(b.accountId))).toEqual([
        { ...NO_VOLUME, accountId: '111122223333', recorded: 3 },
        { ...NO_VOLUME, accountId: '444455556666', leftOutDeliveries: 3 },
      ]);
    });

    it('have gaps, which are kept at once, by account, kind and day, from the earliest event on', async () => {
      const clock = new SetClock('2026-03-10T12:00:00Z');
      const volumes = await open(clock.now);
      const ago = (millis: number) => epochMillis(clock.at - millis);
      await volumes.noteGap('111122223333', 'reads', ago(0));
      await volumes.noteGap('111122223333', 'reads', ago(MINUTE));
      await volumes.noteGap('111122223333', 'reads', ago(0));
      await volumes.noteGap('111122223333', 'deliveries', ago(0));
      const [since, until] = [ago(MINUTE), parseInstant('2026-03-10T23:59:59.999Z')];
      const reads = { accountId: '111122223333', what: 'reads', since, until };
      const deliveries = { accountId: '111122223333', what: 'deliveries', since: ago(0), until };
      const sorted = async (range: TimeRange) =>
        (await volumes.gaps(range)).toSorted((a, b) => (a.what < b.what ? 1 : -1));
      expect(await sorted({})).toEqual([reads, deliveries]);
      expect(await sorted({ to: ago(1) })).toEqual([reads]);
      expect(await sorted({ to: ago(2 * MINUTE) })).toEqual([]);
      clock.pass(DAY);
      expect(await sorted({ from: ago(0) })).toEqual([]);
      expect(await sorted({ from: ago(13 * HOUR), to: ago(0) })).toEqual([reads, deliveries]);
    });

    it('have gaps that begin 14 days before at most, and now at the latest, whatever an event states', async () => {
      const clock = new SetClock('2026-03-20T12:00:00Z');
      const volumes = await open(clock.now);
      await volumes.noteGap('111122223333', 'reads', epochMillis(0));
      await volumes.noteGap('444455556666', 'reads', epochMillis(clock.at + DAY));
      const found = await volumes.gaps({ from: epochMillis(0) });
      expect(new Map(found.map(({ accountId, since }) => [accountId, since]))).toEqual(
        new Map([
          ['111122223333', epochMillis(clock.at - 14 * DAY)],
          ['444455556666', clock.at],
        ]),
      );
      expect(await volumes.gaps({ from: epochMillis(0), to: epochMillis(clock.at - 13 * DAY) })).toHaveLength(1);
    });

    it('are written at once if much was added', async () => {
      const volumes = await open(new SetClock('2026-03-10T12:00:00Z').now);
      await volumes.add('111122223333', { recorded: 1 });
      await volumes.add('111122223333', { recorded: 10_000 });
      expect(await volumes.today()).toMatchObject([{ recorded: 10_001 }]);
      await volumes.add('111122223333', { attempted: OF_ATTEMPT });
      expect(await volumes.today()).toMatchObject([{ attempted: OF_ATTEMPT }]);
      await volumes.add('111122223333', { newClusters: 1 });
      expect(await volumes.today()).toMatchObject([{ recorded: 10_001, newClusters: 1 }]);
    });
  });
}
