import { describe, expect, it } from 'vitest';
import { worldNumbers } from '../builders/chance.ts';
import { drawFrom } from './draw.ts';
import { oracle } from './rules.ts';
import { generateWorld } from './world.ts';

const SEEDS = worldNumbers(40);
/** The flags of records that depend on other events. */
const OF_OTHERS = ['token-of-service-account', 'conflicting-copies'];

describe('the generated worlds', () => {
  it('are the same for the same seed', () => {
    for (const seed of SEEDS) expect(generateWorld(seed)).toEqual(generateWorld(seed));
  });

  it('are small', () => {
    for (const { audit, cloudtrail } of SEEDS.map(generateWorld)) {
      expect(audit.length).toBeGreaterThanOrEqual(3);
      expect(audit.length).toBeLessThanOrEqual(26);
      expect(cloudtrail.length).toBeLessThanOrEqual(30);
    }
  });
});

describe('the oracle', () => {
  it('gives the same answers for any order of the CloudTrail records', () => {
    for (const seed of SEEDS) {
      const world = generateWorld(seed);
      const shuffled = { ...world, cloudtrail: drawFrom(seed).shuffle(world.cloudtrail) };
      expect(oracle(shuffled), `seed ${seed}`).toEqual(oracle(world));
    }
  });

  it('gives the same answers if everything is delivered twice', () => {
    for (const seed of SEEDS) {
      const world = generateWorld(seed);
      const { audit, cloudtrail } = world;
      const twice = { ...world, audit: [...audit, ...audit], cloudtrail: [...cloudtrail, ...cloudtrail] };
      expect(oracle(twice), `seed ${seed}`).toEqual(oracle(world));
    }
  });

  it('decides each event by itself, except for its copies, and for tokens that other events issued', () => {
    for (const seed of SEEDS) {
      const world = generateWorld(seed);
      const alone = world.audit.flatMap((event) => oracle({ ...world, audit: [event] }));
      for (const record of oracle(world)) {
        if (OF_OTHERS.some((flag) => record.attribution.flags.includes(flag))) continue;
        expect(alone, `seed ${seed}`).toContainEqual(record);
      }
    }
  });

  it('names no actor by a grant if no record is known', () => {
    for (const seed of SEEDS) {
      const none = oracle({ ...generateWorld(seed), cloudtrail: [] });
      const links = none.flatMap(({ attribution }) => attribution.chain ?? []);
      expect(links.filter(({ eventName }) => eventName !== 'TokenRequest')).toEqual([]);
    }
  });
});
