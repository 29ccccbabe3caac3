import { describe, expect, it } from 'vitest';
import { identified } from '../../lib/attribution/actor.ts';
import { attributionOf, type StoredAttribution } from '../../lib/claims/kept-record.ts';

const actor = identified({ kind: 'iam-user', name: 'alice' });
const SAID = { provisional: false, flags: [] };
const CANDIDATES = [{ actor, chain: [] }];

describe('the fields of an attribution, as a table returns them,', () => {
  it.each<[string, StoredAttribution]>([
    ['an actor by a chain', { ...SAID, status: 'attributed', method: 'access-key', actor, chain: [] }],
    ['an actor by the event alone', { ...SAID, status: 'attributed', method: 'direct', actor }],
    ['a chain that is cut', { ...SAID, status: 'partial', method: 'use', reason: 'chain-loop', actor, chain: [] }],
    ['several who could be meant', { ...SAID, status: 'ambiguous', candidates: CANDIDATES }],
    [
      'several, and not all of them are kept',
      { ...SAID, status: 'ambiguous', candidates: CANDIDATES, candidatesLeftOut: 3 },
    ],
    ['nobody', { ...SAID, status: 'unattributed', reason: 'malformed-identity' }],
    ['nobody yet', { ...SAID, status: 'pending', provisional: true }],
    ["the cluster's own work", { ...SAID, status: 'system' }],
  ])('form that attribution again: %s', (_, stored) => expect(attributionOf(stored)).toEqual(stored));

  it('lose those that their status does not have', () => {
    const attributed = { ...SAID, status: 'attributed', method: 'proxy', actor } as const;
    const more = { chain: [], candidates: CANDIDATES, candidatesLeftOut: 1, reason: 'no-event-time' } as const;
    expect(attributionOf({ ...attributed, ...more })).toEqual(attributed);
    const pending = { ...SAID, status: 'pending' } as const;
    expect(attributionOf({ ...pending, ...more, actor, method: 'direct' })).toEqual(pending);
  });

  it.each<[string, StoredAttribution]>([
    ['attributed to nobody', { ...SAID, status: 'attributed', method: 'direct' }],
    ['attributed in no way', { ...SAID, status: 'attributed', actor }],
    ['attributed by a chain that is missing', { ...SAID, status: 'attributed', method: 'username', actor }],
    ['partial without a reason', { ...SAID, status: 'partial', method: 'direct', actor }],
    [
      'partial for a reason of nobody',
      { ...SAID, status: 'partial', method: 'direct', actor, reason: 'no-event-time' },
    ],
    ['ambiguous between none', { ...SAID, status: 'ambiguous' }],
    ['unattributed without a reason', { ...SAID, status: 'unattributed' }],
    ['unattributed for a reason of somebody', { ...SAID, status: 'unattributed', reason: 'chain-loop' }],
  ])('form no attribution if they are %s', (_, stored) => expect(attributionOf(stored)).toBeUndefined());
});
