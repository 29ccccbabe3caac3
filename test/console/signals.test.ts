import { describe, expect, it } from 'vitest';
import { computed, effect, signal } from '../../console/page/core/signals.ts';

describe('A signal', () => {
  it('tells whoever read it, once for each other value', () => {
    const count = signal(1);
    const seen: number[] = [];
    effect(() => {
      seen.push(count.value);
    });
    for (const value of [1, 2, 2, 3]) count.value = value;
    expect(seen).toEqual([1, 2, 3]);
  });

  it('does not tell whoever read it without asking to be told, or another one the last time', () => {
    const [isOn, on, off] = [signal(true), signal('a'), signal('b')];
    const seen: string[] = [];
    effect(() => {
      seen.push(`${isOn.value ? on.value : off.value}${off.peek()}`);
    });
    off.value = 'c';
    isOn.value = false;
    on.value = 'd';
    off.value = 'e';
    expect(seen).toEqual(['ab', 'cc', 'ee']);
  });

  it('has what follows from it right when it changes, and tells only what that changed', () => {
    const hash = signal('#utc&1');
    const zone = computed(() => hash.value.split('&')[0]);
    let formats = 0;
    const made = computed(() => {
      formats += 1;
      return `${zone.value} ${formats}`;
    });
    hash.value = '#utc&2';
    expect(made.value).toBe('#utc 1');
    hash.value = '#local&2';
    expect(zone.value).toBe('#local');
    expect(made.value).toBe('#local 2');
  });

  it('is no longer read by a reader that threw, which is told of the next value all the same', () => {
    const count = signal(0);
    effect(() => {
      if (count.value === 1) throw new Error('no');
    });
    expect(() => {
      count.value = 1;
    }).toThrow('no');
    const other = signal(0);
    other.value += 1;
    count.value = 2;
    expect([count.value, other.value]).toEqual([2, 1]);
  });
});
