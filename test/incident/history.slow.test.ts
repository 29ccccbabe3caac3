import { describe, expect, it } from 'vitest';
import { Folder } from '../builders/command.ts';
import { cloudTrail, signedInCommand } from '../whois/command.ts';
import { ALICE, assumeRole, type GrantFields } from '../whois/records.ts';
import { reportIn } from './report.ts';

const GRANT: GrantFields = {
  caller: ALICE,
  key: 'ASIADEV0000000000001',
  roleId: 'AROADEV0000000000001',
  role: 'shop-dev',
  name: 'EKSGetTokenAuth',
};
const PLACE = ['--profile', 'home', '--region', 'eu-west-1'];

describe("over CloudTrail's event history", () => {
  it('the report has the person, the session and how to end it, and does not claim to know what was done', async () => {
    const server = await cloudTrail([assumeRole(GRANT)]);
    const { stdout, stderr, status } = await signedInCommand(server, ['incident', GRANT.key, ...PLACE, '-o', 'json']);
    expect(status, stderr).toBe(0);
    const report = reportIn(stdout);
    expect(report.who).toMatchObject({ kind: 'iam-user', name: 'alice' });
    expect(report.sections[0]?.sessions).toMatchObject([{ accessKeyId: GRANT.key, requests: 0 }]);
    expect(report.sections[0]).not.toHaveProperty('activity');
    expect(report).not.toHaveProperty('unnamed');
    expect(report.next.map(({ command = '' }) => command).join('\n')).toContain('--role-name shop-dev');
  });

  it('the evidence is what CloudTrail has about the session', async () => {
    using folder = new Folder();
    const record = assumeRole(GRANT) as { readonly eventID: string };
    const server = await cloudTrail([record]);
    const words = ['incident', GRANT.key, ...PLACE, '--evidence', folder.at('evidence')];
    const { stderr, status } = await signedInCommand(server, words);
    expect(status, stderr).toBe(0);
    const written = JSON.parse(folder.read(`evidence/cloudtrail/0001-${record.eventID}.json`)) as object;
    expect(written).toEqual(JSON.parse(JSON.stringify(record)));
  });

  it('reports which Regions did not answer, and writes no evidence', async () => {
    using folder = new Folder();
    const server = await cloudTrail([]);
    server.setFault({ kind: 'access-denied', region: 'eu-west-1' });
    const words = ['incident', GRANT.key, ...PLACE, '--at', '2h', '--evidence', folder.at('evidence')];
    const { stdout, stderr, status } = await signedInCommand(server, words);
    expect([status, stdout, stderr]).toEqual([
      1,
      '',
      expect.stringContaining('CloudTrail did not answer in any account or Region'),
    ]);
    expect(() => folder.read('evidence/SHA256SUMS')).toThrow('ENOENT');
  });
});
