import { describe, expect, it } from 'vitest';
import { whoisText } from '../../cli/format/whois-text.ts';
import { identified } from '../../lib/attribution/actor.ts';
import { actorName, nameLookup } from '../../lib/attribution/actor-names.ts';

const ID = '544894e8-80c1-707f-60e3-3ba6510dfac1';
const OLD_ID = `90671234ab-${ID}`;

describe('an Identity Center user of whom only the ID is known', () => {
  it.each([ID, OLD_ID])('is not shown as if %s were a name', (name) => {
    expect(actorName({ kind: 'identity-center-user', name })).toBe(`Identity Center user ${name}`);
    expect(nameLookup({ kind: 'identity-center-user', name })).toContain(`describe-user --user-id ${name} `);
  });

  it('is shown with how to look up the name by whois', () => {
    const actor = identified({ kind: 'identity-center-user', name: ID });
    const text = whoisText({
      attribution: { status: 'attributed', method: 'use', actor, chain: [], provisional: false, flags: [] },
    });
    expect(text).toMatch(/^Identity Center user 544894e8-80c1-707f-60e3-3ba6510dfac1 {2}\(identity-center-user\)/);
    expect(text).toMatch(/^ {2}user ID +no record here states the name of this user ID/m);
  });

  it('is neither a user with a name, nor another kind of actor', () => {
    expect(actorName({ kind: 'identity-center-user', name: 'ana@example.com' })).toBe('ana@example.com');
    expect(nameLookup({ kind: 'identity-center-user', name: 'ana@example.com' })).toBeUndefined();
    expect(actorName({ kind: 'kubernetes-user', name: ID })).toBe(ID);
  });
});
