import { describe, expect, it } from 'vitest';
import type { Plan } from '../../infra/plan.ts';
import { type Account, findingsOf, type PresentTable } from '../../infra/preflight.ts';

const SHAPE = { key: 'partition (S), id (S)', indexes: { 'by-actor': 'actorKey (S), sort (S)' } };
const PLAN: Plan = {
  region: 'eu-west-1',
  stackName: 'eks-whois-prod',
  subscriptions: [{ logGroup: '/aws/eks/prod-1/cluster', filterName: 'eks-whois-prod-audit' }],
  parameters: {},
  parts: ['the function eks-whois-prod-ingest'],
  tables: [{ name: 'eks-whois-prod-records', shape: SHAPE, ttl: 'expires' }],
  expectedTables: [],
  reservedConcurrency: 0,
};
const EMPTY: Account = {
  stackTables: [],
  stackLogGroups: [],
  stackParts: [],
  logGroups: new Map([['/aws/eks/prod-1/cluster', []]]),
  tables: new Map(),
  unreservedConcurrency: 1_000,
  denied: [],
};

const table = (more: Partial<PresentTable> = {}) =>
  new Map([['eks-whois-prod-records', { shape: SHAPE, ttl: 'expires', ...more }]]);

function stops(plan: Partial<Plan>, account: Partial<Account>): string[] {
  const findings = findingsOf({ ...PLAN, ...plan }, { ...EMPTY, ...account });
  return findings.filter(({ weight }) => weight === 'stop').map(({ text }) => text);
}

function warnings(plan: Partial<Plan>, account: Partial<Account>): string[] {
  const findings = findingsOf({ ...PLAN, ...plan }, { ...EMPTY, ...account });
  return findings.filter(({ weight }) => weight === 'warning').map(({ text }) => text);
}

describe('before a deployment', () => {
  it('a warning says which reads are not recorded', () => {
    expect(warnings({ parameters: { record: 'all' } }, {})).toEqual([]);
    expect(warnings({ parameters: { record: 'omit-reads:leases' } }, {})).toEqual([
      expect.stringContaining('record=omit-reads:leases'),
    ]);
  });

  it('nothing is reported for an account that has the log group and nothing of eks-whois', () => {
    expect(findingsOf(PLAN, EMPTY)).toEqual([]);
  });

  it('a missing log group stops it, with how to switch the audit log on', () => {
    expect(stops({}, { logGroups: new Map() })).toEqual([
      expect.stringContaining('update-cluster-config --name prod-1'),
    ]);
  });

  it('a log group with two subscriptions of others stops it, and names them', () => {
    const logGroups = new Map([['/aws/eks/prod-1/cluster', ['siem', 'archive']]]);
    expect(stops({}, { logGroups })).toEqual([expect.stringContaining('siem and archive')]);
  });

  it('a log group with a free subscription, or with that of eks-whois, is fine', () => {
    for (const filters of [['siem'], ['siem', 'eks-whois-prod-audit']]) {
      expect(stops({}, { logGroups: new Map([['/aws/eks/prod-1/cluster', filters]]) })).toEqual([]);
    }
  });

  it('tables of an earlier deployment stop it, with how to keep using them', () => {
    const tables = table();
    expect(stops({}, { tables })).toEqual([expect.stringContaining('--param tables=existing')]);
  });

  it('the stack’s own tables do not stop it: it is an update', () => {
    const tables = table();
    const stackTables = ['eks-whois-prod-records'];
    expect(stops({}, { stackStatus: 'UPDATE_COMPLETE', tables, stackTables })).toEqual([]);
  });

  it('the command that deletes leftover tables comes last, so that nobody deletes them by accident', () => {
    const [text] = stops({}, { tables: table() });
    expect(text).toMatch(
      /its records, add --param tables=existing\. .*--no-deletion-protection-enabled && .*delete-table/,
    );
  });

  it('existing tables that are missing, or have other keys or indexes, stop it', () => {
    const plan = { tables: [], expectedTables: PLAN.tables };
    const shapes = (shape: Partial<typeof SHAPE>) => stops(plan, { tables: table({ shape: { ...SHAPE, ...shape } }) });
    expect(stops(plan, {})).toEqual([expect.stringContaining('does not exist')]);
    expect(stops(plan, { tables: table() })).toEqual([]);
    expect(stops(plan, { tables: table({ shape: { ...SHAPE, indexes: {} } }) })).toEqual([
      expect.stringContaining('it lacks the index by-actor'),
    ]);
    expect(shapes({ key: 'partition (S)' })).toEqual([
      expect.stringContaining('is partition (S) instead of partition'),
    ]);
    expect(shapes({ indexes: { 'by-actor': 'actorKey (N)' } })).toEqual([
      expect.stringContaining('the key of its index by-actor is actorKey (N) instead of actorKey (S), sort (S)'),
    ]);
    expect(shapes({ indexes: { ...SHAPE.indexes, ...{ 'of-ours': 'x (S)' } } })).toEqual([]);
  });

  it('existing tables whose items never expire stop it, with the command; if that is unknown, nothing stops it', () => {
    const plan = { tables: [], expectedTables: PLAN.tables };
    const switchOn =
      'update-time-to-live --table-name eks-whois-prod-records --time-to-live-specification Enabled=true';
    expect(stops(plan, { tables: table({ ttl: '' }) })).toEqual([expect.stringContaining(switchOn)]);
    expect(stops(plan, { tables: table({ ttl: 'other' }) })).toEqual([
      expect.stringMatching(
        /Enabled=false,AttributeName=other\. One hour later, run: .*Enabled=true,AttributeName=expires$/,
      ),
    ]);
    expect(stops(plan, { tables: table({ ttl: undefined }) })).toEqual([]);
  });

  it('anything that the account does not allow to check is a warning, not a refusal', () => {
    expect(stops({}, { denied: ['lambda:GetAccountSettings'] })).toEqual([]);
    expect(warnings({}, { denied: ['lambda:GetAccountSettings'] })).toEqual([
      expect.stringContaining('lambda:GetAccountSettings'),
    ]);
  });

  it('log groups that the stack would no longer read stop it, unless that is confirmed', () => {
    const stackLogGroups = ['/aws/eks/prod-1/cluster', '/aws/eks/prod-2/cluster', 'trail'];
    expect(stops({}, { stackLogGroups })).toEqual([
      expect.stringMatching(/prod-2\/cluster and trail\. .*--allow-removals/),
    ]);
    expect(findingsOf(PLAN, { ...EMPTY, stackLogGroups }, { mayRemove: true })).toEqual([]);
    expect(stops({}, { stackLogGroups: ['/aws/eks/prod-1/cluster'] })).toEqual([]);
  });

  it('a stack that is being changed, or was never created, stops it', () => {
    expect(stops({}, { stackStatus: 'UPDATE_IN_PROGRESS' })).toHaveLength(1);
    expect(stops({}, { stackStatus: 'ROLLBACK_COMPLETE' })).toEqual([expect.stringContaining('delete-stack')]);
  });

  it.each([
    ['ROLLBACK_FAILED', 'delete-stack'],
    ['CREATE_FAILED', 'delete-stack'],
    ['REVIEW_IN_PROGRESS', 'delete-stack'],
    ['DELETE_FAILED', 'delete-stack'],
    ['UPDATE_ROLLBACK_FAILED', 'continue-update-rollback'],
  ])('a stack in the state %s stops it, with the command that helps', (stackStatus, command) => {
    expect(stops({}, { stackStatus })).toEqual([expect.stringContaining(`${command} --stack-name eks-whois-prod`)]);
  });

  it('parts that the stack would lose stop it, unless that is confirmed', () => {
    const stackParts = [...PLAN.parts, 'the function eks-whois-prod-settle', 'the access of account 444455556666'];
    expect(stops({}, { stackParts })).toEqual([
      expect.stringMatching(
        /^The deployment would remove the function eks-whois-prod-settle, the access of account 4444/,
      ),
    ]);
    expect(findingsOf(PLAN, { ...EMPTY, stackParts }, { mayRemove: true })).toEqual([]);
    expect(stops({}, { stackParts: PLAN.parts })).toEqual([]);
  });

  it('parameters of the last deployment that would be lost stop it, with how to give them again, unless that is confirmed', () => {
    const stackParameters = { recordDays: 365, alertEmail: 'x y@example.com', clusters: ['prod-1'], stack: 'hub' };
    const parameters = { recordDays: 90, alertEmail: null, clusters: [], stack: 'hub' };
    expect(stops({ parameters }, { stackParameters })).toEqual([
      'The deployment would take back parameters of the stack: recordDays (365 → 90), alertEmail (x y@example.com → none). ' +
        "To keep them, add --param recordDays=365 --param 'alertEmail=x y@example.com'. To take them back, add --allow-removals.",
    ]);
    expect(findingsOf({ ...PLAN, parameters }, { ...EMPTY, stackParameters }, { mayRemove: true })).toEqual([]);
    expect(stops({ parameters: stackParameters }, { stackParameters })).toEqual([]);
  });

  it('parameters that return to their defaults stop it too', () => {
    const stackParameters = { deadlineMinutes: 60 };
    expect(stops({ parameters: { deadlineMinutes: 30 } }, { stackParameters })).toHaveLength(1);
    expect(stops({ parameters: { deadlineMinutes: 45 } }, { stackParameters })).toEqual([]);
  });

  it('too little concurrency is a warning: the account may have reserved it already', () => {
    expect(warnings({ reservedConcurrency: 5 }, { unreservedConcurrency: 102 })).toHaveLength(1);
    expect(warnings({ reservedConcurrency: 5 }, { unreservedConcurrency: 105 })).toEqual([]);
    expect(warnings({}, { unreservedConcurrency: 10 })).toHaveLength(1);
  });

  it('so little concurrency that other accounts could use all of it is a warning, for a hub that lets them in', () => {
    const parameters = { stack: 'hub', organization: 'o-a1b2c3d4e5', accounts: [], queueConcurrency: 100 };
    const warned = (more: object, free: number) =>
      warnings({ parameters: { ...parameters, ...more } }, { unreservedConcurrency: free }).filter((text) =>
        text.includes('queueConcurrency'),
      );
    expect(warned({}, 249)).toHaveLength(1);
    expect(warned({}, 250)).toEqual([]);
    expect(warned({ queueConcurrency: 25 }, 249)).toEqual([]);
    expect(warned({ organization: '' }, 60)).toEqual([]);
    expect(warned({ organization: '', accounts: ['444455556666'] }, 60)).toHaveLength(1);
    expect(warned({ stack: 'ingest-only' }, 60)).toEqual([]);
  });
});
