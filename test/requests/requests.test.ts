import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ShownRequests } from '../../cli/access/requests.ts';
import { liveFormat } from '../../cli/format/formats.ts';
import { sha256 } from '../../lib/adapters/digest.ts';
import { identified } from '../../lib/attribution/actor.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { ecsEvent } from '../../lib/ecs/ecs-event.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { apiActivity } from '../../lib/ocsf/api-activity.ts';
import { latestStages, type Request, requestIdentity, requestsIn } from '../../lib/usecases/activity/requests.ts';
import { REPOSITORY, runCommand } from '../builders/command.ts';
import { PIPED } from '../builders/view.ts';

function record(auditId: string, stage: string, time: string | undefined = '2026-03-10T08:00:00Z'): AuditRecord {
  return {
    schemaVersion: 1,
    auditId: auditIdOf(auditId),
    stage,
    time,
    request: { verb: 'watch', uri: '/api/v1/pods' },
    caller: { kind: 'kubernetes-user', username: 'jane' },
    attribution: {
      status: 'attributed',
      method: 'direct',
      provisional: false,
      flags: [],
      actor: identified({ kind: 'kubernetes-user', name: 'jane' }),
    },
  };
}

async function all(requests: AsyncIterable<Request>): Promise<Request[]> {
  const found: Request[] = [];
  for await (const request of requests) found.push(request);
  return found;
}

async function* each(...records: AuditRecord[]): AsyncGenerator<AuditRecord> {
  yield* records;
}

describe('The stages of a request', () => {
  it('are one request, described by the latest stage, in whatever order they come', async () => {
    const stages = ['ResponseStarted', 'ResponseComplete', 'RequestReceived'].map((stage) => record('a', stage));
    const found = await all(requestsIn(each(...stages, record('b', 'ResponseStarted', undefined))));
    expect(found.map((request) => [request.record.auditId, request.record.stage, request.stages.length])).toEqual([
      ['a', 'ResponseComplete', 3],
      ['b', 'ResponseStarted', 1],
    ]);
  });

  it('are not those of another request that borrowed its audit id', async () => {
    const other = { ...record('a', 'ResponseComplete'), caller: { kind: 'kubernetes-user', username: 'joe' } } as const;
    const found = await all(requestsIn(each(record('a', 'ResponseComplete'), other)));
    expect(found).toHaveLength(2);
  });

  it('are in one order for conflicting copies of one event, however they were read', () => {
    const copyBy = (username: string): AuditRecord => {
      const { attribution, ...copy } = record('a', 'ResponseComplete');
      const caller = { kind: 'kubernetes-user', username } as const;
      return { ...copy, caller, attribution: { ...attribution, flags: ['conflicting-copies'] } };
    };
    const [jane, joe] = [copyBy('jane'), copyBy('joe')];
    const later = record('b', 'ResponseComplete', '2026-03-10T09:00:00Z');
    expect(latestStages([later, jane, joe])).toEqual(latestStages([later, joe, jane]));
    expect(latestStages([later, joe, jane])[0]).toBe(later);
  });

  it.each(['ResponseComplete', 'Panic'])(
    'are not records that another account hands over under the same audit ID (%s)',
    async (stage) => {
      const own = record('a', 'ResponseComplete');
      const reported = { ...record('a', stage), origin: { handedOverBy: '444455556666' } };
      for (const found of [
        (await all(requestsIn(each(own, reported)))).map((each) => each.record),
        latestStages([own, reported]),
      ])
        expect(found).toEqual(expect.arrayContaining([own, reported]));
      const shown = new ShownRequests();
      expect([reported, own, own].map((each) => shown.isNew(each))).toEqual([true, true, false]);
      expect(
        new Set(
          [own, reported].map(
            (each) => apiActivity(each, { version: '1', schema: '1.3.0', digest: sha256 }).metadata.uid,
          ),
        ).size,
      ).toBe(2);
      expect(new Set([own, reported].map((each) => ecsEvent(each, sha256).event.id)).size).toBe(2);
    },
  );

  it('are all shown even if thousands of records have no time', async () => {
    const many = Array.from({ length: 2_500 }, (_, at) => record(String(at), 'ResponseComplete', undefined));
    expect(await all(requestsIn(each(...many)))).toHaveLength(2_500);
  });

  it('are shown once if they come one by one', () => {
    const shown = new ShownRequests(2);
    expect(shown.isNew(record('a', 'ResponseStarted'))).toBe(true);
    expect(shown.isNew(record('a', 'ResponseComplete'))).toBe(false);
    expect(shown.isNew(record('a', 'ResponseComplete'), 'corrected')).toBe(true);
  });

  it('are one row in a followed table, and one for each correction', () => {
    const format = liveFormat('table', PIPED);
    const was = { status: 'pending' };
    const rows = [undefined, was].flatMap((before) =>
      ['ResponseStarted', 'ResponseComplete'].map((stage) => format.record(record('a', stage), before) !== ''),
    );
    expect(rows).toEqual([true, false, true, false]);
  });

  it('are one row in the table of files, and several records otherwise', async () => {
    const [audit, cloudtrail] = ['audit', 'cloudtrail'].map((folder) => join(REPOSITORY, 'examples', folder));
    const from = ['attribute', '--audit', audit ?? '', '--cloudtrail', cloudtrail ?? ''];
    const table = await runCommand([...from, '--format', 'table', '--not-status', 'pending']);
    const records = (await runCommand(from)).output
      .trimEnd()
      .split('\n')
      .map((line): AuditRecord => JSON.parse(line));
    const requests = new Set(records.map(requestIdentity)).size;
    expect(requests).toBeLessThan(records.length);
    expect(table.output.trimEnd().split('\n')).toHaveLength(1 + requests);
  });
});
