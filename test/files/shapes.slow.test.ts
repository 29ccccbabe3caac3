import { describe, expect, it } from 'vitest';
import { fileSource } from '../../lib/adapters/files/file-source.ts';
import { attributeFiles, Folder } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';
import { asides, expectCalm, GRANT, good, goodEvent, ids } from './good.ts';

const STREAM = 'kube-apiserver-audit-0123';
const SUBSCRIPTION = { messageType: 'DATA_MESSAGE', owner: '1', logGroup: '/aws/eks/prod/cluster', logStream: STREAM };
const logEvents = (names: readonly string[]) =>
  names.map((name, at) => ({ id: `${at}`, timestamp: 1, message: good(name) }));
const ABC = ['a', 'b', 'c'];

async function attributed(content: string | Buffer, cloudtrail?: string, more?: readonly string[]) {
  using folder = new Folder();
  const audit = [folder.file('audit', content)];
  const result = await attributeFiles(folder, {
    audit,
    ...(cloudtrail !== undefined && { cloudtrail: [folder.file('cloudtrail', cloudtrail)] }),
    ...(more !== undefined && { more }),
  });
  expectCalm(result);
  return result;
}

describe('the same three events are read from', () => {
  const lines = ABC.map((name) => good(name));
  const values = ABC.map((name) => goodEvent(name));
  const row = (name: string) => ({ '@timestamp': 'x', '@message': good(name), '@log': '1:/aws/eks/prod/cluster' });
  const quote = (text: string) => JSON.stringify(text);
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  it.each<[string, string | Buffer]>([
    ['JSON lines', `${lines.join('\n')}\n`],
    ['JSON lines without a last newline', lines.join('\n')],
    ['JSON lines of Windows', lines.join('\r\n')],
    ['JSON lines with a byte order mark', `\uFEFF${lines.join('\n')}`],
    ['JSON lines with blank lines', `\n\n${lines.join('\n   \n')}\n\n`],
    ['values without anything between', lines.join('')],
    ['values with blanks between', lines.join('  ')],
    ['pretty-printed values', values.map((value) => JSON.stringify(value, null, 2)).join('\n')],
    [
      'pretty-printed values of Windows',
      values
        .map((value) => JSON.stringify(value, null, 4))
        .join('\n')
        .replaceAll('\n', '\r\n'),
    ],
    ['an array', JSON.stringify(values)],
    ['a pretty-printed array', JSON.stringify(values, null, 2)],
    ['an array with an event a line', `[\n${lines.join(',\n')}\n]\n`],
    ['an EventList', JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: values })],
    [
      'a pretty-printed EventList',
      JSON.stringify({ kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: values }, null, 2),
    ],
    ['a document with a byte order mark', `\uFEFF${JSON.stringify(values, null, 2)}`],
    ['an export of a log group', lines.map((line) => `2026-03-10T12:00:00.000Z ${line}`).join('\n')],
    ['aws logs tail', lines.map((line) => `2026-03-10T12:00:00.000000+00:00 ${STREAM} ${line}`).join('\n')],
    [
      'aws logs tail --format json',
      values
        .map((value) => `2026-03-10T12:00:00.000000+00:00 ${STREAM} \n${JSON.stringify(value, null, 4)}`)
        .join('\n'),
    ],
    ["messages as JSON texts, a line each, as jq's .message writes them", lines.map(quote).join('\n')],
    ["messages in a list, as --query 'events[].message' writes them", JSON.stringify(lines, null, 4)],
    ["messages side by side, as --query 'events[].message' --output text writes them", lines.join('\t')],
    ['aws logs tail --format short', lines.map((line) => `2026-03-10T12:00:00 ${line}`).join('\n')],
    ['filter-log-events', JSON.stringify({ events: logEvents(ABC), searchedLogStreams: [] }, null, 4)],
    [
      'payloads, one a line',
      ABC.map((name) => JSON.stringify({ ...SUBSCRIPTION, logEvents: logEvents([name]) })).join('\n'),
    ],
    [
      'payloads as Firehose writes them',
      ABC.map((name) => JSON.stringify({ ...SUBSCRIPTION, logEvents: logEvents([name]) })).join(''),
    ],
    ['a pretty-printed payload', JSON.stringify({ ...SUBSCRIPTION, logEvents: logEvents(ABC) }, null, 2)],
    [
      'a Logs Insights CSV',
      `@timestamp,@message,@log\n${ABC.map((name) => `x,${quoted(good(name))},1:/aws/eks/prod/cluster`).join('\n')}\n`,
    ],
    [
      'a Logs Insights CSV of Windows',
      `"@timestamp","@message"\r\n${ABC.map((name) => `"x",${quoted(good(name))}`).join('\r\n')}`,
    ],
    [
      'a CSV with blanks behind its commas',
      `"@timestamp", "@message", "@log"\n${ABC.map((name) => `x, ${quoted(good(name))}, 1:/aws/eks/prod/cluster`).join('\n')}\n`,
    ],
    [
      'a CSV whose messages have several lines',
      `@message\n${values.map((value) => quoted(JSON.stringify(value, null, 1))).join('\n')}\n`,
    ],
    ['a Logs Insights JSON of the console', JSON.stringify(ABC.map(row), null, 2)],
  ])('%s', async (_, content) => {
    const result = await attributed(content);
    expect(ids(result)).toEqual(ABC);
    expect(result.rejects).toEqual([]);
    expect(result.errors).not.toContain('ignored');
  });
});

/** An empty list as Go writes it. */
const EMPTY_LIST = '{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":null}';

describe('a file', () => {
  it('that is empty, or blank, is ignored', async () => {
    for (const content of ['', '\n\n', ' \t\r\n', '\uFEFF', '[]', '{"Records":[]}', '{"events":[]}', EMPTY_LIST]) {
      const result = await attributed(content);
      expect([result.records, result.rejects]).toEqual([[], []]);
    }
  });

  it('with other log streams is ignored, and the summary says so', async () => {
    const lines = ['I0310 12:00:00.000000 1 scheduler.go:1] hello', 'time="2026-03-10T12:00:00Z" level=info msg=hello'];
    const result = await attributed([...lines, good('a')].join('\n'));
    expect(ids(result)).toEqual(['a']);
    expect(result.rejects).toEqual([]);
    expect(result.errors).toMatch(/ignored: 2 texts of other log streams/);
  });

  it('with CloudTrail records among the audit events is ignored, and the other way round', async () => {
    const result = await attributed(`${good('a')}\n${GRANT}\n`, `${GRANT}\n${good('b')}\n`);
    expect(ids(result)).toEqual(['a']);
    expect(result.errors).toMatch(/ignored: .*1 audit event/);
    expect(result.errors).toMatch(/ignored: .*1 CloudTrail record/);
    expect(result.records[0]?.attribution.actor?.name).toBe('alice');
  });

  it('with events after text of another stream on one line is not ignored', async () => {
    const result = await attributed(`time="2026-03-10T12:00:00Z" level=info msg=x\t${good('a')}\t${good('b')}\n`);
    expect(ids(result)).toEqual([]);
    expect(asides(result)).toEqual([['line 1', 'not-json']]);
  });

  it('with unknown text is set aside line by line', async () => {
    const result = await attributed(`hello\n${good('a')}\n[INFO] world\n[unclosed\n${good('b')}\n"text"\n7\n`);
    expect(ids(result)).toEqual(['a', 'b']);
    expect(asides(result)).toEqual([
      ['line 1', 'not-json'],
      ['line 3', 'invalid-json'],
      ['line 4', 'cut-file'],
      ['line 6', 'unrecognized'],
      ['line 7', 'not-json'],
    ]);
  });

  it('with a trail of 30 MiB on one line is read record by record', async () => {
    const records = Array.from({ length: 40_000 }, (_, at) =>
      grant({ id: `e${at}`, session: `s${at}`, key: `ASIA${String(at).padStart(16, '0')}` }),
    );
    const text = JSON.stringify({ Records: [...records, JSON.parse(GRANT)] });
    expect(text.length).toBeGreaterThan(30 * 1024 * 1024);
    const result = await attributed(good('a'), text);
    expect(result.records[0]?.attribution).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
    expect(result.rejects).toEqual([]);
  });

  it('with a broken record in a trail of 30 MiB on one line loses that record', async () => {
    const padding = `{"eventSource":"x","eventName":"y","pad":"${'x'.repeat(1024 * 1024)}"}`;
    const text = `{"Records":[${Array.from({ length: 30 }, () => padding).join(',')},{"broken":},${GRANT}]}`;
    const result = await attributed(good('a'), `${text}\n7`);
    expect(result.records[0]?.attribution.status).toBe('attributed');
    expect(asides(result)).toEqual([
      ['line 1, Records[30]', 'invalid-json'],
      ['line 2', 'not-json'],
    ]);
  });

  it('with a pretty-printed payload of 20 MiB keeps its cluster, and reports where it was wrong', async () => {
    const pad = { requestObject: { data: 'x'.repeat(100_000) } };
    const many = Array.from({ length: 200 }, (_, at) => ({ id: `${at}`, message: good(`a${at}`, pad) }));
    const payload = {
      ...SUBSCRIPTION,
      subscriptionFilters: ['f'],
      logEvents: [...many, { id: 'x', message: '{"cut' }],
    };
    const result = await attributed(`${JSON.stringify(payload, null, 2)}\n${good('last')}\n`);
    expect(result.records).toHaveLength(201);
    expect(result.records[0]?.cluster).toBe('prod');
    expect(result.records.at(-1)?.auditId).toBe('last');
    const place = `line 1, logEvents[200], stream ${SUBSCRIPTION.logStream}, event id x`;
    expect(asides(result)).toEqual([[place, 'invalid-json']]);
  });

  it('with pretty-printed events of 20 MiB loses none, whatever is between them', async () => {
    const pad = { requestObject: { data: 'x'.repeat(100_000) } };
    const many = Array.from({ length: 200 }, (_, at) => JSON.stringify(goodEvent(`a${at}`, pad), null, 2));
    const result = await attributed([...many.slice(0, 100), 'nothing', ...many.slice(100)].join('\n'));
    expect(result.records).toHaveLength(200);
    expect(asides(result)).toEqual([[expect.stringMatching(/^line \d{4}$/), 'not-json']]);
  });

  it('with a document that was cut is read as far as possible', async () => {
    for (const indent of [0, 2]) {
      const whole = JSON.stringify(
        { kind: 'EventList', items: ['a', 'b', 'c'].map((name) => goodEvent(name)) },
        null,
        indent,
      );
      const result = await attributed(whole.slice(0, whole.lastIndexOf('"verb"')));
      expect(ids(result)).toEqual(['a', 'b']);
      expect(asides(result)).toEqual([[expect.stringMatching(/^line 1/), 'cut-file']]);
    }
  });

  it('is read to its end if the reader of the records is slow', async () => {
    using folder = new Folder();
    const path = folder.file('audit.jsonl', Array.from({ length: 9_000 }, (_, at) => good(`a${at}`)).join('\n'));
    const found: unknown[] = [];
    const nothing = () => undefined;
    const sink = { audit: (event: object) => found.push(event), trail: nothing, ignored: nothing, reject: nothing };
    await fileSource([path]).read(sink, () => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(found).toHaveLength(9_000);
  });
});

describe('a CSV', () => {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rowOf = (name: string) => `x,${quoted(good(name))}`;
  it.each([
    ['a row that was cut within its quotes', `x,${quoted(good('cut')).split('uditID')[0]}`],
    ['a stray quote', 'x,a"b'],
    ['a quote that nothing closes', 'x,"'],
  ])('loses only %s', async (_, broken) => {
    const result = await attributed(['@timestamp,@message', rowOf('a'), broken, rowOf('b'), rowOf('c'), ''].join('\n'));
    expect(ids(result)).toEqual(ABC);
    expect(asides(result)).toEqual([['line 3', 'invalid-csv']]);
  });

  it('with a quote that is not closed within the limit of rows is read to its end', async () => {
    const rows = Array.from({ length: 1_500 }, (_, at) => `x,${quoted(good(`a${at}`))}`);
    const result = await attributed(['@timestamp,@message', 'x,"', ...rows].join('\n'));
    expect(result.records).toHaveLength(1_500);
  });

  it('has rows with too few or too many cells', async () => {
    const result = await attributed(
      ['@message,@log', quoted(good('a')), `${quoted(good('b'))},1:/aws/eks/prod/cluster,y,z`, '""'].join('\n'),
    );
    expect(ids(result)).toEqual(['a', 'b']);
  });
});

describe('a folder', () => {
  it('is read by name, depth first, whatever it contains', async () => {
    using folder = new Folder();
    folder.file('in/2.jsonl', good('b'));
    folder.file('in/1/x.jsonl', good('a'));
    folder.file('in/3.txt', 'just text\n');
    folder.file('in/4.bin', Buffer.from([0, 1, 2, 0xff, 0xfe]));
    folder.file('in/5.empty', '');
    folder.file('in/6.json', JSON.stringify({ kind: 'Pod' }));
    const result = await attributeFiles(folder, { audit: [folder.at('in')] });
    expectCalm(result);
    expect(ids(result)).toEqual(['a', 'b']);
    expect(result.rejects.map(({ file, reason }) => [file.slice(folder.at('in/').length), reason])).toEqual([
      ['3.txt', 'not-json'],
      ['4.bin', 'invalid-utf-8'],
      ['6.json', 'unrecognized'],
    ]);
  });

  it('without files gives no records', async () => {
    using folder = new Folder();
    folder.file('in/sub/x', '');
    const result = await attributeFiles(folder, { audit: [folder.at('in')] });
    expectCalm(result);
    expect(result.records).toEqual([]);
  });
});

describe('the same event', () => {
  const payload = JSON.stringify({ ...SUBSCRIPTION, logEvents: logEvents(['a']) });
  const lines = [good('a'), payload, good('a'), good('a', { verb: 'get' })].join('\n');

  it('is one record, however often and in whichever envelope it comes', async () => {
    const result = await attributed(lines, undefined, ['--cluster-name', 'prod']);
    expect(result.records.map(({ request }) => request?.verb)).toEqual(['delete', 'get']);
    expect(result.errors).toContain('2 duplicates left out');
  });

  it('may be of two clusters if one envelope names no cluster, so it is two records', async () => {
    const result = await attributed(lines);
    expect(result.records.map(({ cluster, request }) => [cluster, request?.verb])).toEqual([
      [undefined, 'delete'],
      ['prod', 'delete'],
      [undefined, 'get'],
    ]);
  });
});
