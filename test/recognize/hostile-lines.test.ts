import { expect, it } from 'vitest';
import { isDryRun } from '../../lib/audit/created-object.ts';
import { fieldsOf } from '../../lib/recognize/fields.ts';
import { recognize } from '../../lib/recognize/recognize.ts';

const VICTIM = 'uid=aws-iam-authenticator:111122223333:AROAVICTIMEXAMPLE,username=alice,accessKeyId=ASIAVICTIMEXAMPLE1';
const TRUE_ID = 'b7140a45-50bf-4dc3-ad64-e64d211e4e6e';

it.each([
  ['a short URI', `"HTTP" verb="GET" URI="/api/v1/pods?${VICTIM}" audit-ID="${TRUE_ID}"`],
  ['a URI longer than is read', `"HTTP" verb="GET" URI="/api?x=${'A'.repeat(3_000)},${VICTIM}," audit-ID="${TRUE_ID}"`],
  ['a user agent', `"HTTP" userAgent="${'A'.repeat(3_000)} audit-ID=\\"forged\\" ${VICTIM}" audit-ID="${TRUE_ID}"`],
])('no text within quotes is a field: %s', (_, line) => {
  const fields = fieldsOf(line);
  expect(fields.get('auditId')).toBe(TRUE_ID);
  for (const name of ['uid', 'username', 'accessKeyId'] as const) expect(fields.has(name)).toBe(false);
});

it('no text within a path is a field, if the path is not quoted, nor after a quote that does not end', () => {
  expect([...fieldsOf(`httplog.go:90] GET /api/v1/pods?${VICTIM}, (2ms) 200`).keys()]).not.toContain('username');
  expect([...fieldsOf(`"HTTP" verb="GET" URI="/api?${VICTIM}`).keys()]).toEqual(['verb']);
});

it('a dry run is recognized like by the API server', () => {
  for (const uri of ['/pods?dryRun=All', '/pods?a=b&dryRun=All', '/pods?dryRun=%41ll'])
    expect(isDryRun(uri), uri).toBe(true);
  for (const uri of [undefined, '/pods', '/pods?dryRun=%zz', '/pods?dryRun=All;', '/pods?a=?&dry=All', '/pods?dryRun='])
    expect(isDryRun(uri), uri).toBe(false);
});

// At these lengths, steps that grow with the square or the cube would not end within the test's time.
it.each([
  ['blanks', ' '],
  ['tabs', '\t'],
  ['hard blanks', '\u00a0'],
  ['line ends', '\n'],
  ['empty lines', ' \n'],
])('any number of %s is read in linear time', (_, blank) => {
  const blanks = blank.repeat(450_000 / blank.length);
  for (const text of [
    `a${blanks}b`,
    `who deleted${blanks}pod web-0?`,
    `pod/web-0${blanks}`,
    `- user:${blanks}ana${blanks}\n- verb: get`,
  ])
    recognize(text);
  // Some patterns are only tried on lines up to a length.
  for (const length of [4_000, 8_000]) recognize(`a${blanks.slice(0, length)}b`);
});
