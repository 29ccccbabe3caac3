import { describe, expect, it } from 'vitest';
import { LookupError } from '../../lib/adapters/cloudtrail/lookup-error.ts';
import { LookupMemory } from '../../lib/adapters/cloudtrail/lookup-memory.ts';
import type { Question } from '../../lib/attribution/questions.ts';
import type { Claim } from '../../lib/claims/claim.ts';
import { epochMillis, MINUTE, SECOND } from '../../lib/time.ts';
import { lookUpOrder, type WantingClaim } from '../../lib/usecases/settle/look-up-order.ts';
import { keyId } from '../builders/ids.ts';

const NOW = epochMillis(0);

function wanting(
  id: string,
  { accountId = '111122223333', key = id, open = 1, by = '111122223333' } = {},
): WantingClaim {
  const caller = { kind: 'role-session', accountId, username: id, uid: id, groups: [] } as const;
  const claim: Claim = {
    id,
    session: id,
    caller,
    status: 'pending',
    live: true,
    openedAt: NOW,
    touchedAt: NOW,
    rounds: 0,
  };
  const question: Question = {
    kind: 'grants-of-key',
    accessKeyId: keyId(`ASIA${key.replaceAll('-', '').toUpperCase().padEnd(16, '0')}`),
  };
  return { claim, wanted: [question], open, senders: by.split(' ') };
}

const idsOf = (order: readonly WantingClaim[]) => order.map(({ claim }) => claim.id);

describe('the order of look-ups', () => {
  it('starts with the look-up that settles most records, and joins all claims that need the same one', () => {
    const claims = [
      wanting('few'),
      wanting('same-1', { key: 'shared', open: 3 }),
      wanting('most', { open: 5 }),
      wanting('same-2', { key: 'shared', open: 3 }),
    ];
    expect(idsOf(lookUpOrder(claims))).toEqual(['same-1', 'same-2', 'most', 'few']);
  });

  it('gives every second turn to another account if one has many claims', () => {
    const flood = ['a', 'b', 'c', 'd'].map((id) => wanting(id, { open: 9 }));
    const others = ['x', 'y'].map((id) => wanting(id, { accountId: '444455556666' }));
    expect(idsOf(lookUpOrder([...flood, ...others]))).toEqual(['a', 'x', 'b', 'y', 'c', 'd']);
  });

  it('gives every second turn to another sender if one forges many callers of its account', () => {
    const flood = ['a', 'b', 'c', 'd'].map((id) => wanting(id, { by: '999988887777', open: 9 }));
    const others = ['x', 'y'].map((id) => wanting(id));
    expect(idsOf(lookUpOrder([...flood, ...others]))).toEqual(['a', 'x', 'b', 'y', 'c', 'd']);
  });

  it('delays no claim to which another sender adds a record', () => {
    const flood = ['a', 'b', 'c', 'd'].map((id) => wanting(id, { by: '999988887777', open: 9 }));
    const both = wanting('x', { by: '111122223333 999988887777' });
    expect(idsOf(lookUpOrder([...flood, both]))).toEqual(['a', 'x', 'b', 'c', 'd']);
  });

  it('gives claims with fewer turns the first turn, but only among those of one sender', () => {
    const flood = ['a', 'b', 'c'].map((id) => wanting(id, { by: '999988887777' }));
    const others = ['x', 'y'].map((id) => wanting(id));
    const turns = new Map([
      ['x', 2],
      ['y', 1],
    ]);
    const order = lookUpOrder([...flood, ...others], ({ claim }) => turns.get(claim.id) ?? 0);
    expect(idsOf(order)).toEqual(['a', 'y', 'b', 'x', 'c']);
  });
});

describe('an account or Region that does not answer', () => {
  const silent = new LookupError('unreachable', 'CloudTrail did not answer');
  const later = (millis: number) => epochMillis(millis);

  it('is left alone until the next run, and for longer each time it fails again', () => {
    const memory = new LookupMemory();
    memory.failed('444455556666 eu-west-1', silent, NOW);
    expect(memory.failureOf('444455556666 eu-west-1', later(40 * SECOND))).toBe(silent);
    expect(memory.failureOf('444455556666 eu-west-1', later(MINUTE))).toBeUndefined();
    memory.failed('444455556666 eu-west-1', silent, later(MINUTE));
    expect(memory.failureOf('444455556666 eu-west-1', later(2 * MINUTE))).toBe(silent);
    expect(memory.failureOf('eu-west-1', later(MINUTE))).toBeUndefined();
  });

  it('is asked in each run if it refuses, which costs no time, and as before once it answers', () => {
    const memory = new LookupMemory();
    const denied = new LookupError('denied', 'the permission is missing');
    for (const run of [0, 1, 2]) memory.failed('eu-west-1', denied, later(run * MINUTE));
    expect(memory.failureOf('eu-west-1', later(3 * MINUTE))).toBeUndefined();
    memory.failed('eu-west-1', silent, later(3 * MINUTE));
    memory.answered('eu-west-1');
    expect(memory.failureOf('eu-west-1', later(3 * MINUTE))).toBeUndefined();
  });
});
