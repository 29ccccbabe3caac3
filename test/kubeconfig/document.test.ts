import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { ClusterAccess } from '../../lib/kubeconfig/access.ts';
import { parseKubeconfig } from '../../lib/kubeconfig/document.ts';
import { overwritten, planAccess, planUse } from '../../lib/kubeconfig/plan.ts';
import { printKubeconfig } from '../../lib/kubeconfig/print.ts';

const ACCESS: ClusterAccess = {
  name: 'new',
  cluster: 'new',
  region: 'eu-west-1',
  server: 'https://new.example',
  certificateAuthority: 'AAAA',
  namespace: undefined,
  signIn: { kind: 'oneself', profile: undefined },
};

function added(text: string, access = ACCESS): string {
  const file = parseKubeconfig('config', text);
  return planAccess({ files: [file], defaultPath: 'config' }, access, false, undefined).texts[0]?.after ?? text;
}

describe('other content stays as it was written', () => {
  test.each([
    [
      'kubectl',
      'apiVersion: v1\nclusters:\n- cluster:\n    server: https://a\n  name: a\ncontexts: []\ncurrent-context: a\nkind: Config\npreferences: {}\nusers: null\n',
    ],
    [
      'indented lists',
      'apiVersion: v1\nclusters:\n  - cluster:\n      server: https://a\n    name: a\ncurrent-context: a\n',
    ],
    [
      'four spaces',
      'clusters:\n    - name: a\n      cluster:\n          server: https://a\npreferences:\n    colors: true\ncurrent-context: a\n',
    ],
    [
      'comments and blank lines',
      '# one\n\n# two\nkind: Config # three\n\nclusters: # four\n# five\n- name: a # six\n\n  # seven\n  cluster: {server: https://a}\ncurrent-context: a\n# eight\n',
    ],
    [
      'numbers and odd words',
      'current-context: a\nextensions:\n- {name: 0012, extension: [1e3, 0x1F, 12345678901234567890, yes, "no", ~, 1_000, 2020-01-01]}\n',
    ],
    ['quotes', "current-context: 'a'\nx: \"it's\"\ny: '1'\n"],
    ['long lines', `current-context: a\nx: ${'word '.repeat(60)}end\n`],
    ['block texts', 'current-context: a\nx: |\n  one\n  two\ny: >-\n  three\n'],
    ['anchors and merge keys', 'current-context: a\nx: &x {a: b}\ny:\n  <<: *x\n  c: d\n'],
    ['a document mark', '---\ncurrent-context: a\n'],
    ['Windows line ends', '# one\r\ncurrent-context: a\r\nx: y\r\n'],
    ['a byte order mark', '\uFEFFcurrent-context: a\n'],
  ])('%s', (_, text) => {
    const after = added(text);
    expect(after).toContain('https://new.example');
    expect(printKubeconfig(parseKubeconfig('config', text))).toBe(text);
    const [ours, theirs] = [after.split(/\r?\n/), text.split(/\r?\n/)];
    expect(theirs.filter((line) => !ours.includes(line) && !/^(?:contexts: \[\]|users: null)$/.test(line))).toEqual([]);
  });

  test('each line keeps its own end, and new lines have the most frequent one', () => {
    const after = added('# one\r\n# two\ncurrent-context: a\r\nx: |\r\n  y\n');
    expect(after).toMatch(/^# one\r\n# two\ncurrent-context: a\r\nx: \|\r\n {2}y\nclusters:\r\n/);
    expect(after.match(/(?<!\r)\n/g)).toHaveLength(2);
    expect(added('# one\r\n# two\ncurrent-context: a\n').match(/\r/g)).toHaveLength(1);
  });

  test('JSON with Windows line ends keeps them', () => {
    const text = '{\r\n  "current-context": "a",\r\n  "clusters": []\r\n}\r\n';
    expect(added(text).match(/(?<!\r)\n/g)).toBeNull();
    expect(printKubeconfig(parseKubeconfig('config', text))).toBe(text.replace(/\[\]/, '[]'));
  });

  test('JSON stays JSON, with its numbers and its indentation', () => {
    const text = JSON.stringify(
      { 'current-context': 'a', clusters: [], x: { n: 1.5, b: true, s: '1', z: null, m: ['<<'] } },
      null,
      4,
    );
    const after = added(text);
    expect(JSON.parse(after)).toMatchObject({
      x: { n: 1.5, b: true, s: '1', z: null, m: ['<<'] },
      clusters: [{ name: 'new' }],
    });
    expect(after).toContain('\n    "current-context": "a",\n');
  });

  const name = fc
    .stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
    .filter((text) => text !== 'new' && !['y', 'n', 'no', 'on', 'yes', 'off', 'null'].includes(text));
  const content = fc.dictionary(
    name,
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 })),
    { maxKeys: 4 },
  );
  const section = (key: string) =>
    fc.uniqueArray(fc.record({ name, [key]: content }), { selector: (entry) => String(entry.name), maxLength: 4 });

  test('for any kubeconfig: all data stay, and a second time changes nothing', () => {
    const configs = fc.record({
      kind: fc.constant('Config'),
      clusters: section('cluster'),
      contexts: section('context'),
      users: section('user'),
      extra: content,
    });
    fc.assert(
      fc.property(configs, fc.boolean(), (config, json) => {
        const text = json ? JSON.stringify(config) : stringify(config);
        const after = added(text);
        const written: unknown = parse(after);
        expect(written).toMatchObject({ kind: 'Config', extra: config.extra });
        expect(written).toMatchObject({ clusters: [...config.clusters, { name: 'new' }] });
        expect(written).toMatchObject({ users: [...config.users, { name: 'new' }] });
        expect(added(after)).toBe(after);
      }),
    );
  });
});

test.each(['yes', '0012', '1e3', '1:30', 'null', 'a: b', '#x', '*x', '2020-01-01', 'Ünïcode @:/'])(
  'the name %j stays text for every reader of YAML',
  (name) => {
    const after = added('current-context: a\n', { ...ACCESS, name });
    for (const version of ['1.1', '1.2'] as const) {
      expect(parse(after, { version })).toMatchObject({ contexts: [{ name, context: { cluster: name, user: name } }] });
    }
  },
);

test('other ways to sign in are replaced by the new one, and other programs’ variables stay', () => {
  const user = {
    token: 't',
    password: 'p',
    as: 'boss',
    exec: {
      command: 'x',
      env: [
        { name: 'A', value: 'b' },
        { name: 'AWS_PROFILE', value: 'old' },
      ],
    },
  };
  const text = stringify({ users: [{ name: 'new', user }], 'current-context': 'new' });
  const plan = planAccess(
    { files: [parseKubeconfig('config', text)], defaultPath: 'config' },
    ACCESS,
    false,
    undefined,
  );
  expect(overwritten(plan)).toEqual([
    'user in config (password, token, exec.apiVersion, exec.command, exec.args, exec.interactiveMode, exec.env)'.replace(
      'password, token',
      'token, password',
    ),
  ]);
  const written: unknown = parse(plan.texts[0]?.after ?? '');
  expect(written).toMatchObject({
    users: [{ user: { as: 'boss', exec: { command: 'aws', env: [{ name: 'A', value: 'b' }] } } }],
  });
  expect(written).not.toHaveProperty('users.0.user.token');
  expect(written).not.toHaveProperty('users.0.user.exec.env.1');
});

test('with two files, the entry that kubectl reads is changed: the first', () => {
  const entry = stringify({ clusters: [{ name: 'new', cluster: { server: 'https://old' } }], 'current-context': 'x' });
  const files = ['one', 'two'].map((path) => parseKubeconfig(path, entry));
  const plan = planAccess({ files, defaultPath: 'one' }, ACCESS, false, undefined);
  expect(plan.entries.map(({ section, change, path }) => `${section} ${change} ${path}`)).toEqual([
    'clusters updated one',
    'users added one',
    'contexts added one',
  ]);
  expect(plan.texts.map(({ path }) => path)).toEqual(['one']);
});

test('a context of a later file becomes current in the first', () => {
  const files = [
    parseKubeconfig('one', ''),
    parseKubeconfig('two', 'current-context: b\ncontexts:\n- name: a\n  context: {}\n'),
  ];
  expect(planUse({ files, defaultPath: 'one' }, 'a')).toEqual([
    { path: 'one', format: 'kubeconfig', before: '', after: 'current-context: a\n' },
  ]);
});
