import { describe, expect, it } from 'vitest';
import { auditEvent } from '../builders/audit-event.ts';
import { attributeFiles, Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT, OTHER_ACCOUNT } from '../builders/company.ts';
import { expectCalm, GRANT, good, ids } from './good.ts';

const payload = (logGroup: string, logStream: string, messages: readonly string[]) =>
  JSON.stringify({
    messageType: 'DATA_MESSAGE',
    logGroup,
    logStream,
    logEvents: messages.map((message) => ({ message })),
  });

const AUDIT = payload('/company/audit', 'fluent-bit-1', [good('a'), good('b')]);
const TRAIL = payload('/company/trail', 'fluent-bit-2', [GRANT]);

async function attributed(more: readonly string[]) {
  using folder = new Folder();
  const result = await attributeFiles(folder, {
    audit: [folder.file('audit', `${AUDIT}\n${good('c')}`)],
    cloudtrail: [folder.file('trail', TRAIL)],
    more,
  });
  expectCalm(result);
  return result;
}

describe('content of log groups of other origins', () => {
  it('is left out, counted, and reported with what to do', async () => {
    const result = await attributed([]);
    expect(ids(result)).toEqual(['c']);
    expect(result.records[0]?.attribution.status).toBe('unattributed');
    expect(result.rejects).toEqual([]);
    expect(result.errors).toMatch(
      /ignored: 3 texts from log groups that are not trusted\n(?:eks-whois: .*\n)?eks-whois: Ignored 3 texts from log groups that are not trusted\. Such a text looks like .*--log-group NAME=audit/,
    );
  });

  it('counts if --log-group vouches for the group, for that group only', async () => {
    const all = await attributed(['--log-group', '/company/audit=audit', '/company/t*=cloudtrail']);
    expect(ids(all)).toEqual(['a', 'b', 'c']);
    expect(all.records[0]?.attribution).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
    expect(all.errors).not.toContain('ignored');
    const crossed = await attributed([
      '--log-group',
      '/company/audit=cloudtrail',
      '--log-group',
      '/company/trail=audit',
    ]);
    expect(ids(crossed)).toEqual(['c']);
  });

  it('is reported if an export has lines without a time', async () => {
    using folder = new Folder();
    const audit = [folder.file('export', `2026-03-10T12:00:00Z I0310 12:00:00 1 x.go:1] body=<\n\t${good('a')}\n`)];
    const result = await attributeFiles(folder, { audit });
    expect(ids(result)).toEqual([]);
    expect(result.errors).toMatch(/Ignored 1 line that continues a message\. Such a line has no time/);
  });
});

describe('whois over CloudTrail files', () => {
  const answerTo = (folder: Folder, more: readonly string[]) =>
    runCommand([
      'whois',
      '--access-key-id',
      'ASIAALICESESSION0001',
      '--cloudtrail',
      folder.file('trail', TRAIL),
      ...more,
    ]);

  it('leaves grants of other origins out, and says so', async () => {
    using folder = new Folder();
    const { status, errors } = await answerTo(folder, []);
    expect(status).toBe(4);
    expect(errors).toMatch(
      /^eks-whois: Ignored 1 text from a log group that is not trusted\. Such a text looks like .*--log-group/,
    );
  });

  it('refuses an audit log in place of a trail', async () => {
    using folder = new Folder();
    const args = ['whois', '--access-key-id', 'ASIAALICESESSION0001', '--cloudtrail', folder.file('a', good('a'))];
    const { status, errors } = await runCommand(args);
    expect([status, errors]).toEqual([
      1,
      'eks-whois: --cloudtrail contains 1 audit event and no CloudTrail record. Give the files of the trail.\n',
    ]);
  });

  it('refuses a trail in place of an audit log', async () => {
    using folder = new Folder();
    const trail = folder.file('trail', GRANT);
    const { status, errors } = await runCommand(['whois', 'some-audit-id', '--cloudtrail', trail, '--audit', trail]);
    expect(status).toBe(1);
    expect(errors).toContain('--audit contains 1 CloudTrail record and no audit event.');
  });

  it('accepts them if --log-group vouches for the group', async () => {
    using folder = new Folder();
    const { status, output, errors } = await answerTo(folder, ['--log-group', '/company/*=cloudtrail']);
    expect([status, errors]).toEqual([0, '']);
    expect(output).toContain('alice');
    const verbose = await answerTo(folder, ['--log-group', '/company/*=cloudtrail', '-v']);
    expect(verbose.errors).toBe('1 grant in 1 CloudTrail record read\n');
  });
});

describe('--log-group', () => {
  it.each([
    ['attribute', '--audit', 'x', '--cloudtrail', 'x'],
    ['whois', '--access-key-id', 'ASIAALICESESSION0001', '--cloudtrail', 'x'],
    ['backfill', '--table', 'x', '--audit', 'x'],
    ['local'],
  ])('of %s that names no group or kind is wrong usage', async (...command) => {
    using folder = new Folder();
    const args = command.map((arg) => (arg === 'x' ? folder.file('x', '') : arg));
    const { status, output, errors } = await runCommand([...args, '--log-group', '/company/audit=audits']);
    expect([status, output]).toEqual([2, '']);
    expect(errors).toMatch(
      /^eks-whois: --log-group: "\/company\/audit=audits" is not NAME=audit or NAME=cloudtrail\. NAME is [^\n]*\.\n$/,
    );
  });

  it('is for files: whois without --cloudtrail refuses it', async () => {
    const args = ['whois', '--access-key-id', 'ASIAALICESESSION0001', '--log-group', 'x=cloudtrail'];
    const { status, errors } = await runCommand(args);
    expect(status).toBe(2);
    expect(errors).toMatch(/^eks-whois: --log-group works only with --cloudtrail/);
  });

  it('of backfill names one group to read from', async () => {
    const args = ['backfill', '--table', 'x', '--from', '2026-03-10T00:00:00Z', '--log-group', '/a', '/b', '/c=audit'];
    const { status, errors } = await runCommand(args);
    expect(status).toBe(2);
    expect(errors).toMatch(/^eks-whois: --log-group names several log groups/);
  });
});

describe('a log group of two accounts whose name says no cluster', () => {
  const CREDENTIAL = 'authentication.kubernetes.io/credential-id';
  const web = 'system:serviceaccount:shop:web';
  const token = auditEvent({
    auditID: 'token',
    verb: 'create',
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'web' },
    annotations: { 'authentication.kubernetes.io/issued-credential-id': 'JTI=1' },
  });
  const used = auditEvent({ auditID: 'used', user: { username: web, extra: { [CREDENTIAL]: ['JTI=1'] } } });
  const byCarol = (verb: string) => auditEvent({ auditID: 'one', verb, user: { username: 'carol' } });

  /** Returns the records of events of these accounts, as the subscription states the accounts. */
  async function recordsOf(...events: readonly (readonly [account: string, event: object])[]) {
    using folder = new Folder();
    const logEvents = events.map(([account, event], at) => {
      const extractedFields = { '@aws.account': account, '@aws.region': 'eu-west-1' };
      return { id: String(at), timestamp: 1, message: JSON.stringify(event), extractedFields };
    });
    const group = { messageType: 'DATA_MESSAGE', logGroup: '/company/audit', logStream: 'kube-apiserver-audit-1' };
    const { records } = await attributeFiles(folder, {
      audit: [folder.file('audit', JSON.stringify({ ...group, logEvents }))],
      cloudtrail: [folder.file('trail', GRANT)],
      more: ['--log-group', '/company/audit=audit'],
    });
    return records;
  }

  it('has no copies of an event in another account, and no common people', async () => {
    const records = await recordsOf([ACCOUNT, byCarol('get')], [OTHER_ACCOUNT, byCarol('delete')]);
    expect(records.flatMap(({ attribution: { flags } }) => flags)).toEqual([]);
    expect(records.map(({ attribution: { actor } }) => actor?.id)).toEqual(
      [ACCOUNT, OTHER_ACCOUNT].map((account) => `k8s-user/name:${account}%2F/carol`),
    );
  });

  it('has no tokens of one account that somebody of the other one requested', async () => {
    const statusOfUse = async (account: string) => {
      const records = await recordsOf([ACCOUNT, token], [account, used]);
      return records.find(({ auditId }) => auditId === 'used')?.attribution.status;
    };
    expect([await statusOfUse(ACCOUNT), await statusOfUse(OTHER_ACCOUNT)]).toEqual(['attributed', 'system']);
  });
});
