import { expect, it, vi } from 'vitest';
import { withSame } from '../../cli/records/same.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';

it('reads one audit ID of any number of requests, because a caller can give each the same one', async () => {
  const [first, last] = ['10:00:00', '11:00:00'].map((time) =>
    recordOf({ event: auditEvent({ requestReceivedTimestamp: `2026-03-10T${time}.000000Z` }) }),
  );
  if (first === undefined || last === undefined) throw new Error('no record');
  const records = [last, ...new Array<AuditRecord>(300_000).fill(first)];
  const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const place = { records: async () => records, none: 'there is none' };
    expect(await withSame({ sameIp: 'shared', window: 60_000 }, place)).toEqual({
      ip: [first.source?.ips?.at(-1)],
      from: '2026-03-10T09:59:00Z',
      to: '2026-03-10T11:01:00Z',
    });
    expect(String(spy.mock.calls)).toContain('2 requests have this audit ID');
  } finally {
    spy.mockRestore();
  }
});
