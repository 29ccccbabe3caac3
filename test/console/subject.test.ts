import { describe, expect, it } from 'vitest';
import { directoryQuery, recordsQuery, rowsOf, titleOf } from '../../console/page/views/entity/subject.ts';

const ROLE = 'arn:aws:iam::111122223333:role/projects/ops';
const seen = { first: '2026-03-10T08:00:00Z', last: '2026-03-10T09:00:00Z' };
const role = { kind: 'role', name: 'ops', arn: ROLE, id: 'AROAOPSEXAMPLE', ...seen } as const;
const other = { ...role, arn: 'arn:aws:iam::999999999999:role/ops', id: 'AROAOTHEREXAMPLE' };
const shop = { kind: 'namespace', name: 'shop', cluster: 'prod', ...seen } as const;
const subject = (kind: 'actor' | 'role' | 'session' | 'cluster' | 'namespace', of: string, cluster?: string) => ({
  kind,
  of,
  cluster,
});

describe('the subject of a page', () => {
  it('has the name in its ARN or session as its title', () => {
    expect(titleOf(subject('role', ROLE))).toBe('ops');
    expect(titleOf(subject('role', 'arn:aws:sts::111122223333:assumed-role/ops/alice'))).toBe('ops');
    expect(titleOf(subject('actor', 'arn:aws:iam::111122223333:user/team/alice'))).toBe('alice');
    expect(titleOf(subject('session', 'AROAOPSEXAMPLE:alice'))).toBe('alice');
    expect(titleOf(subject('session', 'ASIAEXAMPLE'))).toBe('ASIAEXAMPLE');
    expect(titleOf(subject('namespace', 'shop', 'prod'))).toBe('shop');
  });

  it('finds its records, and those of a namespace only in its cluster', () => {
    expect(recordsQuery(subject('namespace', 'shop', 'prod'))).toEqual({ namespace: 'shop', cluster: 'prod' });
    expect(recordsQuery(subject('namespace', 'shop'))).toEqual({ namespace: 'shop' });
    expect(recordsQuery(subject('actor', 'alice'))).toEqual({ actor: 'alice' });
  });

  it('is in the directory under its name, and is not another role with that name', () => {
    expect(directoryQuery(subject('role', ROLE))).toEqual({ kind: 'role', prefix: 'ops' });
    expect(rowsOf(subject('role', ROLE), [role, other])).toEqual([role]);
    expect(rowsOf(subject('role', 'ops'), [role, other])).toEqual([role, other]);
    expect(rowsOf(subject('role', 'AROAOTHEREXAMPLE'), [role, other])).toEqual([other]);
    expect(directoryQuery(subject('role', 'AROAOTHEREXAMPLE'))).toEqual({ kind: 'role', prefix: '' });
  });

  it('finds a cluster by its namespaces, and no session', () => {
    expect(directoryQuery(subject('cluster', 'prod'))).toEqual({ kind: 'namespace', prefix: '' });
    expect(rowsOf(subject('cluster', 'prod'), [shop, { ...shop, cluster: 'staging' }])).toEqual([shop]);
    expect(rowsOf(subject('namespace', 'shop', 'staging'), [shop])).toEqual([]);
    expect(directoryQuery(subject('session', 'AROAOPSEXAMPLE:alice'))).toBeUndefined();
  });
});
