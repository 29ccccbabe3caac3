import { describe, expect, it } from 'vitest';
import { whoisText } from '../../cli/format/whois-text.ts';
import type { FullAttribution } from '../../lib/attribution/attribution.ts';
import type { JsonObject } from '../../lib/json.ts';
import { certainty, isAboutSomebody } from '../../lib/words/certainty.ts';
import { type Question, recordOf } from '../builders/answer.ts';
import { auditEvent, bareRoleUser, eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { iamUser, roleSession, userId } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';

function certaintyOf(question: Question): string {
  return whoisText({ attribution: recordOf(question).attribution });
}

const HUB = 'AROAHUB00000000000001';

describe('whois states the certainty of the answer', () => {
  it('a grant that issued the key: certain, without repeating how it was found', () => {
    const text = certaintyOf({ event: auditEvent(), records: [grant()] });
    expect(text).toContain('certainty       Certain: CloudTrail shows this access key being issued to them.');
    expect(text).not.toMatch(/^ +matched by /m);
  });

  it('a name alone: not certain, and only the headline says how it was found', () => {
    const text = certaintyOf({ event: eventBy(roleUser({ key: null })), records: [grant()] });
    expect(text).toContain('attributed, by session name');
    expect(text).toContain('certainty       Not proven: matched by session name only');
    expect(text).not.toMatch(/^ +matched by /m);
  });

  it('a name in the username: says in the same words how it was found', () => {
    const user = bareRoleUser(`arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/alice`);
    const text = certaintyOf({ event: eventBy(user), records: [grant({ session: 'alice' })] });
    expect(text).toContain('attributed, by username');
    expect(text).toContain('certainty       Not proven: matched only by the session name in the username.');
  });

  it('an answer for which not everything was searched says so', () => {
    const { attribution } = recordOf({ event: eventBy(roleUser({ key: null })), records: [grant()] });
    const text = whoisText({
      attribution,
      basis: { isOfEvent: false, hasKey: false, hasTime: true, isComplete: false },
    });
    expect(text).toContain('no access key confirms it. Not everything was searched: somebody else is possible.\n');
    expect(text).not.toContain('Later records');
  });

  it('a key that no grant lists: likely, and what to compare', () => {
    const by = roleSession({
      roleId: ROLE_ID,
      roleName: ROLE_NAME,
      session: 'alice-session',
      key: ANOTHER_KEY,
      began: utc('12:00:00'),
    });
    const text = certaintyOf({ event: eventBy(roleUser({ key: ANOTHER_KEY })), records: [grant(), callBy(by)] });
    expect(text).toContain('attributed, by session start');
    expect(text).toContain('certainty       Likely, but not proven: the session of this access key began');
    expect(text).toContain('flag            key-not-listed: No known grant lists the access key');
    expect(text).not.toMatch(/^ +matched by /m);
  });

  it('a key with an earlier hop that no key matches: likely, and the hop is marked', () => {
    const hub = grant({ roleId: HUB, roleName: 'jump', session: 'hub', key: ANOTHER_KEY, at: utc('11:00:00') });
    const second = grant({ by: roleSession({ roleId: HUB, session: 'hub', began: utc('11:00:00') }) });
    const text = certaintyOf({ event: auditEvent(), records: [hub, second] });
    expect(text).toContain('attributed, by access key');
    expect(text).toContain(
      'certainty       Likely, but not proven: CloudTrail shows this access key being issued, but an earlier hop was matched by session start only.',
    );
    expect(text.match(/matched by session start\n/g)).toHaveLength(1);
  });

  it('a chain that ends at another account: certain only up to that account', () => {
    const stranger = { type: 'AWSAccount', principalId: 'AIDASTRANGER000000001', accountId: '999988887777' };
    const text = certaintyOf({ event: auditEvent(), records: [grant({ by: stranger })] });
    expect(text).toContain('partial, by access key');
    expect(text).toContain(
      'certainty       Certain only up to the identity shown: CloudTrail shows this access key being issued to them.',
    );
  });

  it('an identity with which another account acts: its owner is certain, not who acted', () => {
    const by = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 'alice-session', began: utc('12:00:00') });
    const use = callBy({ ...by, accessKeyId: KEY, invokedByDelegate: { accountId: '999988887777' } });
    const text = certaintyOf({ event: auditEvent(), records: [grant(), use] });
    expect(text).toContain('acts-by-delegation');
    expect(text).toContain(
      'certainty       Only partly certain: their identity was used. It is not known who used it.',
    );
  });

  it('a service account that acts for a user: the user is not certain', () => {
    const user = { username: 'system:serviceaccount:argocd:controller', uid: 'b3e2' };
    const event = { ...eventBy(user), impersonatedUser: { username: 'alice' } };
    const text = certaintyOf({ event, records: [] });
    expect(text).toContain('partial, directly');
    expect(text).toContain(
      'certainty       Only partly certain: this is who made the request. It is not known for whom.',
    );
  });

  it('a username of an Identity Center session: not certain, but the caller did not choose the name', () => {
    const attribution = {
      status: 'attributed',
      method: 'username',
      provisional: false,
      flags: ['name-chosen-by-caller'],
      actor: { kind: 'identity-center-user', id: 'i', idBasis: 'name', name: 'alice@example.com' },
      chain: [{ eventName: 'AssumeRoleWithSAML' }],
    } as unknown as FullAttribution;
    expect(certainty(attribution, { isOfEvent: true, hasKey: false, hasTime: true })).toContain(
      'Identity Center set the name',
    );
  });

  describe('a caller who acts directly', () => {
    const uid = (rest: string) => `aws-iam-authenticator:${ACCOUNT}:${rest}`;
    const ofKey = { accessKeyId: [KEY], arn: [`arn:aws:iam::${ACCOUNT}:user/alice`] };
    const alice = eventBy({ uid: uid(userId('alice')), username: 'alice', extra: ofKey });
    const certaintyOf = (event: JsonObject, ...records: readonly JsonObject[]) => {
      const { attribution, caller } = recordOf({ event, records });
      const hasKey = caller.accessKeyId !== undefined;
      return isAboutSomebody(attribution) ? certainty(attribution, { isOfEvent: true, hasKey, hasTime: true }) : '';
    };

    it('with an access key: certain, and what was checked', () => {
      expect(certaintyOf(alice)).toBe(
        'Certain: this is the user itself, not a session of a role, and no CloudTrail record known here shows this access key with anybody else.',
      );
    });

    it('with an access key that was not checked: not proven', () => {
      const { attribution } = recordOf({ event: alice });
      const basis = { isOfEvent: true, hasKey: true, hasTime: true, isComplete: false } as const;
      expect(isAboutSomebody(attribution) && certainty(attribution, basis)).toBe(
        'Likely, but not proven: the uid states this caller, and the access key was not checked. Not everything was searched: somebody else is possible.',
      );
    });

    it('without an access key: certain by the uid alone', () => {
      expect(certaintyOf(eventBy({ uid: uid(userId('alice')), username: 'alice' }))).toBe(
        'Certain: this is the user itself, not a session of a role.',
      );
    });

    it('with a key that was issued to somebody else: several are possible', () => {
      expect(certaintyOf(alice, grant({ by: iamUser('bob') }))).toBe('Not certain: several actors are possible.');
    });

    it('with a key that was somebody else’s at another time: not certain', () => {
      const earlier = grant({ by: iamUser('bob'), at: utc('01:00:00'), until: utc('02:00:00') });
      expect(certaintyOf(alice, earlier)).toBe(
        'No proof: known records show this access key with somebody else, or with another session.',
      );
    });

    it('as root, without an ARN: a federated user looks the same', () => {
      const extra = { accessKeyId: [KEY] };
      expect(certaintyOf(eventBy({ uid: uid(ACCOUNT), username: 'admin', extra }))).toBe(
        "Likely, but not proven: the uid is the root user's, and no CloudTrail record known here shows this access key with anybody else. A federated user's uid can look the same.",
      );
      expect(certaintyOf(eventBy({ uid: uid(ACCOUNT), username: 'admin' }))).toBe(
        "Likely, but not proven: the uid is the root user's. A federated user's uid can look the same.",
      );
      const arn = { arn: [`arn:aws:iam::${ACCOUNT}:root`] };
      expect(certaintyOf(eventBy({ uid: uid(ACCOUNT), username: 'admin', extra: arn }))).toMatch(/^Certain: /);
    });
  });

  it('a name under which whoever changed the identity provider could sign in: not certain', () => {
    const { attribution } = recordOf({ event: auditEvent(), records: [grant()] });
    const text = whoisText({ attribution: { ...attribution, flags: ['identity-provider-changed'] } });
    expect(text).toContain(
      'certainty       No proof: whoever changed the identity provider could sign in under this name.',
    );
  });

  it('a name that Identity Center set: certain by that name', () => {
    const { attribution } = recordOf({ event: eventBy(roleUser({ key: null })), records: [grant()] });
    const text = whoisText({ attribution: { ...attribution, flags: ['access-key-mismatch'] } });
    expect(text).toContain('certainty       Certain by session name: Identity Center set the name, not the caller.');
  });
});
