import { describe, expect, it } from 'vitest';
import { NO_VOLUME } from '../../lib/heartbeats/volume.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Volumes } from '../../lib/ports/volumes.ts';
import { DAY } from '../../lib/time.ts';
import { SetClock } from '../usecases/service.ts';

/** What every implementation of Volumes does. */
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

    it('are written at once if much was added', async () => {
      const volumes = await open(new SetClock('2026-03-10T12:00:00Z').now);
      await volumes.add('111122223333', { recorded: 1 });
      await volumes.add('111122223333', { recorded: 10_000 });
      expect(await volumes.today()).toMatchObject([{ recorded: 10_001 }]);
      await volumes.add('111122223333', { newClusters: 1 });
      expect(await volumes.today()).toMatchObject([{ recorded: 10_001, newClusters: 1 }]);
    });
  });
}
