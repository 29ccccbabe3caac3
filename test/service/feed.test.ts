import { describe, expect, it } from 'vitest';
import { fileSource } from '../../lib/adapters/files/file-source.ts';
import { type EpochMillis, epochMillis, formatInstant } from '../../lib/time.ts';
import { InvocationError, type LocalFunctions } from '../../local/service/fed-functions.ts';
import { feed } from '../../local/service/feed.ts';
import { LocalClock } from '../../local/service/local-clock.ts';
import { LocalError } from '../../local/service/local-error.ts';
import type { NextDue } from '../../local/service/next-due.ts';
import { Story } from '../../local/service/story.ts';
import { timelineOf } from '../../local/service/timeline.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { Folder } from '../builders/command.ts';
import { utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';

const NOW = epochMillis(Date.UTC(2026, 2, 12));

interface FeedResult {
  readonly failed: number;
  readonly lines: readonly string[];
  readonly ingested: number;
  readonly end: EpochMillis;
}

/** Feeds these lines of an audit log to functions that count as given or throw, and that state when something is due. */
async function fed(
  audit: readonly string[],
  functions: (story: Story, clock: LocalClock) => Partial<LocalFunctions>,
  nextDue: NextDue = async () => undefined,
): Promise<FeedResult> {
  using folder = new Folder();
  const file = folder.file('audit.jsonl', audit.join('\n'));
  const timeline = await timelineOf(fileSource([file]), fileSource([]), NOW);
  const lines: string[] = [];
  const story = new Story((line) => lines.push(line));
  const clock = new LocalClock(timeline.arrivals[0]?.at, () => NOW);
  const { ingest, ...others } = functions(story, clock);
  let ingested = 0;
  const counting: LocalFunctions = {
    grants: async () => undefined,
    settle: async () => undefined,
    ...others,
    async ingest(data) {
      await ingest?.(data);
      ingested += 1;
    },
  };
  const failed = await feed(timeline, { functions: counting, nextDue, clock, story, rest: async () => undefined });
  return { failed, lines, ingested, end: clock.instant };
}

const at = (time: string) => JSON.stringify(auditEvent({ requestReceivedTimestamp: time }));
const instant = (time: string) => epochMillis(Date.parse(utc(time)));
const counts = (story: Story, metrics: Readonly<Record<string, number>>) => {
  for (const [name, sum] of Object.entries(metrics)) story.add(name, sum);
};

describe('feeding', () => {
  it('reports what the files contain of other origins', async () => {
    const message = at(utc('10:00:00'));
    const payload = {
      messageType: 'DATA_MESSAGE',
      logGroup: '/company/audit',
      logStream: 's',
      logEvents: [{ message }],
    };
    const { lines, ingested } = await fed(
      [JSON.stringify(payload), JSON.stringify(grant()), `${utc('10:00:00')} I0310`, message],
      () => ({}),
    );
    expect(ingested).toBe(0);
    expect(lines.map((line) => line.replace(/^\S+ +/, ''))).toEqual([
      'left out: 1 text from a log group that is not trusted (trust it with --log-group); 1 line without a time in an export; 1 CloudTrail record among the audit events',
    ]);
  });

  it('continues after a batch on which a function fails, and reports in one line which one and why', async () => {
    let batches = 0;
    const { failed, lines, ingested } = await fed([at(utc('10:00:00')), at(utc('11:00:00'))], (story) => ({
      async ingest() {
        batches += 1;
        if (batches === 1) throw new InvocationError('ingest: Item size has exceeded the maximum allowed size');
        counts(story, { Attributed: 1 });
      },
    }));
    expect({ failed, ingested }).toEqual({ failed: 1, ingested: 1 });
    expect(lines).toEqual([
      '2026-03-10T10:06:00Z  1 audit event failed: ingest: Item size has exceeded the maximum allowed size',
      '2026-03-10T11:06:00Z  1 audit event: 1 attributed',
    ]);
  });

  it('reports once that settling fails, and counts each failure', async () => {
    const failing = (story: Story) => ({
      ingest: async () => counts(story, { Pending: 1 }),
      async settle() {
        throw new InvocationError('settle: no answer');
      },
    });
    const { failed, lines } = await fed([at(utc('10:00:00'))], failing, async () => instant('10:06:00'));
    expect(failed).toBeGreaterThan(5);
    expect(lines).toEqual([
      '2026-03-10T10:06:00Z  settling failed: settle: no answer',
      '2026-03-10T10:06:00Z  1 audit event: 1 pending',
    ]);
  });

  it('settles at the rounds at which something is due, at the first and the last, and at no other minute of a week', async () => {
    const dues = [instant('10:06:00'), instant('10:19:00'), instant('10:22:00')];
    const settled: string[] = [];
    const events = [at(utc('10:00:00')), at('2026-03-11T10:00:00Z')];
    const settling = (_: Story, clock: LocalClock) => ({
      async settle() {
        settled.push(formatInstant(clock.instant));
        while (dues[0] !== undefined && dues[0] <= clock.instant && settled.length > 1) dues.shift();
      },
    });
    await fed(events, settling, async () => dues[0]);
    expect(settled).toEqual([
      '2026-03-10T10:06:00Z',
      '2026-03-10T10:11:00Z',
      '2026-03-10T10:21:00Z',
      '2026-03-10T10:26:00Z',
      '2026-03-11T10:46:00Z',
    ]);
  });

  it('keeps the clock with the other events if one is dated years ahead, and reports it', async () => {
    const far = await fed([at('9999-12-31T23:59:59Z'), at(utc('10:00:00'))], (story) => ({
      ingest: async () => counts(story, { Pending: 1 }),
    }));
    expect(far.lines).toEqual([
      '2026-03-10T10:06:00Z  1 audit event: 1 pending',
      '2026-03-10T10:06:00Z  1 audit event, dated too far in the future for the clock: 1 pending',
    ]);
    expect(far.end).toBe(Date.UTC(2026, 2, 10, 10, 46));
  });

  it('uses the real time if all events are dated years ahead', async () => {
    const { lines } = await fed([at('9999-12-31T23:59:59Z')], (story) => ({
      ingest: async () => counts(story, { Pending: 1 }),
    }));
    expect(lines).toEqual([
      '2026-03-12T00:00:00Z  1 audit event, dated too far in the future for the clock: 1 pending',
    ]);
  });

  it('ends at an error that is no failed invocation, such as a full disk', async () => {
    const full = new LocalError('The store cannot be written.');
    const broken = fed([at(utc('10:00:00'))], () => ({
      async settle() {
        throw full;
      },
    }));
    await expect(broken).rejects.toBe(full);
  });

  it('reports beside the answers how much of a batch could not be read, with the right plural', async () => {
    const { lines } = await fed([at(utc('10:00:00')), at(utc('10:00:01')), '{"kind":'], (story) => ({
      ingest: async () => counts(story, { Unattributed: 1, EventsRejected: 1 }),
    }));
    expect(lines).toEqual([
      '2026-03-10T10:06:00Z  2 audit events: 1 unattributed, 1 unreadable',
      '2026-03-10T10:46:00Z  1 part of the files could not be read',
    ]);
  });
});
