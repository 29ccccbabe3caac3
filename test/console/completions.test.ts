import { describe, expect, it } from 'vitest';
import { completions, type KnownThing } from '../../console/page/core/question-text.ts';

const names: readonly KnownThing[] = [
  { kind: 'actor', name: 'ana.silva' },
  { kind: 'actor', name: 'repo:example-corp/shop:ref:refs/heads/main' },
  { kind: 'role', name: 'orders-developer' },
  { kind: 'role', name: 'payments-developer' },
  { kind: 'namespace', name: 'payments', cluster: 'staging' },
  { kind: 'namespace', name: 'payments', cluster: 'prod' },
  { kind: 'cluster', name: 'prod' },
];

describe('completion', () => {
  it('begins with the names that begin so, in whatever letters', () => {
    expect(completions('PAY', names).map(({ name, cluster }) => [name, cluster])).toEqual([
      ['payments', 'staging'],
      ['payments', 'prod'],
      ['payments-developer', undefined],
    ]);
  });

  it('goes on with those that hold it', () => {
    expect(completions('dev', names).map(({ name }) => name)).toEqual(['orders-developer', 'payments-developer']);
    expect(completions('main', names).map(({ kind }) => kind)).toEqual(['actor']);
  });

  it('offers nothing for nothing, nor for what is pasted', () => {
    expect(completions(' ', names)).toEqual([]);
    expect(completions('{"kind":"Event"}', names)).toEqual([]);
  });

  it('offers no more than can be seen at once', () => {
    const many = Array.from({ length: 100 }, (_, index): KnownThing => ({ kind: 'actor', name: `user-${index}` }));
    expect(completions('user', many)).toHaveLength(8);
  });
});
