import { describe, expect, it } from 'vitest';
import { whoisText } from '../../cli/format/whois-text.ts';
import { type Question, recordOf } from '../builders/answer.ts';
import { auditEvent, eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { roleSession } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';

function told(question: Question): string {
  return whoisText({ attribution: recordOf(question).attribution });
}

const HUB = 'AROAHUB00000000000001';

describe('whois sounds as sure as the answer is', () => {
  it('a grant that issued the key: yes, and no more of how it was found', () => {
    const text = told({ event: auditEvent(), records: [grant()] });
    expect(text).toContain('certain         Yes: a grant issued the very access key.');
    expect(text).not.toMatch(/^ +found by /m);
  });

  it('a name alone: as far as the name, and the headline has said how it was found', () => {
    const text = told({ event: eventBy(roleUser({ key: null })), records: [grant()] });
    expect(text).toContain('attributed, by session-name');
    expect(text).toContain('certain         Only as far as the name');
    expect(text).not.toMatch(/^ +found by /m);
  });

  it('a key that no grant lists: nearly, and what to compare', () => {
    const by = roleSession({
      roleId: ROLE_ID,
      roleName: ROLE_NAME,
      session: 'alice-session',
      key: ANOTHER_KEY,
      began: utc('12:00:00'),
    });
    const text = told({ event: eventBy(roleUser({ key: ANOTHER_KEY })), records: [grant(), callBy(by)] });
    expect(text).toContain('attributed, by session-start');
    expect(text).toContain('certain         Nearly: ');
    expect(text).toContain('flag            key-not-listed: No grant lists the access key');
    expect(text).not.toMatch(/^ +found by /m);
  });

  it('a key before which a hop has none: as far as that hop, which is marked', () => {
    const hub = grant({ roleId: HUB, roleName: 'jump', session: 'hub', key: ANOTHER_KEY, at: utc('11:00:00') });
    const second = grant({ by: roleSession({ roleId: HUB, session: 'hub', began: utc('11:00:00') }) });
    const text = told({ event: auditEvent(), records: [hub, second] });
    expect(text).toContain('attributed, by access-key');
    expect(text).toContain(
      'certain         Nearly: a grant issued the very access key, but the chain before it has a link found by session-start.',
    );
    expect(text.match(/found by session-start\n/g)).toHaveLength(1);
  });
});
