import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Question } from '../../lib/attribution/questions.ts';
import { DAY, type EpochMillis, epochMillis } from '../../lib/time.ts';
import { KEY } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { NOW } from './claims.ts';
import { RunningDynalite } from './running-dynalite.ts';
import { factsOf, storedRecord } from './stored-record.ts';

const BY_KEY: Question = { kind: 'grants-of-key', accessKeyId: KEY };

/** DynamoDB deletes what is over within days of that (DynamoDB Developer Guide, "Using time to live"). */
describe('what is over, and is not deleted yet,', () => {
  let dynalite: RunningDynalite;
  let now: EpochMillis = NOW;

  beforeAll(async () => {
    dynalite = await RunningDynalite.start();
  });
  afterAll(() => dynalite.stop());

  it('is gone for whoever asks', async () => {
    const { sessions, records, claims } = await dynalite.stores(() => now);
    const stored = storedRecord();
    await sessions.add(factsOf([grant()]));
    await records.insert([stored]);
    await claims.waitFor('one', [BY_KEY]);
    const there = async () => ({
      facts: (await sessions.answer([BY_KEY], 'any')).length,
      records: (await records.query({ by: 'audit-id', auditId: stored.record.auditId }, {}, { limit: 10 })).records
        .length,
      waits: (await claims.waitingFor(BY_KEY)).length,
    });
    expect(await there()).toEqual({ facts: 1, records: 1, waits: 1 });
    now = epochMillis(NOW + 4_000 * DAY);
    expect(await there()).toEqual({ facts: 0, records: 0, waits: 0 });
  });
});
