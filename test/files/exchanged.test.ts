import { describe, expect, it } from 'vitest';
import { attributeFiles, Folder } from '../builders/command.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { callBy } from '../builders/trail-records.ts';
import { GRANT, good } from './good.ts';

describe('attribute says what it found instead', () => {
  it.each<[string, string, string, string]>([
    [
      'where --audit and --cloudtrail are exchanged',
      `${GRANT}\n`,
      `${good('a')}\n${good('b')}\n`,
      '--audit contains 1 CloudTrail record and no audit event. --cloudtrail contains 2 audit events and no grant. Exchange the two. No grants were read.\n',
    ],
    [
      'where both are audit logs',
      `${good('a')}\n`,
      `${good('a')}\n${good('b')}\n`,
      'No grants were found in --cloudtrail: it contains 2 audit events. Sessions are attributed by their grants.\n',
    ],
    [
      'where both are trails',
      `${GRANT}\n`,
      `${GRANT}\n`,
      'No audit events were found in --audit: it contains 1 CloudTrail record. Give the log of the kube-apiserver.\n',
    ],
    [
      'where the trail has no records of STS',
      `${good('a')}\n`,
      `${JSON.stringify(callBy(iamUser('alice')))}\n`,
      'No grants were found in --cloudtrail: its 1 CloudTrail record issued no credentials. Records of STS do.',
    ],
    [
      'where the files are empty',
      '',
      '',
      'No audit events were found in --audit: it is empty. Give the log of the kube-apiserver.\n' +
        'eks-whois: No grants were found in --cloudtrail: it is empty.',
    ],
    [
      'if an export has only other log streams',
      `${JSON.stringify({ messageType: 'DATA_MESSAGE', logGroup: '/aws/eks/prod/cluster', logStream: 'authenticator-1', logEvents: [{ id: '1', timestamp: 1, message: 'level=info' }] })}\n`,
      `${GRANT}\n`,
      'No audit events were found in --audit: it contains only other data, counted under "ignored" above. Give the log of the kube-apiserver.\n',
    ],
  ])('%s', async (_, audit, cloudtrail, words) => {
    using folder = new Folder();
    const result = await attributeFiles(folder, {
      audit: [folder.file('audit', audit)],
      cloudtrail: [folder.file('trail', cloudtrail)],
    });
    expect(result.status).toBe(0);
    expect(result.errors).toContain(`eks-whois: ${words}`);
  });

  it('if the folders are empty', async () => {
    using folder = new Folder();
    folder.file('audit/AWSLogs/.keep', '');
    folder.file('trail/AWSLogs/.keep', '');
    const result = await attributeFiles(folder, { audit: [folder.at('audit')], cloudtrail: [folder.at('trail')] });
    expect(result.errors).toMatch(/^eks-whois: No audit events .*\neks-whois: No grants were found .*\n$/m);
  });

  it('and says nothing if there are events and grants', async () => {
    using folder = new Folder();
    const result = await attributeFiles(folder, {
      audit: [folder.file('audit', `${good('a')}\n${GRANT}\n`)],
      cloudtrail: [folder.file('trail', `${GRANT}\n${good('a')}\n`)],
    });
    expect(result.errors).not.toContain('eks-whois:');
  });
});
