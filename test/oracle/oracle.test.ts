import { describe, expect, it } from 'vitest';
import { cases, IS_THOROUGH } from '../builders/thoroughness.ts';
import { coverage } from './coverage.ts';
import { drawFrom } from './draw.ts';
import { oracle } from './rules.ts';
import { generateWorld } from './world.ts';

const SEEDS = Array.from({ length: cases(100, 1_000) }, (_, seed) => seed);

describe('the generated worlds', () => {
  it.runIf(IS_THOROUGH)('bear each status, reason, method, flag, actor and caller of the contract', () => {
    const unborne = [...coverage(10_000)].filter(([, count]) => count === 0).map(([word]) => word);
    expect(unborne).toEqual([]);
  });

  it('are the same for the same seed', () => {
    for (const seed of SEEDS) expect(generateWorld(seed)).toEqual(generateWorld(seed));
  });

  it('are small', () => {
    for (const { audit, cloudtrail } of SEEDS.map(generateWorld)) {
      expect(audit.length).toBeGreaterThanOrEqual(3);
      expect(audit.length).toBeLessThanOrEqual(12);
      expect(cloudtrail.length).toBeLessThanOrEqual(30);
    }
  });
});

describe('the oracle', () => {
  it('answers the same whatever the order of the CloudTrail records', () => {
    for (const seed of SEEDS) {
      const world = generateWorld(seed);
      const shuffled = { ...world, cloudtrail: drawFrom(seed).shuffle(world.cloudtrail) };
      expect(oracle(shuffled), `seed ${seed}`).toEqual(oracle(world));
    }
  });

  it('answers the same when all is delivered twice', () => {
    for (const seed of SEEDS) {
      const { audit, cloudtrail, usernameTemplates } = generateWorld(seed);
      const twice = { audit: [...audit, ...audit], cloudtrail: [...cloudtrail, ...cloudtrail], usernameTemplates };
      expect(oracle(twice), `seed ${seed}`).toEqual(oracle({ audit, cloudtrail, usernameTemplates }));
    }
  });

  it('decides each event by itself', () => {
    for (const seed of SEEDS) {
      const world = generateWorld(seed);
      const alone = world.audit.flatMap((event) => oracle({ ...world, audit: [event] }));
      for (const record of oracle(world)) expect(alone, `seed ${seed}`).toContainEqual(record);
    }
  });
});
