import { describe, expect, it } from 'vitest';
import { Interning } from '../../lib/attribution/interning.ts';
import type { Grant } from '../../lib/cloudtrail/grant.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { ROLE_ID } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { type GrantOptions, grant } from '../builders/trail-records.ts';

function parsed(options: GrantOptions): Grant {
  const facts = parseTrailRecord(JSON.parse(JSON.stringify(grant(options))));
  if (typeof facts === 'string' || facts.grant === undefined) throw new Error('no grant');
  return facts.grant;
}

describe('grants that are stored together', () => {
  const shared = new Interning();
  const first = shared.of(parsed({ id: 'e1', by: iamUser('alice') }));

  it('stay what they were', () => {
    expect(first).toEqual(parsed({ id: 'e1', by: iamUser('alice') }));
  });

  it('share a caller who is the same', () => {
    expect(shared.of(parsed({ id: 'e2', by: iamUser('alice') })).caller).toBe(first.caller);
  });

  it.each([
    ['signed with another key', { ...iamUser('alice'), accessKeyId: 'AKIAANOTHER000000001' }],
    ['is of another principal by the same ARN', { ...iamUser('alice'), principalId: 'AIDAANOTHER0000000001' }],
    ['says more', { ...iamUser('alice'), invokedBy: 'cloudformation.amazonaws.com' }],
  ])('do not share a caller who %s', (_, by) => {
    const { caller } = shared.of(parsed({ by }));
    expect(caller).toEqual(parsed({ by }).caller);
    expect(caller).not.toEqual(first.caller);
  });

  it.each([
    ['share the session of one issuer', ROLE_ID, true],
    ['do not share a session that another role of that name issued', 'AROARECREATED00000001', false],
  ])('%s', (_, issuer, same) => {
    const session = (principalId: string) => {
      const by = roleSession({ roleId: ROLE_ID, session: 'alice-session' });
      return parsed({ by: { ...by, sessionContext: { sessionIssuer: { type: 'Role', principalId } } } });
    };
    const { caller } = shared.of(session(ROLE_ID));
    expect(shared.of(session(issuer)).caller === caller).toBe(same);
  });
});
