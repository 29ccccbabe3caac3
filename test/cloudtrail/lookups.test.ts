import { describe, expect, it } from 'vitest';
import { lookupsOf } from '../../lib/adapters/cloudtrail/lookups.ts';
import type { Question } from '../../lib/attribution/questions.ts';
import { roleSessionKey } from '../../lib/identity/session-key.ts';
import { ROLE_ID } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';

function guess(name: string, kind: true | 'neighbour' = true): Question {
  return { kind: 'grants-of-session', key: roleSessionKey(ROLE_ID, name), name, guess: kind };
}

describe('names that were only guessed from a username', () => {
  it('are searched if they could decide: not short ones, and not beside a name that a template reads', () => {
    const { lookups, notSearched } = lookupsOf([guess('alice-0001'), guess('alice'), guess('alice-0002', 'neighbour')]);
    expect(lookups.map(({ value }) => value)).toEqual([`${ROLE_ID}:alice-0001`]);
    expect(notSearched).toBe(0);
  });

  it('are at most 16 in one answer, and the others are counted as not searched', () => {
    const many = Array.from({ length: 40 }, (_, at) => guess(`somebody-${100 + at}`));
    const { lookups, notSearched } = lookupsOf(many);
    expect([lookups.length, notSearched]).toEqual([16, 24]);
  });
});

describe("a key's uses", () => {
  it('are not searched if the owner of the session is known, because a look-up takes half a second', () => {
    const key = { kind: 'uses-of-key', accessKeyId: keyId('ASIAALICESESSION0001') } as const;
    expect(lookupsOf([{ ...key, only: 'statements' }]).lookups).toEqual([]);
    expect(lookupsOf([key]).lookups).toHaveLength(1);
  });
});

describe('a web identity token', () => {
  it('is searched among all tokens of the time, because CloudTrail finds none by its ID', () => {
    const { lookups } = lookupsOf(['one', 'two'].map((tokenId) => ({ kind: 'grants-of-token', tokenId })));
    expect(lookups).toMatchObject([{ attribute: 'EventName', value: 'GetWebIdentityToken' }]);
  });
});
