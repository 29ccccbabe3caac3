import { symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { account, eventOf, grantOf, jsonLines, minute } from './running.ts';

const TWO = [1, 2];

test('files fill the tables, and records are attributed', async () => {
  const { backfill, folder, records, state, aws } = await account();
  const trail = folder.file('trail.json', JSON.stringify({ Records: TWO.map((n) => grantOf(n)) }));
  const audit = folder.file('audit.jsonl', jsonLines(TWO.map(eventOf)));
  const { status, stdout, stderr } = await backfill([
    '--cloudtrail',
    trail,
    '--audit',
    audit,
    '--cluster-name',
    'prod',
  ]);
  expect(stderr).toBe('');
  expect(stdout).toBe(
    'CloudTrail: 2 records read; 2 grants and 2 uses added\n' +
      'Audit events: 2 recorded, 0 there already (2 attributed)\n' +
      'Settled: 2 claims decided again, 0 records corrected\n', // each is looked through once
  );
  expect(status).toBe(0);
  expect(await records(['--actor', 'alice'])).toMatchObject([{ cluster: 'prod' }, { cluster: 'prod' }]);
  expect(state()).toBeUndefined();
  expect(aws.published).toEqual([]);
});

test('a second run changes nothing', async () => {
  const { backfill, folder, records } = await account();
  const args = [
    '--cloudtrail',
    folder.file('trail.json', JSON.stringify({ Records: TWO.map((n) => grantOf(n)) })),
    '--audit',
    folder.file('audit.jsonl', jsonLines(TWO.map(eventOf))),
  ];
  await backfill(args);
  const before = await records(['--actor', 'alice']);
  const { stdout, status } = await backfill(args);
  expect(stdout).toContain('CloudTrail: 2 records read; 0 grants and 0 uses added\n');
  expect(stdout).toContain('Audit events: 0 recorded, 2 there already\n');
  expect(status).toBe(0);
  expect(await records(['--actor', 'alice'])).toEqual(before);
});

test('grants that arrive after the events settle them', async () => {
  const { backfill, folder, records, aws } = await account();
  const audit = folder.file('audit.jsonl', jsonLines(TWO.map(eventOf)));
  const first = await backfill(['--audit', audit]);
  expect(first.stdout).toBe(
    'Audit events: 2 recorded, 0 there already (2 pending)\n' +
      'Settled: 2 claims decided again, 2 records corrected (2 unattributed)\n',
  );
  expect(await records(['--status', 'unattributed'])).toHaveLength(2);
  const trail = folder.file('trail.json', JSON.stringify({ Records: TWO.map((n) => grantOf(n)) }));
  const second = await backfill(['--cloudtrail', trail]);
  expect(second.stdout).toContain('Settled: 2 claims decided again, 2 records corrected (2 attributed)\n');
  expect(await records(['--actor', 'alice'])).toHaveLength(2);
  expect(aws.published).toEqual([]); // nothing of it just happened: nobody is alerted
});

test('what cannot be read is counted and written to --rejects, and stops nothing', async () => {
  const { backfill, folder } = await account();
  const audit = folder.file('audit.jsonl', `${jsonLines([eventOf(1)])}{"kind":"Event","auditID":3}\n{"cut":\n`);
  const { stdout, status } = await backfill(['--audit', audit, '--rejects', 'rejects.jsonl']);
  expect(stdout).toContain('Audit events: 1 recorded');
  expect(stdout).toMatch(/Could not be read: .*invalid-json/);
  expect(folder.read('rejects.jsonl')).toContain('"reason":"invalid-json"');
  expect(status).toBe(0);
});

test('a file below a folder that cannot be opened is counted and written to --rejects as well', async () => {
  const { backfill, folder } = await account();
  folder.file('audit/a.jsonl', jsonLines([eventOf(1)]));
  symlinkSync('nowhere', folder.at('audit/b.jsonl'));
  const { stdout, stderr, status } = await backfill(['--audit', 'audit', '--rejects', 'rejects.jsonl']);
  expect(stdout).toContain('Audit events: 1 recorded');
  expect(stdout).toContain('Could not be read: 1 unreadable-file (the file cannot be read)\n');
  expect(stderr).toMatch(/b\.jsonl does not exist; it is left out\.\n$/);
  const sample = 'does not exist';
  expect(folder.read('rejects.jsonl')).toBe(
    `${JSON.stringify({ file: 'audit/b.jsonl', place: 'file', reason: 'unreadable-file', sample })}\n`,
  );
  expect(status).toBe(0);
});

test('a file that was read for one cluster is read again for another, before everything is done', async () => {
  const { backfill, folder, aws } = await account();
  folder.file('audit.jsonl', jsonLines([eventOf(1)]));
  aws.cloudtrail.setFault({ kind: 'access-denied', region: 'us-east-1' });
  const pace = ['--lookup', '--requests-per-second', '2', '--from', minute(0), '--to', minute(60)];
  const args = ['--audit', 'audit.jsonl', ...pace, '--region', 'eu-west-1', 'us-east-1', '--settle-minutes', '0'];
  const first = await backfill([...args, '--cluster-name', 'prod']);
  expect(first).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('Audit events: 1 recorded, 0 there already'),
  });
  expect((await backfill([...args, '--cluster-name', 'prod'])).stdout).not.toContain('Audit events');
  expect((await backfill([...args, '--cluster-name', 'staging'])).stdout).toContain(
    'Audit events: 1 recorded, 0 there already',
  );
});

test('content of another log group is left out, reported, and accepted once the operator vouches for the group', async () => {
  const { backfill, folder, records, aws } = await account();
  const from = { messageType: 'DATA_MESSAGE', logGroup: '/company/audit', logStream: 'fluent-bit-1' };
  folder.file('audit.json', JSON.stringify({ ...from, logEvents: [{ message: JSON.stringify(eventOf(1)) }] }));
  aws.cloudtrail.setFault({ kind: 'access-denied', region: 'us-east-1' }); // so that not all is done, and bookmarks stay
  const pace = ['--lookup', '--requests-per-second', '2', '--from', minute(0), '--to', minute(60)];
  const args = ['--audit', 'audit.json', ...pace, '--region', 'eu-west-1', 'us-east-1', '--settle-minutes', '0'];
  const without = await backfill(args);
  expect(without.stdout).toBe(
    'Nothing was read that is not loaded already.\nLeft out: 1 text from a log group that is not trusted\n',
  );
  expect(without.stderr).toContain('trust that log group: --log-group NAME=audit');
  const counted = await backfill([...args, '--log-group', '/company/*=audit']);
  expect(counted.stdout).toContain('Audit events: 1 recorded, 0 there already');
  expect(await records(['--audit-id', '7a0e1c5e-0000-4000-8000-000000000001'])).toHaveLength(1);
});

test('content of the other kind in a file is reported', async () => {
  const { backfill, folder } = await account();
  folder.file('both.jsonl', jsonLines([grantOf(1), eventOf(1), grantOf(2)]));
  const { stdout } = await backfill(['--audit', 'both.jsonl', '--settle-minutes', '0']);
  expect(stdout).toContain('Left out: 2 CloudTrail records\n');
});

test('reads that the service does not record are left out, and loaded if everything is to be recorded', async () => {
  const { backfill, folder, records } = await account();
  const read = { ...eventOf(1), auditID: 'read', verb: 'list' };
  const audit = folder.file('audit.jsonl', jsonLines([eventOf(1), read]));
  const rules = folder.file('eks-whois.yaml', 'record: omit-reads:pods\n');
  const first = await backfill(['--audit', audit, '--config', rules]);
  expect(first.stdout).toContain('Audit events: 1 recorded, 0 there already, 1 read left out (record)');
  expect((await backfill(['--audit', audit, '--record', 'omit-reads:secrets'])).status).toBe(2);
  const all = await backfill(['--audit', audit, '--config', rules, '--record', 'all']);
  expect(all.stdout).toContain('Audit events: 1 recorded, 1 there already');
  expect(await records(['--session', 'ASIAPERSON0000000001'])).toHaveLength(2);
});

test('exchanged files are refused, also when the same command runs again', async () => {
  const { backfill, folder, state } = await account();
  const trail = folder.file('trail.json', JSON.stringify({ Records: TWO.map((n) => grantOf(n)) }));
  const audit = folder.file('audit.jsonl', jsonLines(TWO.map(eventOf)));
  const ofTrail =
    'eks-whois: --cloudtrail contains 2 audit events and no CloudTrail record. Give the files of the trail.\n';
  const ofAudit =
    'eks-whois: --audit contains 2 CloudTrail records and no audit event. Give the audit log of the API server there, and the trail in --cloudtrail.\n';
  for (const run of [1, 2]) {
    expect([run, await backfill(['--cloudtrail', audit, '--audit', trail])]).toMatchObject([
      run,
      { status: 1, stderr: ofTrail },
    ]);
    expect([run, await backfill(['--audit', trail])]).toMatchObject([run, { status: 1, stderr: ofAudit }]);
    expect(state()).toBeUndefined();
  }
});
