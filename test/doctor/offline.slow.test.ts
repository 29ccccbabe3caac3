import { describe, expect, test } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';
import { ONE_SENTENCE, person, shown } from '../kubeconfig/running.ts';

const PROGRAM = `${REPOSITORY}/bin/eks-whois`;

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
  test('everything that the files show is found', async () => {
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

  test('the report says that nothing was found, with the templates', async () => {
    const { eksWhois, keep } = await person();
    await keep('aws-auth.yaml', CLEAN);
    const ended = await eksWhois(OFFLINE);
    expect(ended.status).toBe(0);
    await expect(shown(ended)).toMatchFileSnapshot('../golden/doctor-clean.txt');
  });

  test('control characters are shown escaped', async () => {
    const { eksWhois, keep } = await person();
    await keep('aws-auth.yaml', JSON.stringify({ data: { mapRoles: JSON.stringify([{ rolearn: 'a\u001b[2J' }]) } }));
    const { stdout } = await eksWhois(OFFLINE);
    expect(stdout).toContain('a\\u001b[2J');
  });
});

describe('audit events', () => {
  const event = (username: string, as: string, more: object = {}) =>
    JSON.stringify({ auditID: as, user: { username, ...more }, impersonatedUser: { username: as } });
  const ROLE_SESSION = {
    uid: 'aws-iam-authenticator:111122223333:AROAEXAMPLEEXAMPLE123',
    extra: { canonicalArn: ['arn:aws:iam::111122223333:role/ops'], accessKeyId: ['ASIAEXAMPLEEXAMPLE12'] },
  };
  const RANCHER = 'system:serviceaccount:cattle-impersonation-system:cattle-impersonation';
  const AUDIT = [
    event(`${RANCHER}-u-1`, 'u-1'),
    event(`${RANCHER}-u-2`, 'u-2'),
    event('system:serviceaccount:tools:portal', 'bob'),
    event('ops', "o'neil\u001b[2J", ROLE_SESSION),
    event('alice', 'system:admin'),
  ];
  const ASKED = ['doctor', '--offline', '--audit', 'audit'];

  test('show the proxies that people use, what trusting one means, and the lines to paste', async () => {
    const { eksWhois, keep, aws } = await person();
    await keep('audit/1.jsonl', AUDIT.slice(0, 2).join('\n'));
    await keep(
      'audit/2.json',
      JSON.stringify({ kind: 'EventList', items: AUDIT.slice(2).map((one) => JSON.parse(one)) }),
    );
    const text = await eksWhois(ASKED);
    await expect(shown(text)).toMatchFileSnapshot('../golden/doctor-proxies.txt');
    const json = await eksWhois([...ASKED, '--output', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      trustedProxies: [`${RANCHER}-*`, 'system:serviceaccount:tools:portal'],
      impersonators: [
        { tool: 'Rancher', proposed: true, events: 2, names: ['u-1', 'u-2'] },
        { proposed: true },
        { proxy: 'arn:aws:iam::111122223333:role/ops', proposed: false },
      ],
    });
    expect([text.status, json.status]).toEqual([0, 0]);
    expect(aws.requests).toEqual([]);
  });

  test.each([
    [
      'events that cannot be read',
      [AUDIT[0], '{"auditID":'],
      '1 part of the audit log: it could not be read, as audit',
    ],
    ['files without events', ['{"Records":[]}'], 'trusted proxies in use: there is no audit event in audit'],
  ])('%s are reported, with exit status 1', async (_, lines, message) => {
    const { eksWhois, keep } = await person();
    await keep('audit', lines.join('\n'));
    const { status, stdout, stderr } = await eksWhois(ASKED);
    expect(stdout).toContain(message);
    expect(stderr).toMatch(ONE_SENTENCE);
    expect(status).toBe(1);
  });

  test.each([
    ['a file that is not there', ASKED, 1, /audit .*Give a file, a folder or -/],
    [
      'standard input twice',
      [...ASKED.slice(0, 3), '-', '--aws-auth', '-'],
      2,
      /Standard input \(-\) is given to several options/,
    ],
  ])('%s: one sentence', async (_, args, status, reason) => {
    const { eksWhois } = await person();
    const ended = await eksWhois(args);
    expect(ended).toMatchObject({ stdout: '', status, stderr: expect.stringMatching(reason) });
    expect(ended.stderr).toMatch(ONE_SENTENCE);
  });
});

describe('standard input', () => {
  const piped = async (text: string, ...options: readonly string[]) => {
    const { outside, keep, aws } = await person();
    await keep('given', text);
    const ended = await outside('sh', ['-c', `"$@" < given`, 'sh', process.execPath, PROGRAM, 'doctor', ...options]);
    expect(aws.requests).toEqual([]);
    return ended;
  };

  test('is the ConfigMap, as kubectl prints it in YAML or JSON', async () => {
    const yaml = await piped(CLEAN, '--offline', '--aws-auth', '-');
    expect(yaml).toMatchObject({ status: 0, stdout: expect.stringContaining('admin:{{SessionNameRaw}}') });
    const mapRoles = '- {rolearn: "arn:aws:iam::111122223333:role/admin", username: admin}';
    const json = await piped(JSON.stringify({ kind: 'ConfigMap', data: { mapRoles } }), '--offline', '--aws-auth', '-');
    expect(json).toMatchObject({ status: 3, stdout: expect.stringContaining('username-loses-session') });
  });

  test.each([
    ['--access-entries', ENTRIES.join('\n'), /username-loses-session {2}\S+break-glass/],
    ['--trust-policies', JSON.stringify(ROLES), /trust-policy-leaves-name-free/],
  ])('is what %s names', async (option, text, found) => {
    const ended = await piped(text, '--offline', option, '-');
    expect(ended.stdout).toMatch(found);
    expect(ended.status).toBe(3);
  });

  test('that is empty, for example because kubectl failed, is reported', async () => {
    const ended = await piped('', '--offline', '--aws-auth', '-');
    expect(ended).toMatchObject({ stdout: '', status: 1 });
    expect(ended.stderr).toBe(
      'eks-whois: Standard input cannot be read as aws-auth: it is empty; perhaps kubectl failed. Give another file, or correct it.\n',
    );
  });
});

describe('every error is one sentence', () => {
  const ACCESS = ['doctor', '--offline', '--access-entries', 'given'];
  const TRUST = ['doctor', '--offline', '--trust-policies', 'given'];
  const AUTH = ['doctor', '--offline', '--aws-auth', 'given'];
  test.each<[string, string | undefined, readonly string[], number, RegExp]>([
    ['no such file', undefined, AUTH, 1, /given does not exist/],
    ['a folder', undefined, ['doctor', '--offline', '--aws-auth', '.'], 1, /\. cannot be read \(EISDIR\)/],
    ['malformed YAML', 'a: [', AUTH, 1, /given cannot be read as aws-auth: /],
    ['malformed YAML inside', 'data: {mapRoles: "- {"}', AUTH, 1, /as aws-auth: its mapRoles cannot be read: /],
    ['several documents', 'a: b\n---\nc: d\n', AUTH, 1, /it holds several documents/],
    ['bytes that are no text', '\u0000\u0001\u0002', AUTH, 1, /cannot be read as aws-auth/],
    ['50 MB', 'a: b\n'.repeat(10_000_000), AUTH, 1, /given is larger than 4 MiB/],
    ['nested too deeply', '['.repeat(100_000), AUTH, 1, /nested too deeply|cannot be read as aws-auth/],
    ['no file', undefined, ['doctor', '--offline'], 2, /Add --aws-auth/],
    [
      'list-access-entries',
      '{"accessEntries":["arn:aws:iam::111122223333:role/x"]}',
      ACCESS,
      1,
      /which has no usernames/,
    ],
    ['entries cut off', '{"accessEntry":{"principalArn":', ACCESS, 1, /as access entries: it is not JSON/],
    ['entries of nobody', '{"accessEntry":{}}', ACCESS, 1, /not an access entry: it has no principalArn/],
    ['policies cut off', '{"Roles":[', TRUST, 1, /as trust policies: it is not JSON/],
    ['a service', 'data: {mapRoles: ""}', [...AUTH, '--table', 'x'], 2, /--offline queries no service/],
    ['an unknown option', undefined, ['doctor', '--fix'], 2, /has no option --fix/],
  ])('%s', async (_, text, args, status, reason) => {
    const { eksWhois, keep, text: textOf, aws } = await person();
    if (text !== undefined) await keep('given', text);
    const ended = await eksWhois(args);
    expect(ended).toMatchObject({ stdout: '', status });
    expect(ended.stderr.split('\n')[0]).not.toBe('');
    if (!args.includes('--fix')) expect(ended.stderr).toMatch(ONE_SENTENCE);
    expect(ended.stderr).toMatch(reason);
    if (text !== undefined) expect((await textOf('given')) === text).toBe(true);
    expect(aws.requests).toEqual([]);
  });
});
