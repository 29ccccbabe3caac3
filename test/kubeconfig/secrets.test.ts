import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { maskedDiff } from '../../lib/kubeconfig/diff.ts';
import { person } from './running.ts';

const STAGING = `apiVersion: v1
kind: Config
clusters:
- name: staging
  cluster: {server: "https://alice:SECRET0@old.example", proxy-url: http://proxy.example:3128}
contexts:
- name: staging
  context: {cluster: staging, user: staging}
users:
- name: staging
  user:
    token: >-
      eyJhbGciOiJSUzI1NiJ9.SECRET1.c2ln
    password: |-
      SECRET2
    client-key-data: |
      LS0tLS1CRUdJTiBTRUNSRVQz
      SECRET3
    auth-provider:
      name: oidc
      config:
        refresh-token:
          SECRET4
        id-token: "a\\
          SECRET5"
        cmd-args: SECRET6
    exec:
      command: aws-iam-authenticator
      args: ["--token", "SECRET7", --password=SECRET8, SECRET9]
      # args: [--token, SECRET10]
      env:
      - {name: AWS_SECRET_ACCESS_KEY, value: SECRET11}
      - value: SECRET12
        name: VAULT_TOKEN
      - name: VAULT_PASS
        value: SECRET13 # before: SECRET14
      - name: EDITOR
        value: "SECRET15
          SECRET16"
current-context: staging
`;

test('a dry run shows no secret, however it is written in the file', async () => {
  const alice = await person({ clusters: [{ name: 'staging', region: 'eu-west-1' }] });
  await alice.keep('.kube/config', STAGING);
  const dry = await alice.eksWhois(['kubeconfig', 'create', 'staging', '--force', '--dry-run']);
  await expect(dry.stdout).toMatchFileSnapshot('../golden/kubeconfig-create-secrets.txt');
  expect(dry.stdout).not.toMatch(/SECRET\d|eyJ|LS0tLS1CRUdJTiBTRUNSRVQz/);
  expect(dry).toMatchObject({ stderr: 'eks-whois: Nothing was written.\n', status: 0 });
});

/** Returns what a diff shows of a new text. */
function shownOf(text: string, format: 'kubeconfig' | 'aws-config' = 'kubeconfig'): string {
  const [, , , ...lines] = maskedDiff('f', '', text, format).split('\n');
  return lines.map((line) => line.replace(/^\+/, '')).join('\n');
}

describe('in a kubeconfig', () => {
  test.each([
    ['{users: [{name: a, user: {token: abc, as: b}}]}\n', '{users: [{name: a, user: {token: REDACTED, as: b}}]}\n'],
    ['token: abc # and def\n', 'token: REDACTED # REDACTED\n'],
    ['"my-token": "abc"\n', '"my-token": REDACTED\n'],
    ['x: {secrets: [a, b]}\n', 'x: {secrets: REDACTED}\n'],
    [
      'x: &x abc\nusers:\n- name: a\n  user: {token: *x}\n',
      'x: &x REDACTED\nusers:\n- name: a\n  user: {token: REDACTED}\n',
    ],
    ['x: &x {data: abc}\nusers:\n- user:\n    <<: *x\n', 'x: &x {data: REDACTED}\nusers:\n- user:\n    <<: *x\n'],
    ['tokenFile: /a\n', 'tokenFile: /a\n'],
    ['users:\n- user: {tokenFile: /a, client-key: /b}\n', 'users:\n- user: {tokenFile: /a, client-key: /b}\n'],
    ['users:\n- user: {unheard-of: abc}\n', 'users:\n- user: {unheard-of: REDACTED}\n'],
    ['users:\n- user: {exec: {env: abc}}\n', 'users:\n- user: {exec: {env: REDACTED}}\n'],
    ['x: |\n  -----BEGIN PRIVATE KEY-----\n  abc\n', 'x: REDACTED\n  REDACTED\n  REDACTED\n'],
    [`x: ${'QUJD'.repeat(16)}\n`, 'x: REDACTED\n'],
    [`current-context: ${'gke_'.repeat(16)}a\n`, `current-context: ${'gke_'.repeat(16)}a\n`],
    ['a:\n# - abc\n- b # see --help abc\n', 'a:\n# REDACTED\n- b # REDACTED\n'],
    ['# token: abc\n# def\na: b # moved in May\n', '# REDACTED\n# REDACTED\na: b # moved in May\n'],
    ['password: |\r\n  abc\r\na: b\r\n', 'password: REDACTED\r\n  REDACTED\r\na: b\r\n'],
    ['\uFEFFpassword: abc\n', '\uFEFFpassword: REDACTED\n'],
    ['a: [\npassword: abc\n', 'REDACTED\nREDACTED\n'],
    ['a: b\n---\npassword: abc\n', 'REDACTED\nREDACTED\nREDACTED\n'],
  ])('%j is shown as %j', (text, masked) => {
    expect(shownOf(text)).toBe(masked);
  });

  test('a certificate shows enough at its ends to recognize it', () => {
    const text = `users:\n- user: {client-certificate-data: ${'A'.repeat(12)}${'B'.repeat(30)}${'C'.repeat(8)}}\n`;
    expect(shownOf(text)).toBe(
      `users:\n- user: {client-certificate-data: ${'A'.repeat(12)}…(30 more)…${'C'.repeat(8)}}\n`,
    );
  });

  test('arguments that are not secret are shown', () => {
    const args = 'args: [--profile=dev, eks, get-token, --cluster-name, prod, --role-arn, "arn:aws:iam::1:role/x"]';
    expect(shownOf(`users:\n- user: {exec: {${args}}}\n`)).toContain(args);
  });

  test('a secret in an unchanged line is masked too, and so is a value that was secret only before', () => {
    const before = 'users:\n- user:\n    password:\n      abc\n';
    const after = 'users:\n- user:\n    username:\n      abc\n';
    expect(maskedDiff('f', before, after, 'kubeconfig')).not.toContain('abc');
    expect(maskedDiff('f', `${before}x: y\n`, `${before}x: z\n`, 'kubeconfig')).not.toContain('abc');
  });

  test('no value of a variable, and no credential, is shown in any layout', () => {
    const secret = fc.stringMatching(/^[ \n"'#:a-z-]{0,12}$/).map((text) => `SE${text}CRET`);
    const layout = fc.record({
      defaultStringType: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_FOLDED', 'BLOCK_LITERAL'),
      lineWidth: fc.constantFrom(0, 20, 22),
      minContentWidth: fc.constant(5),
      collectionStyle: fc.constantFrom('any', 'block', 'flow'),
      indent: fc.integer({ min: 2, max: 6 }),
    } as const);
    fc.assert(
      fc.property(secret, layout, (text, options) => {
        const user = { token: text, exec: { command: 'x', env: [{ value: text, name: 'A' }], args: [text] } };
        expect(shownOf(stringify({ users: [{ name: 'a', user }] }, options))).not.toMatch(/SE[^N]|CRET/);
      }),
    );
  });
});

describe('in an AWS config file', () => {
  test.each([
    ['aws_secret_access_key = abc\n', 'aws_secret_access_key = REDACTED\n'],
    ['[a]\naws_session_token=abc\n  def\nregion = x\n', '[a]\naws_session_token=REDACTED\n  REDACTED\nregion = x\n'],
    ['credential_process = x --password abc\n', 'credential_process = REDACTED\n'],
    ['web_identity_token_file = /a\n', 'web_identity_token_file = /a\n'],
    ['endpoint_url = https://a:b@c\n', 'endpoint_url = REDACTED\n'],
    ['# aws_secret_access_key = abc\n; why\n', '# REDACTED\n; why\n'],
    ['s3 =\n  max_queue_size = 1\n  my_secret = abc\n', 's3 =\n  max_queue_size = 1\n  my_secret = REDACTED\n'],
    ['abc\n', 'REDACTED\n'],
    ['[a]\r\naws_session_token = abc\r\n', '[a]\r\naws_session_token = REDACTED\r\n'],
  ])('%j is shown as %j', (text, masked) => {
    expect(shownOf(text, 'aws-config')).toBe(masked);
  });
});
