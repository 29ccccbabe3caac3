import { describe, expect, it } from 'vitest';
import { fileSource } from '../../lib/adapters/files/file-source.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { type Timeline, timelineOf } from '../../local/service/timeline.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { Folder } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';

const NOW = epochMillis(Date.UTC(2026, 10, 25));

/** Returns an object with so many levels of nesting, as text, since `JSON.stringify` cannot write it. */
function nestedTo(levels: number, object: JsonObject, field: string): string {
  return `${JSON.stringify(object).slice(0, -1)},"${field}":${'['.repeat(levels)}${']'.repeat(levels)}}`;
}

async function timelineOver(audit: readonly string[], cloudtrail: readonly string[]): Promise<Timeline> {
  using folder = new Folder();
  const auditFile = folder.file('audit.jsonl', audit.join('\n'));
  const trailFile = folder.file('trail.jsonl', cloudtrail.join('\n'));
  return await timelineOf(fileSource([auditFile]), fileSource([trailFile]), NOW);
}

function eventsFed({ arrivals }: Timeline): unknown[] {
  return arrivals.flatMap((arrival) => {
    if (arrival.kind !== 'audit') return [];
    const { events, rejected } = readBatch({ awslogs: { data: arrival.data() } }, 'fed', { inflate: inflatePayload });
    expect(rejected).toEqual([]);
    return events.map(({ event }) => event);
  });
}

describe('the input of the service on one machine', () => {
  it('has the audit events of the time range, and those without a readable time', async () => {
    using folder = new Folder();
    const events = ['2026-03-10T12:00:00Z', '2026-03-10T13:00:00Z', 'soon'].map((time) =>
      JSON.stringify(auditEvent({ auditID: time, requestReceivedTimestamp: time })),
    );
    const audit = fileSource([folder.file('audit.jsonl', events.join('\n'))]);
    const range = { from: epochMillis(Date.UTC(2026, 2, 10, 12, 30)), to: epochMillis(Date.UTC(2026, 2, 10, 13)) };
    const timeline = await timelineOf(audit, fileSource([]), NOW, range);
    expect(eventsFed(timeline)).toMatchObject([{ auditId: '2026-03-10T13:00:00Z' }, { auditId: 'soon' }]);
    expect(timeline.ignored).toEqual(new Map([['out-of-range', 1]]));
  });

  it('comes in slices of five minutes, or of hours if there would be too many in a day', async () => {
    const every = (minutes: number, count: number) =>
      Array.from({ length: count }, (_, index) => {
        const at = new Date(Date.UTC(2026, 2, 10) + index * minutes * 60_000).toISOString();
        return JSON.stringify(auditEvent({ auditID: `event ${index}`, requestReceivedTimestamp: at }));
      });
    const stretches = async (events: readonly string[]) => {
      const timeline = await timelineOver(events, [JSON.stringify(grant())]);
      expect(eventsFed(timeline)).toHaveLength(events.length);
      return [timeline.stretch / 60_000, timeline.arrivals.filter(({ kind }) => kind === 'audit').length];
    };
    expect(await stretches(every(5, 288))).toEqual([5, 288]);
    expect(await stretches([...every(5, 287), ...every(60 * 24 * 365, 1)])).toEqual([5, 287]);
    expect(await stretches(every(5, 289))).toEqual([15, 97]);
    expect(await stretches(every(5, 12 * 24 * 7))).toEqual([60, 24 * 7]);
    expect(await stretches(every(60, 24 * 60))).toEqual([360, 4 * 60]);
  });

  it('includes an audit event that is nested 10,000 levels deep, as far as it is read, and the events beside it', async () => {
    const [deep, other] = [auditEvent({ auditID: 'deep' }), auditEvent({ auditID: 'other' })];
    const asWritten = await timelineOver(
      [deep, other].map((event) => JSON.stringify(event)),
      [],
    );
    const fed = await timelineOver([nestedTo(10_000, deep, 'requestObject'), JSON.stringify(other)], []);
    expect(eventsFed(fed)).toEqual(eventsFed(asWritten));
    expect(eventsFed(fed)).toHaveLength(2);
    expect(fed.rejected).toEqual([]);
  });

  it('includes a CloudTrail record of that depth', async () => {
    const record = grant();
    const { arrivals, trail } = await timelineOver([], [nestedTo(10_000, record, 'additionalEventData')]);
    expect(arrivals).toHaveLength(1);
    expect(JSON.parse(JSON.stringify(trail[0]))).toMatchObject(record);
  });

  it('comes with the event before it if it has no readable time', async () => {
    const lines = [
      auditEvent(),
      auditEvent({ requestReceivedTimestamp: 'yesterday' }),
      { kind: 'Event', auditID: 'x' },
    ];
    const { arrivals } = await timelineOver(
      lines.map((line) => JSON.stringify(line)),
      [],
    );
    expect(arrivals).toMatchObject([{ events: 3, at: Date.UTC(2026, 2, 10, 12, 16) }]);
  });

  it('keeps nesting as deep as a real request can have', async () => {
    const [record] = (await timelineOver([], [nestedTo(50, grant(), 'additionalEventData')])).trail;
    expect(JSON.stringify(record)).toContain('['.repeat(50));
  });
});
