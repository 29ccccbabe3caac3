import { describe, expect, it } from 'vitest';
import { type Heartbeat, heard, SHORTEST_PAUSE, silentSince } from '../../lib/heartbeats/heartbeat.ts';
import { DAY, type EpochMillis, epochMillis, HOUR, MINUTE } from '../../lib/time.ts';

const MONDAY = Date.UTC(2026, 2, 2);
const at = (days: number, hours = 0, minutes = 0) => epochMillis(MONDAY + days * DAY + hours * HOUR + minutes * MINUTE);
const OF = { kind: 'source', id: '111122223333 eu-west-1' } as const;
const LIMITS = { shortest: SHORTEST_PAUSE, late: 15 * MINUTE };

/** Returns the heartbeat of a source that is heard every ten minutes of these times, each event as it happens. */
function heardDuring(spans: readonly (readonly [EpochMillis, EpochMillis])[], begun?: Heartbeat): Heartbeat {
  let heartbeat = begun;
  for (const [from, to] of spans)
    for (let time = from; time <= to; time = epochMillis(time + 10 * MINUTE))
      heartbeat = heard(heartbeat, OF, [time], epochMillis(time + MINUTE));
  if (heartbeat === undefined) throw new Error('nothing was heard');
  return heartbeat;
}

const silences = ({ pauses }: Heartbeat) =>
  pauses.filter(({ isSilence }) => isSilence).map(({ from, to }) => [from, to]);

describe('a heartbeat', () => {
  it('has no silence while the source is heard all the time', () => {
    const heartbeat = heardDuring([[at(0), at(7)]]);
    expect(heartbeat.pauses).toEqual([]);
    expect(silentSince(heartbeat, at(7, 0, 44), LIMITS)).toBeUndefined();
  });

  it('has a silence when half an hour is missing, as soon as late records would have come', () => {
    const heartbeat = heardDuring([[at(0), at(3)]]);
    expect(silentSince(heartbeat, at(3, 0, 45), LIMITS)).toBe(at(3));
    expect(silences(heardDuring([[at(3, 1), at(4)]], heartbeat))).toEqual([[at(3), at(3, 1)]]);
  });

  it('has none in the first day, when it is not known what is usual', () => {
    expect(
      silences(
        heardDuring([
          [at(0), at(0, 20)],
          [at(1, 0), at(2)],
        ]),
      ),
    ).toEqual([]);
  });

  it.each(['source', 'cluster'] as const)(
    'has a silence when a %s goes dark in its first day and stays so for a day',
    (kind) => {
      const heartbeat = { ...heardDuring([[at(0), at(0, 5)]]), kind };
      expect(silentSince(heartbeat, at(1, 5), LIMITS)).toBeUndefined();
      expect(silentSince(heartbeat, at(1, 5, 15), LIMITS)).toBe(at(0, 5));
      expect(silentSince(heartbeat, at(80), LIMITS)).toBe(at(0, 5));
    },
  );

  it('counts a silence that began in the first day as usual afterwards', () => {
    const heartbeat = heardDuring([
      [at(0), at(0)],
      [at(2), at(2)],
    ]);
    expect(silences(heartbeat)).toEqual([[at(0), at(2)]]);
    expect(silentSince(heartbeat, at(5), LIMITS)).toBeUndefined();
    expect(silentSince(heartbeat, at(6, 0, 15), LIMITS)).toBe(at(2));
  });

  it('has none at night after the first night, and one when a night is twice as long', () => {
    const days = [0, 1, 2, 3, 4].map((day) => [at(day, 8), at(day, 20)] as const);
    const heartbeat = heardDuring(days);
    expect(silences(heartbeat).length).toBeLessThan(2);
    expect(silentSince(heartbeat, at(5, 19), LIMITS)).toBeUndefined();
    expect(silentSince(heartbeat, at(5, 20, 30), LIMITS)).toBe(at(4, 20));
  });

  it('has a second silence that is shorter than twice the first one, and none at the third: that is usual by then', () => {
    const heartbeat = heardDuring([
      [at(0), at(3)],
      [at(3, 6), at(5)],
      [at(5, 11), at(6)],
      [at(6, 11), at(7)],
    ]);
    expect(silences(heartbeat)).toEqual([
      [at(3), at(3, 6)],
      [at(5), at(5, 11)],
    ]);
    expect(silentSince(heartbeat, at(7, 12), LIMITS)).toBeUndefined();
    expect(silentSince(heartbeat, at(7, 22, 15), LIMITS)).toBe(at(7));
  });

  it('loses a silence that late records fill, and keeps what they leave', () => {
    const heartbeat = heardDuring([
      [at(0), at(3)],
      [at(3, 4), at(4)],
    ]);
    expect(silences(heartbeat)).toEqual([[at(3), at(3, 4)]]);
    expect(silences(heard(heartbeat, OF, [at(3, 2)], at(4, 1)) ?? heartbeat)).toEqual([
      [at(3), at(3, 2)],
      [at(3, 2), at(3, 4)],
    ]);
    const all = Array.from({ length: 24 }, (_, ten) => at(3, 0, ten * 10));
    expect(silences(heard(heartbeat, OF, all, at(4, 1)) ?? heartbeat)).toEqual([]);
  });

  it('keeps few pauses, the longest ones', () => {
    const hourly = Array.from({ length: 60 }, (_, hour) => [at(0, hour), at(0, hour)] as const);
    const heartbeat = heardDuring([...hourly, [at(3), at(3)]]);
    expect(heartbeat.pauses).toHaveLength(32);
    expect(heartbeat.pauses.at(-1)).toMatchObject({ to: at(3) });
  });
});
