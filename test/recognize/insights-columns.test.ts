import { describe, expect, it } from 'vitest';
import { recognize } from '../../lib/recognize/recognize.ts';
import type { Subject } from '../../lib/recognize/subject.ts';
import { parseInstant } from '../../lib/time.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ID } from '../builders/company.ts';
import { PRINCIPAL, SESSION_ARN, UID, UUID } from './samples.ts';

const ROW = {
  '@timestamp': '2026-03-10 12:10:00.250',
  '@log': `${ACCOUNT}:/aws/eks/prod/cluster`,
  'user.username': 'project-admin',
  'user.uid': UID,
  'user.extra.accessKeyId.0': KEY,
  verb: 'delete',
  'objectRef.resource': 'pods',
  'objectRef.namespace': 'shop',
  'objectRef.name': 'web-0',
  'responseStatus.code': '200',
  'sourceIPs.0': '198.51.100.7',
  'sourceIPs.1': '203.0.113.7',
  auditID: UUID,
};
type Columns = Readonly<Record<string, string>>;

const csv = (...rows: readonly Columns[]) =>
  [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]
    .map((cells) => cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(','))
    .join('\n');
const fieldsOf = (row: Columns) =>
  Object.entries({ ...row, '@ptr': 'CmEKJg' }).map(([field, value]) => ({ field, value }));

function subjectsOf(text: string): readonly Subject[] {
  const recognition = recognize(text);
  if (recognition.outcome !== 'subjects') throw new Error(`${recognition.outcome}: ${recognition.advice}`);
  return recognition.subjects;
}

function askedBy(...rows: readonly Columns[]): readonly object[] {
  return subjectsOf(csv(...rows)).map(({ circumstances: _circumstances, ...subject }) => subject);
}

it("has its source IP in a row of Splunk's own searches", () => {
  const row = {
    src_ip: '203.0.113.9',
    cluster_name: 'prod',
    'user.username': 'system:anonymous',
    'values(verb)': 'list',
  };
  expect(subjectsOf(csv(row))).toEqual([
    {
      by: 'username',
      username: 'system:anonymous',
      circumstances: { cluster: 'prod', request: { verb: 'list' }, sourceIps: ['203.0.113.9'] },
    },
  ]);
});

describe('a row of Splunk', () => {
  const row = {
    _time: '2026-03-10T12:10:00.250+00:00',
    'user.username': SESSION_ARN,
    verb: 'delete',
    'objectRef.resource': 'pods',
  };
  const splunk = {
    ...row,
    'objectRef.namespace': 'shop',
    'objectRef.name': 'web-0',
    'sourceIPs{}': '203.0.113.7',
    host: 'hf-1',
  };
  const lines = (separator: string) =>
    [Object.keys(splunk), Object.values(splunk)].map((cells) => cells.join(separator));
  const [names = '', values = ''] = lines(' | ');

  it.each([
    ['CSV', csv(splunk)],
    ['what a browser copies', lines('\t').join('\n')],
    [
      'columns of text below a title',
      `Splunk Alert: pod deleted\n\n${lines('   ').join('\n')}\n\nSee https://splunk.example.com`,
    ],
    ['a table in Markdown', `| ${names} |\n|${'---|'.repeat(8)}\n| ${values} |`],
    ['a webhook', JSON.stringify({ search_name: 'pod deleted', owner: 'admin', result: splunk })],
    ['a webhook with other columns too', JSON.stringify({ search_name: 'x', result: { ...splunk, cluster: 'prod' } })],
    [
      'a webhook with lists and the seconds since 1970',
      JSON.stringify({
        search_name: 'x',
        result: { ...splunk, 'sourceIPs{}': ['203.0.113.7'], _time: '1773144600.250', cluster: 'prod' },
      }),
    ],
    ['a row with other columns too', JSON.stringify({ ...splunk, cluster: 'prod' })],
  ])('is read as %s', (_, text) => {
    expect(subjectsOf(text)).toMatchObject([
      {
        by: 'session',
        arn: SESSION_ARN,
        circumstances: {
          at: parseInstant('2026-03-10T12:10:00.250Z'),
          request: { verb: 'delete', resource: 'pods', namespace: 'shop', name: 'web-0' },
          sourceIps: ['203.0.113.7'],
        },
      },
    ]);
  });

  it('is not read if its cells do not fit the columns', () => {
    const [head = '', cells = ''] = lines('   ');
    expect(recognize(`${head}\n${cells}   more`).outcome).toBe('nothing');
  });
});

describe('a Logs Insights answer with chosen columns instead of @message', () => {
  it.each([
    ['CSV', csv(ROW)],
    ["CSV within a shell's quotes", `'${csv(ROW)}'`],
    ['CSV in a block of code', `\`\`\`csv\n${csv(ROW)}\n\`\`\``],
    [
      'CSV with quoted names and line ends of Windows',
      `${csv(ROW)
        .replace(/^.*/, (names) => names.replaceAll(/[^,]+/g, '"$&"'))
        .replaceAll('\n', '\r\n')}\r\n`,
    ],
    [
      "GetQueryResults' answer",
      JSON.stringify({ queryLanguage: 'CWLI', results: [fieldsOf(ROW)], status: 'Complete' }),
    ],
    ['the list of rows in it', JSON.stringify([fieldsOf(ROW)])],
    ['a row of it', JSON.stringify(fieldsOf(ROW))],
    ["the console's export to JSON", JSON.stringify([ROW], null, 2)],
    ['a row of that', JSON.stringify(ROW)],
  ])('is looked up row by row, with key, time, cluster and audit ID: %s', (_, text) => {
    expect(recognize(text)).toMatchObject({
      as: 'a row of a query with selected columns',
      events: new Map(),
      notes: [expect.stringContaining('only say what to look up')],
    });
    expect(subjectsOf(text)).toEqual([
      {
        by: 'caller',
        question: { uid: UID, username: 'project-admin', accessKeyId: KEY },
        circumstances: {
          at: parseInstant('2026-03-10T12:10:00.250Z'),
          cluster: 'prod',
          auditId: UUID,
          request: { verb: 'delete', resource: 'pods', namespace: 'shop', name: 'web-0' },
          code: 200,
          sourceIps: ['198.51.100.7', '203.0.113.7'],
        },
      },
    ]);
  });

  it('with several rows is a question for each', () => {
    const other = { ...ROW, 'user.extra.accessKeyId.0': ANOTHER_KEY, '@timestamp': '2026-03-10 12:11:00.000' };
    for (const text of [csv(ROW, other), JSON.stringify({ results: [fieldsOf(ROW), fieldsOf(other)] })]) {
      expect(recognize(text)).toMatchObject({ as: '2 rows of queries with selected columns', left: 0 });
      expect(subjectsOf(text)).toMatchObject([
        { question: { accessKeyId: KEY }, circumstances: { at: parseInstant('2026-03-10T12:10:00.250Z') } },
        { question: { accessKeyId: ANOTHER_KEY }, circumstances: { at: parseInstant('2026-03-10T12:11:00Z') } },
      ]);
    }
  });

  it('with @message is its events, whichever other columns were chosen', () => {
    const message = JSON.stringify(auditEvent());
    const row = { ...ROW, 'user.username': 'mallory', '@message': message };
    for (const text of [csv(row), JSON.stringify([row]), JSON.stringify({ results: [fieldsOf(row)] })]) {
      expect(recognize(text)).toMatchObject({ as: 'an audit event' });
      expect(subjectsOf(text)).toMatchObject([{ question: { username: 'project-admin' } }]);
    }
  });

  it.each<[string, Columns, object]>([
    ['a key', { 'user.extra.accessKeyId.0': KEY }, { by: 'caller', question: { accessKeyId: KEY } }],
    [
      'a key and a username',
      { 'user.username': 'project-admin', 'user.extra.accessKeyId.0': KEY },
      { by: 'caller', question: { accessKeyId: KEY } },
    ],
    ['a uid', { 'user.uid': UID }, { by: 'role', role: ROLE_ID }],
    [
      'a uid and a session name',
      { 'user.uid': UID, 'user.extra.sessionName.0': 'alice-session' },
      { by: 'caller', question: { principal: PRINCIPAL } },
    ],
    ["a session's ARN", { 'user.extra.arn.0': SESSION_ARN }, { by: 'session', arn: SESSION_ARN }],
    ['a username', { 'user.username': 'admin:alice' }, { by: 'username', username: 'admin:alice' }],
    ['an audit id', { 'user.username': '', auditID: UUID }, { by: 'audit-id', auditId: UUID }],
    [
      'columns that were renamed',
      { username: 'project-admin', uid: UID, access_key_id: KEY },
      { by: 'caller', question: { uid: UID, username: 'project-admin', accessKeyId: KEY } },
    ],
  ])('is looked up by its columns: %s', (_, columns, subject) => {
    const row = { '@timestamp': '2026-03-10 12:10:00.000', ...columns };
    expect(askedBy(row)).toMatchObject([subject]);
  });

  it.each([
    [{ '@timestamp': '2026-03-10 12:10:00.250' }, '2026-03-10T12:10:00.250Z'],
    [{ '@timestamp': '2026-03-10T13:10:00.250+01:00' }, '2026-03-10T12:10:00.250Z'],
    [{ '@timestamp': '1773144600250' }, '2026-03-10T12:10:00.250Z'],
    [
      { '@timestamp': '2026-03-10 12:11:00.000', requestReceivedTimestamp: '2026-03-10T12:10:00.250000Z' },
      '2026-03-10T12:10:00.250Z',
    ],
  ])('has the time at which the request was received, else that of its log: %j', (time, at) => {
    expect(subjectsOf(csv({ ...time, 'user.username': 'alice' }))).toMatchObject([
      { circumstances: { at: parseInstant(at) } },
    ]);
  });

  it('says which values are not valid, and that the client can have written a single address', () => {
    const { 'sourceIPs.1': _, ...row } = { ...ROW, '@timestamp': 'yesterday', 'user.extra.accessKeyId.0': 'ASIA' };
    const recognition = recognize(csv(row));
    expect(recognition).toMatchObject({
      notes: [
        expect.stringContaining('the client can have written'),
        expect.stringContaining('Ignored a time'),
        expect.stringContaining('not an access key ID'),
      ],
    });
    expect(askedBy(row)).toEqual([{ by: 'caller', question: { uid: UID, username: 'project-admin' } }]);
  });

  it('from a log group without audit events names no caller', () => {
    const row = { ...ROW, '@log': `${ACCOUNT}:/aws/lambda/shop` };
    expect(recognize(csv(row))).toMatchObject({ outcome: 'nothing', notes: [expect.stringContaining('log group')] });
  });

  it('without a caller is still recognized', () => {
    const text = csv({ '@timestamp': '2026-03-10 12:10:00.250', 'user.username': '' });
    expect(recognize(text)).toMatchObject({
      outcome: 'nothing',
      as: 'a row of a query with selected columns',
    });
  });
});
