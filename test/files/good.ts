import { expect } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent } from '../builders/audit-event.ts';
import type { AttributeRun } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';

/** A good audit event of this name, as one line. */
export function good(auditID: string, fields: JsonObject = {}): string {
  return JSON.stringify(goodEvent(auditID, fields));
}

export function goodEvent(auditID: string, fields: JsonObject = {}): JsonObject {
  return auditEvent({ auditID, ...fields });
}

export const GRANT = JSON.stringify(grant({ id: 'e1' }));

/** Expects of a run over hostile files that it ends without a crash or a stack trace, and that samples are short and without bodies. */
export function expectCalm({ status, errors, rejects, records }: AttributeRun): void {
  expect(errors).not.toMatch(/^\s+at |Error:|node:internal|should not have/m);
  if (records.length > 0 || status !== 1) expect(status).toBe(0); // 1 says that no audit event was read.
  for (const { file, place, reason, sample } of rejects) {
    expect([typeof file, typeof place, typeof reason]).toEqual(['string', 'string', 'string']);
    expect(place.length).toBeGreaterThan(0);
    expect(Buffer.byteLength(sample)).toBeLessThanOrEqual(1_024);
    expect(sample).not.toContain('TOPSECRET');
  }
}

export const ids = ({ records }: AttributeRun): string[] => records.map(({ auditId }) => auditId);

/** Returns where and why pieces were set aside. */
export const asides = ({ rejects }: AttributeRun): [string, string][] =>
  rejects.map(({ place, reason }) => [place, reason]);
