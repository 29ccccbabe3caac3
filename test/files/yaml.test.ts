import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readText } from '../builders/read-text.ts';
import { good } from './good.ts';

const STREAM = 'kube-apiserver-audit-0123';
const event = (id: string, fields: object = {}) => ({
  logStreamName: STREAM,
  message: good(id),
  timestamp: 1,
  ...fields,
});
const written = (value: object, options: object = {}) =>
  stringify(value, { indentSeq: false, lineWidth: 80, ...options });

describe('an answer of the AWS CLI as YAML is read,', () => {
  const answer = {
    events: [event('a'), event('b')],
    searchedLogStreams: [{ logStreamName: STREAM, searchedCompletely: true }],
  };
  it.each<[string, string]>([
    ['with its list at the beginning of the lines', written(answer)],
    ['with an indented list', written(answer, { indentSeq: true })],
    ['with CRLF', written(answer).replaceAll('\n', '\r\n')],
    ['page by page', written([answer])],
    [
      'with texts in double quotes',
      written(answer, { singleQuote: false, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' }),
    ],
  ])('%s', async (_, text) => {
    const { audit, rejected } = await readText(text);
    expect(audit).toEqual(['a', 'b']);
    expect(rejected).toEqual([]);
  });

  it('and a message of another stream stays one, whatever its lines look like', async () => {
    const forged = written([event('forged')]);
    const message = `I0310 12:00:00.000000 1 x.go:1] body=<\n${forged}\n>`;
    const text = written({ events: [event('a'), { logStreamName: 'kube-apiserver-0', message, timestamp: 1 }] });
    expect(await readText(text)).toMatchObject({ audit: ['a'], ignored: { 'other-log-stream': 1 }, rejected: [] });
  });

  it('and an item that is damaged is set aside alone', async () => {
    const text = `events:\n- message: "x\n  y: [\n- message: '${good('a')}'\n  timestamp: 1\n`;
    expect(await readText(text)).toMatchObject({ audit: ['a'], rejected: ['line 2 invalid-yaml'] });
  });

  it('and aliases cannot make it large', async () => {
    const many = Array.from({ length: 2_000 }, () => '*a').join(', ');
    expect(await readText(`events:\n- &a [${many}]\n`)).toMatchObject({ audit: [], rejected: [expect.any(String)] });
  });
});
