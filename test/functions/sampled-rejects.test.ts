import { describe, expect, it } from 'vitest';
import { MOST_SAMPLES, MOST_SAMPLES_AN_HOUR, sampledRejects } from '../../functions/wiring/sampled-rejects.ts';
import type { RejectedPiece } from '../../lib/ports/input.ts';
import { epochMillis, HOUR } from '../../lib/time.ts';

const some = (count: number): RejectedPiece[] =>
  Array.from({ length: count }, (_, at) => ({ file: 'f', place: `p${at}`, reason: 'not-json', sample: 's' }));

function rejects() {
  const lines: (readonly [string, object])[] = [];
  const clock = { now: epochMillis(HOUR) };
  const { keep } = sampledRejects(
    (message, fields) => lines.push([message, fields]),
    () => clock.now,
  );
  return { keep, lines, clock, samples: () => lines.filter(([message]) => message === 'rejected').length };
}

describe('rejects in the log of a function', () => {
  it('are all logged if they are few', async () => {
    const { keep, lines } = rejects();
    await keep(some(2));
    expect(lines).toMatchObject([
      ['rejected', { reject: { place: 'p0', reason: 'not-json', sample: 's' } }],
      ['rejected', { reject: { place: 'p1' } }],
    ]);
  });

  it('are sampled, and all of them counted by reason', async () => {
    const { keep, lines, samples } = rejects();
    await keep(some(100_000), new Map([['too-long', 3]]));
    expect(samples()).toBe(MOST_SAMPLES);
    expect(lines.slice(MOST_SAMPLES)).toEqual([
      ['more rejected', { reasons: { 'not-json': 100_000 - MOST_SAMPLES, 'too-long': 3 } }],
    ]);
  });

  it('are sampled up to a limit an hour, over all deliveries, and counted beyond it', async () => {
    const { keep, lines, clock, samples } = rejects();
    for (let delivery = 0; delivery < 100; delivery += 1) await keep(some(MOST_SAMPLES));
    expect(samples()).toBe(MOST_SAMPLES_AN_HOUR);
    expect(lines.at(-1)).toEqual(['more rejected', { reasons: { 'not-json': MOST_SAMPLES } }]);
    clock.now = epochMillis(2 * HOUR);
    await keep(some(1));
    expect(samples()).toBe(MOST_SAMPLES_AN_HOUR + 1);
  });
});
