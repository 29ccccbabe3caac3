import { describe, expect, test } from 'vitest';
import { ONE_SENTENCE, person, shown } from '../kubeconfig/running.ts';

const AWS_AUTH = `apiVersion: v1
kind: ConfigMap
metadata: { name: aws-auth, namespace: kube-system }
data:
  mapRoles: |
    - rolearn: arn:aws:iam::111122223333:role/nodes
      username: system:node:{{EC2PrivateDNSName}}
      groups: [system:bootstrappers, system:nodes]
    - rolearn: arn:aws:iam::111122223333:role/admin
      username: admin
      groups: [system:masters]
    - rolearn: arn:aws:iam::111122223333:role/dev
      username: dev:{{SessionNameRaw}}
    - rolearn: arn:aws:iam::444455556666:role/dev
      username: dev:{{SessionName}}
    - rolearn: arn:aws:iam::111122223333:role/ops
      username: "{{UserName}}"
    - username: nobody
  mapUsers: |
    - userarn: arn:aws:iam::111122223333:user/alice
      username: alice
`;
const ENTRIES = [
  { clusterName: 'prod', principalArn: 'arn:aws:iam::111122223333:role/audit', type: 'STANDARD' },
  { clusterName: 'prod', principalArn: 'arn:aws:iam::111122223333:role/break-glass', username: 'break-glass' },
].map((accessEntry) => JSON.stringify({ accessEntry }, undefined, 4));
const ROLES = {
  RoleDetailList: ['admin', 'unmapped'].map((name) => ({
    Arn: `arn:aws:iam::111122223333:role/${name}`,
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::444455556666:root' }, Action: 'sts:AssumeRole' }],
    },
  })),
};
const CLEAN = `data:
  mapRoles: |
    - rolearn: arn:aws:iam::111122223333:role/admin
      username: admin:{{SessionNameRaw}}
`;
const OFFLINE = ['doctor', '--offline', '--aws-auth', 'aws-auth.yaml'];

describe('without an account', () => {
  test('all is found that the files show', async () => {
    const { eksWhois, keep, aws } = await person();
    await keep('aws-auth.yaml', AWS_AUTH);
    await keep('entries.json', ENTRIES.join('\n'));
    await keep('roles.json', JSON.stringify(ROLES));
    const args = [...OFFLINE, '--access-entries', 'entries.json', '--trust-policies', 'roles.json'];
    const text = await eksWhois(args);
    expect(text.status).toBe(3);
    await expect(shown(text)).toMatchFileSnapshot('../golden/doctor-offline.txt');
    const json = await eksWhois([...args, '--output', 'json']);
    await expect(shown(json)).toMatchFileSnapshot('../golden/doctor-offline.json.txt');
    expect(aws.requests).toEqual([]);
  });

  test('nothing found is said, with the templates', async () => {
    const { eksWhois, keep } = await person();
    await keep('aws-auth.yaml', CLEAN);
    const ended = await eksWhois(OFFLINE);
    expect(ended.status).toBe(0);
    await expect(shown(ended)).toMatchFileSnapshot('../golden/doctor-clean.txt');
  });

  test('what would forge the terminal is shown escaped', async () => {
    const { eksWhois, keep } = await person();
    await keep('aws-auth.yaml', JSON.stringify({ data: { mapRoles: JSON.stringify([{ rolearn: 'a\u001b[2J' }]) } }));
    const { stdout } = await eksWhois(OFFLINE);
    expect(stdout).toContain('a\\u001b[2J');
  });
});

describe('what goes wrong is one sentence', () => {
  test.each([
    ['no such file', undefined, OFFLINE, 1, /aws-auth\.yaml cannot be read \(ENOENT\)/],
    ['malformed YAML', 'a: [', OFFLINE, 1, /aws-auth\.yaml cannot be read as aws-auth: /],
    ['another document', 'a: b', OFFLINE, 1, /it is no ConfigMap/],
    ['nothing', '', OFFLINE, 1, /it is no ConfigMap/],
    ['50 MB', 'a: b\n'.repeat(10_000_000), OFFLINE, 1, /aws-auth\.yaml is larger than 4 MiB/],
    ['nested too deeply', '['.repeat(100_000), OFFLINE, 1, /nested too deeply|cannot be read as aws-auth/],
    ['no file', undefined, ['doctor', '--offline'], 2, /Give --aws-auth/],
    [
      'list-access-entries',
      '{"accessEntries":["arn:aws:iam::111122223333:role/x"]}',
      ['doctor', '--offline', '--access-entries', 'aws-auth.yaml'],
      1,
      /list-access-entries, which has no usernames/,
    ],
    [
      'standard input twice',
      undefined,
      ['doctor', '--offline', '--aws-auth', '-', '--trust-policies', '-'],
      2,
      /Only one file/,
    ],
  ])('%s', async (_, text, args, status, reason) => {
    const { eksWhois, keep } = await person();
    if (text !== undefined) await keep('aws-auth.yaml', text);
    const ended = await eksWhois(args);
    expect(ended).toMatchObject({ stdout: '', status });
    expect(ended.stderr).toMatch(ONE_SENTENCE);
    expect(ended.stderr).toMatch(reason);
  });
});
