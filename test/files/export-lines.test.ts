import { describe, expect, it } from 'vitest';
import { fileSource } from '../../lib/adapters/files/file-source.ts';
import { type CountedGroup, parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import { increment } from '../../lib/usecases/counting/run-counts.ts';
import { Folder } from '../builders/command.ts';
import { GRANT, good, goodEvent } from './good.ts';

/** What a file of these lines holds: the events' ids, records, what was left out, and why something was set aside. */
async function read(lines: readonly string[], counted: readonly CountedGroup[] = []) {
  using folder = new Folder();
  const found = { audit: [] as unknown[], trail: 0, ignored: new Map<string, number>(), rejected: [] as string[] };
  await fileSource([folder.file('export', lines.join('\n'))], counted).read(
    {
      audit: ({ auditID }) => found.audit.push(auditID),
      trail: () => {
        found.trail += 1;
      },
      ignored: (what) => increment(found.ignored, what),
      reject: ({ place, reason }) => found.rejected.push(`${place} ${reason}`),
    },
    () => undefined,
  );
  return { ...found, ignored: Object.fromEntries(found.ignored) };
}

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
    const found = await read([`${TIME} fluent-bit-1 ${good('a')}`], [parseCountedGroup('*=audit')]);
    expect(found.audit).toEqual(['a']);
  });
});
