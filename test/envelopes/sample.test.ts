import { describe, expect, it } from 'vitest';
import { SAMPLE_LIMIT, sampleOfText, sampleOfValue } from '../../lib/envelopes/reject.ts';

const SECRET = 'c2VjcmV0';

describe('the sample of a reject', () => {
  it('is the beginning of a text', () => {
    expect(sampleOfText('hello')).toBe('hello');
  });

  it.each([
    ['ASCII', 'x'.repeat(5_000)],
    ['Chinese', '集'.repeat(5_000)],
    ['emoji', '😀'.repeat(5_000)],
    ['emoji, one byte shifted', `x${'😀'.repeat(5_000)}`],
  ])('is at most 1 KB of %s, and cuts no character in two', (_, text) => {
    for (const sample of [sampleOfText(text), sampleOfValue(text), sampleOfValue({ text, more: text })]) {
      expect(Buffer.byteLength(sample)).toBeLessThanOrEqual(SAMPLE_LIMIT);
      expect(sample.isWellFormed()).toBe(true);
    }
    expect(Buffer.byteLength(sampleOfText(text))).toBeGreaterThan(SAMPLE_LIMIT - 4);
  });

  it.each(['requestObject', 'responseObject', 'sessionToken', 'secretAccessKey'])('ends before %s', (key) => {
    const body = JSON.stringify({ a: 1, [key]: { data: SECRET } });
    const once = JSON.stringify({ message: body });
    const twice = JSON.stringify({ message: once });
    const csv = `x,"${body.replaceAll('"', '""')}"`;
    for (const text of [body, body.slice(0, -3), once, twice, csv, body.replace('":', '"  :')]) {
      expect(sampleOfText(text)).not.toContain(SECRET);
      expect(sampleOfText(text).length).toBeGreaterThan(1);
      expect(sampleOfValue(text)).not.toContain(SECRET);
    }
  });

  it.each([
    ['a body whose beginning is lost', `${SECRET}","kind":"x"},"verb":"get"}`],
    ['a body whose name lost its quote', `{"a":1,requestObject":{"data":"${SECRET}"}}`],
    ['a body whose name lost its end', `{"a":1,"requestObjec:{"data":"${SECRET}"}}`],
    ['a long body whose beginning is lost', `${SECRET.repeat(1_000)}","kind":"x"}`],
  ])('shows nothing of %s', (_, text) => {
    expect(sampleOfText(text)).not.toContain(SECRET);
  });

  it('of an object shows its own texts and numbers, and nothing within them', () => {
    expect(sampleOfValue({ kind: 'Pod', count: 7, spec: { data: SECRET }, list: [SECRET], none: null })).toBe(
      '{"kind":"Pod","count":7,"spec":"…","list":"…","none":null}',
    );
  });

  it('of an object never shows a body, whatever its type', () => {
    expect(sampleOfValue({ a: 1, requestObject: SECRET })).not.toContain(SECRET);
    expect(sampleOfValue({ a: 1, message: JSON.stringify({ responseObject: SECRET }) })).not.toContain(SECRET);
    expect(
      sampleOfValue({ a: 1, message: JSON.stringify({ m: JSON.stringify({ sessionToken: SECRET }) }) }),
    ).not.toContain(SECRET);
  });

  it.each<[unknown, string]>([
    [[1, 2], '[… 2 entries]'],
    [null, 'null'],
    [7, '7'],
    [undefined, 'undefined'],
  ])('of %j is %s', (value, sample) => {
    expect(sampleOfValue(value)).toBe(sample);
  });

  it('of an object with a __proto__ key is like any other', () => {
    expect(sampleOfValue(JSON.parse('{"__proto__":{"a":1},"kind":"x"}'))).toContain('"kind":"x"');
  });
});

describe('a sample of text that lost its beginning', () => {
  it('shows nothing that may be within a body', () => {
    expect(sampleOfText('kind":"Secret","data":{"password":"aHVudGVyMg=="}}')).toBe('…');
    expect(sampleOfText('level=info msg="started"')).toBe('level=info msg="started"');
  });
});
