import { describe, expect, it } from 'vitest';
import { nearest } from '../../lib/nearness.ts';

describe('similar names of an unknown name', () => {
  it.each([
    ['prdo', ['prod', 'staging', 'dev'], ['prod']],
    ['Prod', ['prod', 'prod-2', 'staging'], ['prod', 'prod-2']],
    ['orders', ['projectA-orders@prod', 'payments'], ['projectA-orders@prod']],
    ['ana', ['ana.silva', 'hana.sato', 'ben'], ['ana.silva', 'hana.sato']],
    ['stagng', ['staging', 'stage'], ['staging', 'stage']],
    ['--clustr', ['--cluster', '--code', '--to'], ['--cluster']],
  ])('%s: of %j it is %j', (name, known, near) => {
    expect(nearest(name, known)).toEqual(near);
  });

  it.each([
    ['--foo', ['--to', '--from', '--format']],
    ['x', ['prod', 'dev']],
    ['production', ['staging', 'dev']],
    ['', ['prod']],
  ])('%s: none of %j', (name, known) => {
    expect(nearest(name, known)).toEqual([]);
  });

  it('are few, the nearest first', () => {
    const known = Array.from({ length: 30 }, (_, at) => `team-${at}`);
    expect(nearest('team-1', [...known])).toHaveLength(3);
    expect(nearest('team-1', known)[0]).toBe('team-1');
  });
});
