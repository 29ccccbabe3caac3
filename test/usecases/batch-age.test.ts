import { describe, expect, it } from 'vitest';
import { batchAge } from '../../lib/usecases/ingest/ingest.ts';
import { parsedEvent } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';

const NOW = Date.parse(utc('12:00:00'));
const at = (time: string, fields = {}) => ({
  event: parsedEvent(auditEvent({ requestReceivedTimestamp: utc(time), objectRef: undefined, ...fields })),
});

describe('the age of a batch', () => {
  it('is that of its oldest event', () => {
    expect(batchAge([at('11:58:00'), at('11:57:00'), at('11:59:00')], NOW)).toBe(3 * 60_000);
  });

  it.each([
    { verb: 'watch' },
    { verb: 'get', objectRef: { resource: 'pods', subresource: 'exec' } },
    { verb: 'get', objectRef: { resource: 'pods', subresource: 'log' } },
  ])('ignores the end of a request that lasted for hours: %j', (long) => {
    expect(batchAge([at('06:00:00', long), at('11:59:00')], NOW)).toBe(60_000);
    expect(batchAge([at('06:00:00', long)], NOW)).toBeUndefined();
    expect(batchAge([at('11:00:00', { ...long, stage: 'ResponseStarted' })], NOW)).toBe(60 * 60_000);
  });

  it('is unknown for a batch whose events have no time', () => {
    expect(batchAge([at('11:00:00', { requestReceivedTimestamp: 'soon' })], NOW)).toBeUndefined();
    expect(batchAge([], NOW)).toBeUndefined();
  });
});
