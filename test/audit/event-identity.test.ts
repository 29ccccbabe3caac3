import fc from 'fast-check';
import { expect, it } from 'vitest';
import { callerIdentity, eventIdentity, parseAuditEvent } from '../../lib/audit/event.ts';

it('the identity of an event is the JSON of seven texts, permanently, because records are stored under its digest', () => {
  const text = fc.option(fc.string({ unit: 'binary' }), { nil: undefined });
  fc.assert(
    fc.property(fc.tuple(fc.string(), text, text, text, text, text, text), (all) => {
      const [auditID, stage, requestReceivedTimestamp, verb, requestURI, uid, username] = all;
      const event = parseAuditEvent({
        auditID,
        stage,
        requestReceivedTimestamp,
        verb,
        requestURI,
        user: { uid, username },
      });
      if (typeof event === 'string') throw new Error(event);
      const filled = all.map((each, at) => (at === 0 ? each : each || undefined));
      expect(eventIdentity(event)).toBe(JSON.stringify(filled));
      expect(eventIdentity(event, callerIdentity(event.caller))).toBe(JSON.stringify(filled));
    }),
  );
});
