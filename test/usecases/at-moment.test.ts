import { describe, expect, it } from 'vitest';
import type { KeptAttribution } from '../../lib/claims/kept-record.ts';
import { parseInstant } from '../../lib/time.ts';
import { listByMoment } from '../../lib/usecases/query/anything/at-moment.ts';
import type { SessionFound } from '../../lib/usecases/query/anything/outcomes.ts';

const AT = parseInstant('2026-11-24T09:30:00Z');

/** A session that made one request at this time. No grant of it is known. */
function usedAt(time: string, more: Partial<SessionFound> = {}): SessionFound {
  const attribution: KeptAttribution = {
    status: 'unattributed',
    flags: [],
    provisional: false,
    reason: 'access-key-not-seen',
  };
  return {
    session: 'AROATFRGJIXDNDBHIRKVD:i-0f3a',
    accessKeyId: 'ASIAU3HHASRZ56Z3W5SF',
    from: time,
    to: time,
    records: 1,
    attribution,
    ...more,
  } as SessionFound;
}

const noteOf = (...sessions: readonly SessionFound[]) => listByMoment(sessions, AT).note;

describe('what the list of sessions says about a moment', () => {
  it('does not deny that a session was valid if its grant is not known and it was used within 12 hours', () => {
    expect(noteOf(usedAt('2026-11-24T09:30:01Z'))).toBe(
      'It is not known whether it was valid at 2026-11-24T09:30:00Z. The nearest one comes first.',
    );
    expect(noteOf(usedAt('2026-11-24T09:30:01Z'), usedAt('2026-11-24T21:00:00Z'))).toBe(
      'It is not known whether they were valid at 2026-11-24T09:30:00Z. The nearest one comes first.',
    );
  });

  it('denies it if a role session can not have lasted so long, or its grant shows that', () => {
    const none =
      'As far as is known, none of these sessions was valid at 2026-11-24T09:30:00Z. The nearest one comes first.';
    const granted = { records: undefined, from: '2026-11-24T10:00:00Z', to: '2026-11-24T11:00:00Z' };
    expect(noteOf(usedAt('2026-11-23T21:00:00Z'))).toBe(none);
    expect(noteOf(usedAt('', granted))).toBe(none);
    expect(noteOf(usedAt('2026-11-23T21:00:00Z'), usedAt('2026-11-24T09:29:00Z'))).toBe(
      'It is not known whether 1 of them was valid at 2026-11-24T09:30:00Z. The nearest one comes first.',
    );
  });

  it('does not deny it for a long-term key, which does not expire', () => {
    const key = { accessKeyId: 'AKIAU3HHASRZ56Z3W5SF', session: undefined };
    expect(noteOf(usedAt('2026-11-20T09:30:00Z', key))).toMatch(/^It is not known whether it was valid/);
  });

  it('says of the others too whether they are known to have been invalid', () => {
    const valid = usedAt('', { records: undefined, from: '2026-11-24T09:00:00Z', to: '2026-11-24T10:00:00Z' });
    expect(noteOf(usedAt('2026-11-24T09:29:00Z'), valid)).toBe(
      '1 of 2 sessions was valid at 2026-11-24T09:30:00Z and comes first. The other one follows. It is not known whether it was valid then.',
    );
    expect(noteOf(usedAt('2026-11-23T09:29:00Z'), valid)).toBe(
      '1 of 2 sessions was valid at 2026-11-24T09:30:00Z and comes first. The other one follows.',
    );
  });
});
