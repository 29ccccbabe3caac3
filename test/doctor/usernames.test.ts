import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readYaml } from '../../lib/adapters/doctor/yaml.ts';
import { accessEntry, readAccessEntries } from '../../lib/doctor/access-entries.ts';
import { readAwsAuth } from '../../lib/doctor/aws-auth.ts';
import type { Mapping } from '../../lib/doctor/mapping.ts';
import { usernameFindings } from '../../lib/doctor/usernames.ts';

const ROLE = 'arn:aws:iam::111122223333:role/';

function awsAuth(mapRoles: readonly object[], mapUsers: readonly object[] = []): string {
  return JSON.stringify({ data: { mapRoles: JSON.stringify(mapRoles), mapUsers: JSON.stringify(mapUsers) } });
}

function mapped(...usernames: readonly string[]): readonly Mapping[] {
  const entries = usernames.map((username, index) => ({ rolearn: `${ROLE}r${index}`, username }));
  const read = readAwsAuth(awsAuth(entries), readYaml);
  return read.ok ? read.value.mappings : [];
}

describe('what a username hides', () => {
  test.each([
    ['a fixed name', ['admin'], ['username-loses-session']],
    ['the account alone', ['{{AccountID}}'], ['username-loses-session']],
    ['the session', ['admin:{{SessionName}}'], []],
    ['the session as it is', ['{{SessionNameRaw}}:admin'], []],
    ['the access key', ['{{AccessKeyID}}'], []],
    ["a node's name", ['system:node:{{EC2PrivateDNSName}}'], []],
    ["a Fargate pod's name", ['system:node:{{SessionName}}'], []],
    ['two fixed names', ['admin', 'viewer'], ['username-loses-session', 'username-loses-session']],
    ['one template for two roles', ['dev:{{SessionName}}', 'dev:{{SessionName}}'], ['username-shared']],
    ['one template, raw and dashed', ['dev:{{SessionName}}', 'dev:{{SessionNameRaw}}'], ['username-shared']],
    [
      'a fixed name that a session can take',
      ['admin', '{{SessionName}}'],
      ['username-loses-session', 'username-shared'],
    ],
    ['prefixes that differ', ['a:{{SessionName}}', 'b:{{SessionName}}'], []],
    ['a placeholder that there is not', ['{{UserName}}'], ['username-placeholder-unknown']],
    ['a placeholder with blanks', ['k:{{ SessionName }}'], ['username-placeholder-unknown']],
    ['a placeholder that is not shut', ['x{{SessionName}'], ['username-placeholder-unknown']],
    ['a placeholder in single braces', ['x:{SessionName}'], ['username-placeholder-unknown']],
    ['one that is known and one that is not', ['{{SessionName}}:{{ Role }}'], ['username-placeholder-unknown']],
    ['the session in braces', ['{{{SessionName}}}'], []],
  ])('%s', (_, usernames, ids) => {
    expect(usernameFindings(mapped(...usernames)).map(({ id }) => id)).toEqual(ids);
  });

  test('the account distinguishes roles of two accounts', () => {
    const username = '{{AccountID}}:{{SessionName}}';
    const entries = [
      { rolearn: 'arn:aws:iam::111122223333:role/dev', username },
      { rolearn: 'arn:aws:iam::444455556666:role/dev', username },
    ];
    const read = readAwsAuth(awsAuth(entries), readYaml);
    expect(read.ok && usernameFindings(read.value.mappings)).toEqual([]);
  });

  test('three roles with one username are reported once, with the steps for all but the first', () => {
    const [shared, ...others] = usernameFindings(mapped(...Array.from({ length: 3 }, () => '{{SessionName}}')));
    expect(others).toEqual([]);
    expect(shared?.subject.split(', ')).toHaveLength(3);
    expect(shared?.mend).toContain('set username: "r1:{{SessionNameRaw}}"');
    expect(shared?.mend).toContain('set username: "r2:{{SessionNameRaw}}"');
  });

  test.each([
    ['k:{{ SessionName }}', 'k:{{SessionNameRaw}}'],
    ['x{{SessionName}', 'x:{{SessionNameRaw}}'],
    ['{SessionName}:dev', 'dev:{{SessionNameRaw}}'],
    ['{{UserName}}', 'r0:{{SessionNameRaw}}'],
  ])('the step for %s keeps nothing of the fault', (username, mended) => {
    const [found] = usernameFindings(mapped(username));
    expect(found?.mend).toContain(`set username: "${mended}"`);
    expect(usernameFindings(mapped(mended))).toEqual([]);
  });

  test.each([
    ['one fixed name for three roles', ['admin', 'admin', 'admin']],
    ['a fixed name after the template that can make it', ['{{SessionName}}', 'admin']],
    ['a fixed name before it', ['admin', '{{SessionName}}']],
  ])('an entry has one step, whatever is found on it: %s', (_, usernames) => {
    const steps = usernameFindings(mapped(...usernames)).flatMap(({ mend }) => [
      ...mend.matchAll(/in (mapRoles entry \d), set username: "([^"]*)"/g),
    ]);
    const names = Map.groupBy(steps, ([, place]) => place);
    for (const [, found] of names) expect(new Set(found.map(([, , name]) => name)).size).toBe(1);
    const mended = usernames.map((username, n) => names.get(`mapRoles entry ${n + 1}`)?.[0]?.[2] ?? username);
    expect(new Set(mended).size).toBe(usernames.length);
    expect(usernameFindings(mapped(...mended)).map(({ id }) => id)).not.toContain('username-loses-session');
  });

  test('users with one username share it; a single user loses nothing', () => {
    const users = ['a', 'b'].map((name) => ({ userarn: `arn:aws:iam::111122223333:user/${name}`, username: 'ops' }));
    const read = readAwsAuth(awsAuth([], users), readYaml);
    expect(read.ok && usernameFindings(read.value.mappings).map(({ id }) => id)).toEqual(['username-shared']);
  });

  test('entries of two clusters never meet', () => {
    const of = (clusterName: string, role: string) =>
      accessEntry({ clusterName, principalArn: `${ROLE}${role}`, username: 'dev:{{SessionName}}' });
    const apart = [of('qa', 'one'), of('prod', 'two')].filter((entry) => entry !== undefined);
    expect(apart).toHaveLength(2);
    expect(usernameFindings(apart)).toEqual([]);
  });
});

describe('aws-auth', () => {
  test.each([
    ['no mapping', '[]', 'it has no key "data", so it is not a ConfigMap'],
    ['another ConfigMap', 'data: {Corefile: x}', 'its data has neither mapRoles nor mapUsers'],
    ['mapAccounts that is no list', 'data: {mapAccounts: x}', 'its mapAccounts cannot be read: it is not a list'],
    ['mapRoles that is no list', 'data: {mapRoles: "a: b"}', 'its mapRoles cannot be read: it is not a list'],
    ['aliases without end', `a: &a [x,x]\n${bomb()}`, 'it is nested too deep, or has aliases that cannot be resolved'],
  ])('%s is refused', (_, text, message) => {
    expect(readAwsAuth(text, readYaml)).toEqual({ ok: false, message });
  });

  test.each([
    ['- {username: x}', 'it has no rolearn'],
    [`- {rolearn: '${ROLE}x'}`, 'it has no username'],
    ['- {rolearn: x, username: x}', 'its rolearn x is not an ARN of a role'],
    [`- {rolearn: '${ROLE}*', username: x}`, `its rolearn ${ROLE}* is not an ARN of a role`],
    [
      '- {rolearn: "arn:aws:iam::1111:role/c", username: x}',
      'its rolearn arn:aws:iam::1111:role/c is not an ARN of a role',
    ],
    [`- {rolearn: '${ROLE}x', username: [x]}`, 'its username is not a string'],
    ['- {rolearn: {a: b}, username: x}', 'its rolearn is not a string'],
    [`- {rolearn: '${ROLE}x', username: }`, 'it has no username'],
    ['- x', 'it is not a mapping'],
  ])('an entry that cannot be read is a finding: %s', (entry, what) => {
    const read = readAwsAuth(JSON.stringify({ data: { mapRoles: entry } }), readYaml);
    expect(read.ok && read.value.findings).toMatchObject([
      { id: 'mapping-unreadable', evidence: `The entry cannot be read: ${what}.` },
    ]);
  });

  test('a whole account gets access without session names', () => {
    const read = readAwsAuth('data: {mapAccounts: "- \'011122223333\'\\n- 444455556666"}', readYaml);
    expect(read.ok && read.value.findings).toMatchObject([
      { id: 'username-loses-session', subject: 'all roles of account 011122223333' },
      { id: 'username-loses-session', subject: 'all roles of account 444455556666' },
    ]);
  });

  test('keys are read without regard to case', () => {
    const read = readAwsAuth(awsAuth([{ roleARN: `${ROLE}x`, Username: 'y' }]), readYaml);
    expect(read.ok && read.value.mappings).toMatchObject([{ username: 'y' }]);
  });

  test('no text makes a reader throw', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        readAwsAuth(text, readYaml);
        readAwsAuth(JSON.stringify({ data: { mapRoles: text } }), readYaml);
        readAccessEntries(text);
      }),
    );
  });
});

function bomb(): string {
  return Array.from(
    { length: 9 },
    (_, n) => `${'bcdefghij'[n]}: &${'bcdefghij'[n]} [*${'abcdefghi'[n]},*${'abcdefghi'[n]}]`,
  ).join('\n');
}
