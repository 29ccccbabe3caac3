import { describe, expect, it } from 'vitest';
import { belongingTo } from '../../cli/related/file-source.ts';
import type { RecordHead } from '../../lib/attribution/record.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { JsonObject } from '../../lib/json.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { Reads } from '../builders/counted-reads.ts';

const ASKED = auditIdOf('asked');

function head(auditID: string, time: string, more: JsonObject = {}): RecordHead {
  return recordOf({ event: auditEvent({ auditID, requestReceivedTimestamp: `2026-03-10T${time}.000000Z`, ...more }) });
}

const user = (username: string, session?: string) => ({
  username,
  uid: 'aws-iam-authenticator:111122223333:AROASHARED00000000001',
  ...(session !== undefined && { extra: { sessionName: [session] } }),
});

describe('what belongs to the requests of an audit id', () => {
  const belongs = belongingTo(ASKED, [
    head('asked', '12:00:00', { user: user('ana', 'ana-1') }),
    head('asked', '10:00:00', { user: user('ana', 'ana-1') }),
    head('asked', '11:00:00', { user: user('ben', 'ben-1') }),
  ]);

  it.each<[string, RecordHead, boolean]>([
    ['the request itself', head('asked', '20:00:00', { user: user('eve') }), true],
    ['the same user right before', head('other', '09:45:00', { user: user('ana') }), true],
    ['the same user right after', head('other', '12:15:00', { user: user('ana') }), true],
    ['the same user just too early', head('other', '09:44:59', { user: user('ana') }), false],
    ['the same user between two requests', head('other', '11:00:00', { user: user('ana', 'ana-1') }), false],
    ['the same session by another username', head('other', '12:10:00', { user: user('admin', 'ana-1') }), true],
    ['another session then', head('other', '12:10:00', { user: user('admin', 'eve-1') }), false],
    ['the same user at a time that nobody can read', head('other', 'x', { user: user('ana') }), false],
  ])('%s', (_what, each, isIt) => {
    expect(belongs(each)).toBe(isIt);
  });

  it('takes the same work for each event, however many have the ID: a client can give it to everything it does', () => {
    const effort = (count: number) => {
      const reads = new Reads();
      const time = (at: number) => new Date(Date.parse('2026-03-10T00:00:00Z') + at).toISOString().slice(11, 19);
      const isIt = belongingTo(
        ASKED,
        Array.from({ length: count }, (_, at) => head('asked', time(at * 1_000), { user: user('ana', 'ana-1') })),
      );
      const others = Array.from({ length: 100 }, (_, at) => head('other', '20:00:00', { user: user(`u-${at}`) }));
      for (const other of others) expect(isIt(reads.of(other))).toBe(false);
      return reads.count;
    };
    expect(effort(10)).toBeGreaterThan(100);
    expect(effort(1_000)).toBe(effort(10));
  });
});
