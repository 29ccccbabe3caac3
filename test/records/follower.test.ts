import { describe, expect, it } from 'vitest';
import { Follower, ShownRecords } from '../../cli/records/follow/follower.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { epochMillis, formatInstant, SECOND } from '../../lib/time.ts';
import { utc } from '../builders/company.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { instant } from '../usecases/service.ts';

const NOON = instant(utc('12:00:00'));
const template = storedRecord().record;

function recordAt(seconds: number, auditId = `audit-${seconds}`): AuditRecord {
  return { ...template, auditId: auditIdOf(auditId), time: formatInstant(epochMillis(NOON + seconds * SECOND)) };
}

describe('the memory of shown records', () => {
  it('is bounded: of too many the latest are kept, and it says since when', () => {
    const shown = new ShownRecords(100);
    for (let second = 0; second < 150; second += 1) shown.see(recordAt(second), 1);
    expect(shown.forget(0)).toBe(true);
    expect(shown.floor).toBe(NOON + 50 * SECOND);
    expect(shown.see(recordAt(50), 2)).toEqual({ kind: 'known' });
    expect(shown.see(recordAt(49), 2)).toEqual({ kind: 'new' });
  });

  it('is dropped when it is no longer needed', () => {
    const shown = new ShownRecords(100);
    for (const second of [1, 2, 3]) shown.see(recordAt(second), 1);
    expect(shown.forget(NOON + 2 * SECOND)).toBe(false);
    expect(shown.missing(2, 0).map(({ auditId }) => auditId)).toEqual(['audit-2', 'audit-3']);
  });
});

class Day {
  readonly notes: string[] = [];
  readonly shown: AuditRecord[] = [];
  readonly starts: number[] = [];
  records: AuditRecord[] = [];
  failAfter = Number.POSITIVE_INFINITY;

  readonly follower = new Follower(
    {
      records: (from) => this.#newestFirst(from),
      ofAuditId: () => this.#newestFirst(Number.POSITIVE_INFINITY),
    },
    {
      show: (record) => void this.shown.push(record),
      shown: async () => undefined,
      note: (text) => void this.notes.push(text),
    },
    NOON,
  );

  async *#newestFirst(from: number): AsyncGenerator<AuditRecord> {
    this.starts.push(from);
    let given = 0;
    for (const record of this.records.toReversed()) {
      if (given >= this.failAfter) throw new Error('trouble');
      given += 1;
      if (instant(record.time ?? '') >= from) yield record;
    }
  }
}

describe('a query of --follow', () => {
  it('at more than 5000 records shows them all, in parts, and says so once', async () => {
    const day = new Day();
    day.records = Array.from({ length: 12_000 }, (_, second) => recordAt(second));
    await day.follower.look(NOON + 12_000 * SECOND);
    expect(new Set(day.shown.map(({ auditId }) => auditId)).size).toBe(12_000);
    expect(day.notes).toEqual(['More than 5000 records came at once. They are shown in parts, the latest part first.']);
  });

  it('that fails in the middle has shown what it found; the next one shows the rest, and nothing twice', async () => {
    const day = new Day();
    day.records = [1, 2, 3, 4].map((second) => recordAt(second));
    day.failAfter = 2;
    await expect(day.follower.look(NOON + 5 * SECOND)).rejects.toThrow('trouble');
    day.failAfter = Number.POSITIVE_INFINITY;
    await day.follower.look(NOON + 6 * SECOND);
    expect(day.shown.map(({ auditId }) => auditId)).toEqual(['audit-3', 'audit-4', 'audit-1', 'audit-2']);
  });

  it('goes back to the last successful one after hours of trouble', async () => {
    const day = new Day();
    day.records = [recordAt(1)];
    const hour = 3_600 * SECOND;
    for (const at of [1, 2]) await day.follower.look(NOON + at * hour);
    day.records.push(recordAt(2 * 3_600 - 1), recordAt(9 * 3_600));
    await day.follower.look(NOON + 10 * hour);
    expect(day.shown).toHaveLength(3);
  });

  it('goes by the events if the clock of this machine is an hour ahead', async () => {
    const day = new Day();
    day.records = [recordAt(1)];
    for (let look = 0; look < 30; look += 1) {
      await day.follower.look(NOON + (3_600 + look * 5) * SECOND);
      day.records.push(recordAt(look * 5 + 2));
    }
    expect(day.shown).toHaveLength(30);
  });

  it('covers the last 45 minutes each time if queries are a minute apart', async () => {
    const day = new Day();
    day.records = [recordAt(7_200)];
    for (let look = 0; look < 3; look += 1) await day.follower.look(NOON + (7_200 + look * 60) * SECOND);
    expect(day.starts.slice(1)).toEqual([45, 45].map((minutes) => NOON + (7_200 - minutes * 60) * SECOND));
  });

  it('covers the last two minutes each time, and 45 every twelfth time', async () => {
    const day = new Day();
    const seconds = (hours: number) => hours * 3_600;
    day.records = [recordAt(seconds(2))];
    for (let look = 0; look < 13; look += 1) await day.follower.look(NOON + (seconds(2) + look) * SECOND);
    const back = day.starts.map((from) => (NOON + seconds(2) * SECOND - from) / 60 / SECOND);
    expect(back).toEqual([120, ...Array(11).fill(2), 45]);
  });
});
