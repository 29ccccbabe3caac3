import { describe, expect, it } from 'vitest';
import { FacetCounts } from '../../console/page/core/facets.ts';
import { Rows } from '../../console/page/core/rows.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';

type RecordFields = Partial<AuditRecord> & { readonly id: string; readonly second?: number };

function record({ id, second = 0, ...fields }: RecordFields): AuditRecord {
  return {
    schemaVersion: 1,
    auditId: auditIdOf(id),
    stage: 'ResponseComplete',
    time: `2026-03-10T08:00:${String(second).padStart(2, '0')}Z`,
    caller: { kind: 'role-session' },
    attribution: { status: 'pending', provisional: true, flags: [] },
    ...fields,
  };
}

const ids = (rows: Rows) => rows.all.map((row) => row.record.auditId);

describe('the rows of the timeline', () => {
  it('have one row for a request with several stages', () => {
    const rows = new Rows();
    rows.add([record({ id: 'exec', stage: 'ResponseStarted' }), record({ id: 'other' })], 'below');
    rows.add([record({ id: 'exec', stage: 'ResponseComplete' })], 'below');
    expect(ids(rows)).toEqual(['exec', 'other']);
    expect(rows.all[0]?.stages.map(({ stage }) => stage)).toEqual(['ResponseComplete', 'ResponseStarted']);
    expect(rows.all[0]?.isCorrected).toBe(false);
  });

  it('separate requests with the same audit id, which clients choose', () => {
    const rows = new Rows();
    rows.add([record({ id: 'same', second: 2 }), record({ id: 'same', second: 1 })], 'below');
    expect(rows.all).toHaveLength(2);
  });

  it('insert newer records by time', () => {
    const rows = new Rows();
    rows.add([record({ id: 'c', second: 30 }), record({ id: 'a', second: 10 })], 'below');
    const { rows: added } = rows.add(
      [record({ id: 'd', second: 40 }), record({ id: 'c', second: 30 }), record({ id: 'b', second: 20 })],
      'by-time',
    );
    expect(ids(rows)).toEqual(['d', 'c', 'b', 'a']);
    expect(added.map((row) => row.record.auditId)).toEqual(['d', 'b']);
  });

  it('share equal values, such as the attributions of a session', () => {
    const rows = new Rows();
    rows.add([record({ id: 'a', second: 2 }), record({ id: 'b', second: 1 })], 'below');
    const [a, b] = rows.all.map((row) => row.record);
    expect(a?.attribution).toBe(b?.attribution);
    expect(a?.caller).toBe(b?.caller);
  });

  it('replace a row whose attribution was corrected, and mark it', () => {
    const rows = new Rows();
    rows.add([record({ id: 'a', second: 2 }), record({ id: 'b', second: 1 })], 'below');
    const later = record({ id: 'b', second: 1, attribution: { status: 'system', provisional: false, flags: [] } });
    const { changed } = rows.add([later], 'by-time');
    expect(changed.map(([was, is]) => [was.record.attribution.status, is.record.attribution.status])).toEqual([
      ['pending', 'system'],
    ]);
    expect(rows.all.map((row) => row.isCorrected)).toEqual([false, true]);
    expect(ids(rows)).toEqual(['a', 'b']);
  });
});

describe('the counts beside the rows', () => {
  it('have each value as its filter takes it, the most frequent first', () => {
    const counts = new FacetCounts();
    const pods = { verb: 'CREATE', resource: 'pods', subresource: 'exec', namespace: 'orders' };
    for (const request of [pods, pods, { verb: 'get', resource: 'nodes' }]) counts.add(record({ id: 'x', request }));
    expect(counts.of('resource')).toEqual([
      ['pods/exec', 2],
      ['nodes', 1],
    ]);
    expect(counts.of('verb')).toEqual([
      ['create', 2],
      ['get', 1],
    ]);
    expect(counts.of('namespace')).toEqual([
      ['orders', 2],
      ['-', 1],
    ]);
    counts.add(record({ id: 'x', request: { verb: 'get', resource: 'nodes' } }), -1);
    expect(counts.of('resource')).toEqual([['pods/exec', 2]]);
  });
});
