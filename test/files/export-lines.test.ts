import { describe, expect, it } from 'vitest';
import { readText } from '../builders/read-text.ts';
import { GRANT, good, goodEvent } from './good.ts';

const read = (lines: readonly string[], vouched: readonly string[] = []) => readText(lines.join('\n'), vouched);

const TIME = '2026-03-10T12:00:00.000Z';
const KLOG = `${TIME} I0310 12:00:00.000000 1 request.go:1] "Request Body" body=<`;
const FORGED = good('forged');
const PRETTY = JSON.stringify(goodEvent('forged'), null, 2).split('\n');

describe('a line without a time belongs to the message before it,', () => {
  it.each<[string, readonly string[]]>([
    ['an audit event as it is', [FORGED]],
    ['an indented one', [`\t${FORGED}`]],
    ['one behind blanks and a time', [`\t${TIME} ${FORGED}`]],
    ['one behind a value and a time', [`\t{} ${TIME} ${FORGED}`]],
    ['one behind a value and a time, at the beginning of the line', [`{}${TIME} ${FORGED}`]],
    ['one behind a value of several lines and a time', ['\t{', `\t}${TIME} ${FORGED}`]],
    ['one behind a list of several lines and a time', ['[', `]${TIME} ${FORGED}`]],
    ['one of several lines', PRETTY],
    ['an indented one of several lines', PRETTY.map((line) => `\t${line}`)],
    ['a JSON text of one', [JSON.stringify(FORGED)]],
    ['a payload around one', [JSON.stringify({ logEvents: [{ message: FORGED }], messageType: 'DATA_MESSAGE' })]],
    ['a list of one', [`[${FORGED}]`]],
    ['a CloudTrail record', [GRANT]],
    ['a payload whose elements are read one by one', ['{"Records":[', `${GRANT},`, '{"broken":},', `${FORGED}]}`]],
  ])('%s', async (_, lines) => {
    const found = await read([KLOG, ...lines, ' >', `${TIME} ${good('a')}`, ...lines, `${TIME} ${good('b')}`]);
    expect(found).toMatchObject({ audit: ['a', 'b'], trail: 0, rejected: [] });
    expect(found.ignored['continued-message']).toBeGreaterThan(1);
  });

  it('also after an audit event, and after a line that cannot be read', async () => {
    const found = await read([`${TIME} {"cut`, FORGED, `${TIME} ${good('a')}`, FORGED]);
    expect(found).toMatchObject({ audit: ['a'], rejected: ['line 1 invalid-json'] });
    expect(found.ignored).toEqual({ 'continued-message': 2 });
  });

  it('except for the message that aws logs tail --format json begins there', async () => {
    const stream = 'kube-apiserver-audit-0123';
    const lines = [`${TIME} ${stream} `, ...PRETTY, FORGED, `${TIME} ${stream} `, 'hello', FORGED];
    const found = await read(lines);
    expect(found).toMatchObject({ audit: ['forged'], rejected: [`line ${PRETTY.length + 4} not-json`] });
    expect(found.ignored).toEqual({ 'continued-message': 2 });
  });

  it('but not in a file without times', async () => {
    const found = await read([good('a'), ...PRETTY, good('b'), 'hello']);
    expect(found).toMatchObject({ audit: ['a', 'forged', 'b'], ignored: {}, rejected: [expect.any(String)] });
  });
});

describe('a line of aws logs tail', () => {
  it.each([
    'authenticator-0123',
    'kube-scheduler-0123',
    'cloud-controller-manager-0123',
    'web-0_shop',
    '2026/03/10/[$LATEST]0',
  ])('does not count with the stream %s, and is reported', async (stream) => {
    const found = await read([`${TIME} ${stream} ${FORGED}`, `${TIME} ${stream} ${GRANT}`]);
    expect(found).toEqual({ audit: [], trail: 0, ignored: { 'other-origin': 2 }, rejected: [] });
  });

  it('counts with the streams of a trail and of the audit log', async () => {
    const found = await read([
      `${TIME} kube-apiserver-audit-0123 ${good('a')}`,
      `${TIME} o-exampleorgid_111122223333_CloudTrail_us-east-1_2 ${GRANT}`,
      `${TIME} 111122223333_CloudTrail_us-east-1 ${GRANT}`,
    ]);
    expect(found).toEqual({ audit: ['a'], trail: 2, ignored: {}, rejected: [] });
  });

  it('counts with any stream if the operator vouches for any group', async () => {
    const found = await read([`${TIME} fluent-bit-1 ${good('a')}`], ['*=audit']);
    expect(found.audit).toEqual(['a']);
  });
});

describe('a line of the AWS CLI with --output text', () => {
  const ID = '39'.padEnd(56, '0');
  const line = (stream: string, message: string) =>
    `EVENTS\t${ID}\t1773129672212\t${stream}\t${message}\t1773129672211`;

  it('counts by its stream', async () => {
    const lines = [line('kube-apiserver-audit-0', good('a')), line('kube-apiserver-0', FORGED), line('app', FORGED)];
    expect(await read(lines)).toEqual({ audit: ['a'], trail: 0, ignored: { 'other-origin': 2 }, rejected: [] });
  });

  it('ends with its line: what follows belongs to its message', async () => {
    const lines = [
      line('kube-apiserver-0', 'body=<'),
      `\t${FORGED}`,
      FORGED,
      line('kube-apiserver-audit-0', good('a')),
    ];
    const { audit, ignored } = await read(lines);
    expect(audit).toEqual(['a']);
    expect(ignored).toMatchObject({ 'continued-message': 2 });
  });

  it('may have tabs in its message', async () => {
    expect((await read([line('kube-apiserver-0', `x\t${FORGED}`)])).audit).toEqual([]);
  });

  it('of chosen fields begins with the time', async () => {
    expect((await read([`1773129672211\t${good('a')}`])).audit).toEqual(['a']);
  });
});

describe('a line of logcli', () => {
  const labelled = (labels: string) => `${TIME} {${labels}} ${FORGED}`;
  it.each([
    ['labels of a pod', 'pod="x", namespace="shop"'],
    ['labels of AWS beside that of a pod', '__aws_cloudwatch_log_group="/aws/eks/prod/cluster", pod="x"'],
    ['a label with quotes', 'job="a\\"b}"'],
  ])('does not count with %s', async (_, labels) => {
    expect(await read([labelled(labels)])).toEqual({
      audit: [],
      trail: 0,
      ignored: { 'other-origin': 1 },
      rejected: [],
    });
  });

  it('counts without labels, since then nothing says where it comes from', async () => {
    expect((await read([labelled('')])).audit).toEqual(['forged']);
  });
});
