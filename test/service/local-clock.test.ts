import { describe, expect, it } from 'vitest';
import { DAY, type EpochMillis, epochMillis, HOUR } from '../../lib/time.ts';
import { LocalClock } from '../../local/service/local-clock.ts';

const NOW = epochMillis(Date.UTC(2026, 10, 25));
const fromNow = (span: number): EpochMillis => epochMillis(NOW + span);

describe('the time of the service on one machine', () => {
  it('follows the events, and never goes back', () => {
    const clock = new LocalClock(fromNow(-DAY), () => NOW);
    clock.goTo(fromNow(-HOUR));
    clock.goTo(fromNow(-2 * HOUR));
    expect(clock.instant).toBe(fromNow(-HOUR));
  });

  it('follows no event that is more than a day ahead of the real time, also at the beginning', () => {
    const clock = new LocalClock(fromNow(-DAY), () => NOW);
    clock.goTo(fromNow(365 * DAY));
    expect(clock.instant).toBe(fromNow(DAY));
    expect(new LocalClock(fromNow(365 * DAY), () => NOW).instant).toBe(NOW);
  });

  it('continues at the pace of the real time after it is released', () => {
    let real: number = NOW;
    const clock = new LocalClock(fromNow(-DAY), () => real);
    clock.run();
    real += HOUR;
    expect(clock.instant).toBe(fromNow(HOUR - DAY));
  });
});
