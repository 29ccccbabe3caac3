import { describe, expect, it } from 'vitest';
import type { Plan } from '../../infra/plan.ts';
import { type Account, findingsOf } from '../../infra/preflight.ts';

const PLAN: Plan = {
  region: 'eu-west-1',
  stackName: 'eks-whois-prod',
  subscriptions: [{ logGroup: '/aws/eks/prod-1/cluster', filterName: 'eks-whois-prod-audit' }],
  tables: [{ name: 'eks-whois-prod-records', indexes: ['by-actor'] }],
  expectedTables: [],
  reservedConcurrency: 0,
};
const EMPTY: Account = {
  stackTables: [],
  logGroups: new Map([['/aws/eks/prod-1/cluster', []]]),
  tables: new Map(),
  unreservedConcurrency: 1_000,
};

function stops(plan: Partial<Plan>, account: Partial<Account>): string[] {
  const findings = findingsOf({ ...PLAN, ...plan }, { ...EMPTY, ...account });
  return findings.filter(({ weight }) => weight === 'stop').map(({ text }) => text);
}

function warnings(plan: Partial<Plan>, account: Partial<Account>): string[] {
  const findings = findingsOf({ ...PLAN, ...plan }, { ...EMPTY, ...account });
  return findings.filter(({ weight }) => weight === 'warning').map(({ text }) => text);
}

describe('before a deployment', () => {
  it('there is nothing to say of an account that has the log group and nothing of ours', () => {
    expect(findingsOf(PLAN, EMPTY)).toEqual([]);
  });

  it('a log group that is missing stops it, with how to switch the audit log on', () => {
    expect(stops({}, { logGroups: new Map() })).toEqual([
      expect.stringContaining('update-cluster-config --name prod-1'),
    ]);
  });

  it('a log group whose two subscriptions are others’ stops it, by their names', () => {
    const logGroups = new Map([['/aws/eks/prod-1/cluster', ['siem', 'archive']]]);
    expect(stops({}, { logGroups })).toEqual([expect.stringContaining('siem and archive')]);
  });

  it('a log group with one free subscription, or with ours, is fine', () => {
    for (const filters of [['siem'], ['siem', 'eks-whois-prod-audit']]) {
      expect(stops({}, { logGroups: new Map([['/aws/eks/prod-1/cluster', filters]]) })).toEqual([]);
    }
  });

  it('tables of an earlier deployment stop it, with how to go on with them', () => {
    const tables = new Map([['eks-whois-prod-records', ['by-actor']]]);
    expect(stops({}, { tables })).toEqual([expect.stringContaining('--param tables=existing')]);
  });

  it('the stack’s own tables do not: that is an update', () => {
    const tables = new Map([['eks-whois-prod-records', ['by-actor']]]);
    const stackTables = ['eks-whois-prod-records'];
    expect(stops({}, { stackStatus: 'UPDATE_COMPLETE', tables, stackTables })).toEqual([]);
  });

  it('existing tables that do not exist, or lack an index, stop it', () => {
    const plan = { tables: [], expectedTables: PLAN.tables };
    expect(stops(plan, {})).toEqual([expect.stringContaining('does not exist')]);
    expect(stops(plan, { tables: new Map([['eks-whois-prod-records', []]]) })).toEqual([
      expect.stringContaining('by-actor'),
    ]);
    expect(stops(plan, { tables: new Map([['eks-whois-prod-records', ['by-actor']]]) })).toEqual([]);
  });

  it('a stack that is being changed, or was never made, stops it', () => {
    expect(stops({}, { stackStatus: 'UPDATE_IN_PROGRESS' })).toHaveLength(1);
    expect(stops({}, { stackStatus: 'ROLLBACK_COMPLETE' })).toEqual([expect.stringContaining('delete-stack')]);
  });

  it('too little concurrency is a warning: an account may have reserved it already', () => {
    expect(warnings({ reservedConcurrency: 5 }, { unreservedConcurrency: 102 })).toHaveLength(1);
    expect(warnings({ reservedConcurrency: 5 }, { unreservedConcurrency: 105 })).toEqual([]);
    expect(warnings({}, { unreservedConcurrency: 10 })).toHaveLength(1);
  });
});
