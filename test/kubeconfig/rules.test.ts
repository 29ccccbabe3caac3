import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasCredentials, readProfile, writeRoleProfile } from '../../lib/kubeconfig/aws-profile.ts';
import { maskedDiff } from '../../lib/kubeconfig/diff.ts';
import { hostsLines } from '../../lib/kubeconfig/hosts.ts';
import { keepLineEnds } from '../../lib/kubeconfig/lines.ts';
import { personsSessionName, projectRoleArn, rolePatternFailure } from '../../lib/kubeconfig/role-session.ts';

describe('the session name', () => {
  test.each([
    ['arn:aws:iam::111122223333:user/alice', 'alice'],
    ['arn:aws:iam::111122223333:user/people/eu/alice+1', 'alice+1'],
    ['arn:aws-cn:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0a/alice@example.com', 'alice@example.com'],
    ['arn:aws:sts::111122223333:federated-user/bob', 'bob'],
    [`arn:aws:sts::111122223333:assumed-role/x/${'a'.repeat(70)}`, 'a'.repeat(64)],
    ['arn:aws:iam::111122223333:user/Zoë Müller', 'Zo--M-ller'],
  ])('for %s is %s', (arn, sessionName) => {
    expect(personsSessionName({ arn, accountId: '111122223333' })).toEqual({ kind: 'named', sessionName });
  });
  test.each([
    'arn:aws:iam::111122223333:root',
    'arn:aws:iam::111122223333:user/x',
    'arn:aws:sts::111122223333:assumed-role/ci/botocore-session-1700000000',
    'arn:aws:sts::111122223333:assumed-role/ci/EKSGetTokenAuth',
    'arn:aws:sts::111122223333:assumed-role/node/i-0123456789abcdef0',
    'arn:aws:sts::111122223333:assumed-role/ci/1700000000000000000',
    'nonsense',
    '',
  ])('for %j names nobody', (arn) => {
    expect(personsSessionName({ arn, accountId: '111122223333' }).kind).toBe('unnamed');
  });
});

describe('the role of a project', () => {
  const role = { project: 'shop', environment: 'qa', cluster: 'prod' };
  const caller = () => ({ arn: 'arn:aws-us-gov:iam::111122223333:user/alice', accountId: '111122223333' });
  test.each([
    ['{project}-{environment}-humans', 'arn:aws-us-gov:iam::111122223333:role/shop-qa-humans'],
    ['people/{project}/{cluster}', 'arn:aws-us-gov:iam::111122223333:role/people/shop/prod'],
    ['arn:aws:iam::444455556666:role/{project}', 'arn:aws:iam::444455556666:role/shop'],
  ])('by %s is %s', (pattern, arn) => {
    expect(projectRoleArn(pattern, role, caller)).toBe(arn);
  });
  test.each([
    ['{project} {environment}'],
    ['/{project}'],
    [`{project}${'x'.repeat(70)}`],
    ['arn:aws:iam::1:role/{project}'],
  ])('by %s is none', (pattern) =>
    expect(() => projectRoleArn(pattern, role, caller)).toThrow(/Correct --role-pattern/),
  );
  test.each([['{team}'], ['{project'], ['fixed'], ['{project}{Environment}']])(
    'the pattern %s cannot be used',
    (pattern) => {
      expect(rolePatternFailure(pattern)).toBeDefined();
    },
  );
});

describe('the AWS profile', () => {
  const profile = { roleArn: 'arn:r', sessionName: 'alice', source: { kind: 'profile', profile: 'ops' } } as const;
  const OTHERS = '# mine\n[default]\nregion=eu-west-1\n\n[sso-session s]\nsso_region = eu-west-1';
  test('is added at the end', () => {
    const { text, change } = writeRoleProfile(OTHERS, 'x@y', profile);
    expect(change).toBe('added');
    expect(text).toBe(
      `${OTHERS}\n\n[profile x@y]\nrole_arn = arn:r\nrole_session_name = alice\nsource_profile = ops\n`,
    );
    expect(writeRoleProfile(text, 'x@y', profile)).toEqual({ text, change: 'unchanged', fields: [] });
  });
  test('is changed line by line, with its other settings and comments', () => {
    const old =
      '[profile x]\n# why\nrole_arn=arn:old\nregion = eu-west-1\ncredential_source = Environment\n[profile xx]\nrole_arn = arn:keep\n';
    expect(writeRoleProfile(old, 'x', profile)).toEqual({
      text: '[profile x]\nrole_session_name = alice\nsource_profile = ops\n# why\nrole_arn = arn:r\nregion = eu-west-1\n[profile xx]\nrole_arn = arn:keep\n',
      change: 'updated',
      fields: ['role_arn', 'credential_source', 'role_session_name', 'source_profile'],
    });
  });
  test('uses the line ends of the file, and each line keeps its own', () => {
    const mixed = '[profile x]\r\nrole_arn = arn:old\r\n[profile y]\na = b\r\n';
    expect(writeRoleProfile(mixed, 'x', profile).text).toBe(
      '[profile x]\r\nrole_session_name = alice\r\nsource_profile = ops\r\nrole_arn = arn:r\r\n[profile y]\na = b\r\n',
    );
    expect(writeRoleProfile('[profile y]\r\na = b', 'x', profile).text).toBe(
      '[profile y]\r\na = b\r\n\r\n[profile x]\r\nrole_arn = arn:r\r\nrole_session_name = alice\r\nsource_profile = ops\r\n',
    );
    const { text } = writeRoleProfile(mixed, 'x', profile);
    expect(writeRoleProfile(text, 'x', profile)).toEqual({ text, change: 'unchanged', fields: [] });
  });
  test('is added beside a section with that name that is no profile for the AWS CLI', () => {
    const { text, change } = writeRoleProfile('[prod]\nregion = eu-west-1\n', 'prod', profile);
    expect(change).toBe('added');
    expect(text).toMatch(/^\[prod\]\nregion = eu-west-1\n\n\[profile prod\]\nrole_arn/);
  });
  test.each([
    ['[profile a]\nx = 1\n', 'a', { x: '1' }],
    ['[profile "a b"]\nx=1 = 2\n  y = 3\n', 'a b', { x: '1 = 2' }],
    ['[default]\r\nx = 1\r\n', 'default', { x: '1' }],
    ['[profile a]\n', 'b', undefined],
    ['[a]\nx = 1\n[profile a]\nx = 2\n', 'a', { x: '2' }],
    ['[profile default]\nx = 1\n', 'default', { x: '1' }],
    ['[a]\nx = 1\n', 'a', undefined],
    ['[sso-session a]\nx = 1\n', 'a', undefined],
    ['[profilea]\nx = 1\n', 'a', undefined],
  ])('in %j with the name %s is read', (text, name, settings) => expect(readProfile(text, name)).toEqual(settings));
  test.each([
    ['[a]\n', 'a', true],
    ['[b]\n [ a ]\r\n', 'a', true],
    ['[profile a]\n', 'a', false],
    ['# [a]\n', 'a', false],
  ])('in the credentials file %j with the name %s exists: %s', (text, name, there) =>
    expect(hasCredentials(text, name)).toBe(there),
  );
});

test('there is one hosts line for each address, and the first one is in force', () => {
  expect(hostsLines('https://AB.gr7.eu-west-1.eks.amazonaws.com', ['10.0.10.1', '10.0.9.1', '10.0.10.1'])).toEqual([
    '10.0.9.1 AB.gr7.eu-west-1.eks.amazonaws.com',
    '# 10.0.10.1 AB.gr7.eu-west-1.eks.amazonaws.com',
  ]);
});

test('whatever is added, removed or changed, the other lines keep their ends', () => {
  const line = fc.constantFrom('a', 'b', '');
  const lines = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n')), { maxLength: 8 });
  fc.assert(
    fc.property(lines, fc.array(line, { maxLength: 4 }), fc.nat(8), fc.nat(3), (old, inserted, at, removed) => {
      const now = old.map(([words]) => words).toSpliced(at, removed, ...inserted);
      const original = old.flat().join('');
      const kept = keepLineEnds(original, now.map((words) => `${words}\n`).join(''));
      expect(kept.replaceAll('\r\n', '\n')).toBe(now.map((words) => `${words}\n`).join(''));
      if (removed === 0)
        expect(
          isSubsequence(
            old.map((one) => one.join('')),
            kept.split(/(?<=\n)/),
          ),
        ).toBe(true);
      if (inserted.length === 0 && removed === 0) expect(kept).toBe(original);
    }),
  );
});

function isSubsequence(some: readonly string[], all: readonly string[]): boolean {
  let found = 0;
  for (const one of all) if (one === some[found]) found += 1;
  return found === some.length;
}

describe('the diff', () => {
  test('shows changes with the lines around them, and joins those that are close together', () => {
    const lines = Array.from({ length: 30 }, (_, n) => `# line ${n}`);
    const after = lines.with(4, '# changed').with(8, '# changed').toSpliced(25, 1);
    expect(maskedDiff('f', `${lines.join('\n')}\n`, `${after.join('\n')}\n`, 'kubeconfig')).toBe(
      '--- f\n+++ f\n@@ -2,11 +2,11 @@\n # line 1\n # line 2\n # line 3\n-# line 4\n+# changed\n # line 5\n # line 6\n # line 7\n-# line 8\n+# changed\n # line 9\n # line 10\n # line 11\n' +
        '@@ -23,7 +23,6 @@\n # line 22\n # line 23\n # line 24\n-# line 25\n # line 26\n # line 27\n # line 28\n',
    );
  });
  test('leads from one text to the other, for any two texts', () => {
    const texts = fc.array(fc.constantFrom('# a', '# b', '# c', '# d'), { maxLength: 12 });
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const [old, now] = [before, after].map((lines) => lines.map((line) => `${line}\n`).join(''));
        const diff = maskedDiff('f', old ?? '', now ?? '', 'kubeconfig');
        expect(applied(before, diff)).toEqual(after);
      }),
    );
  });
});

/** Applies a unified diff as patch(1) does. */
function applied(before: readonly string[], diff: string): readonly string[] {
  const result: string[] = [];
  let read = 0;
  for (const line of diff.split('\n').slice(2)) {
    const [, first, count] = /^@@ -(\d+),(\d+)/.exec(line) ?? [];
    if (first !== undefined) {
      const start = Number(first) - (count === '0' ? 0 : 1);
      result.push(...before.slice(read, start));
      read = start;
    }
    if (/^[ +]/.test(line)) result.push(line.slice(1));
    if (/^[ -]/.test(line)) expect(before[read++]).toBe(line.slice(1));
  }
  return [...result, ...before.slice(read)];
}
