import { describe, expect, it } from 'vitest';
import { attributeFiles, Folder } from '../builders/command.ts';
import { expectCalm, good, goodEvent, ids } from './good.ts';

const SECRETS = {
  password: 'TOPSECRET',
  list: ['TOPSECRET', 'TOPSECRET', 7],
  inner: { key: 'TOPSECRET' },
  last: 'TOPSECRET',
};
const BODY = { requestObject: { data: SECRETS, more: [SECRETS, { a: 'TOPSECRET' }] } };

async function attributed(content: string) {
  using folder = new Folder();
  const result = await attributeFiles(folder, { audit: [folder.file('audit.json', content)] });
  expectCalm(result); // no sample holds TOPSECRET
  return result;
}

describe('pretty-printed JSON that lost its beginning shows nothing of bodies', () => {
  it.each([2, 4, '\t'])('whatever its first line is, indented by %j', async (indent) => {
    const lines = JSON.stringify([goodEvent('cut', BODY), goodEvent('a')], null, indent).split('\n');
    const files = lines.map((_, at) => `${lines.slice(at).join('\n')}\n${good('b')}\n`);
    using folder = new Folder();
    for (const [at, content] of files.entries()) folder.file(`in/${String(at).padStart(3, '0')}.json`, content);
    expectCalm(await attributeFiles(folder, { audit: [folder.at('in')] }));
  });

  it('and the events after it are read', async () => {
    const text = JSON.stringify([goodEvent('cut', BODY), goodEvent('a')], null, 2);
    expect(ids(await attributed(`${text.slice(text.indexOf('"password"'))}\n${good('b')}\n`))).toEqual(['a', 'b']);
  });

  it('but rejects after a whole line have samples again', async () => {
    const result = await attributed(`  "password": "TOPSECRET",\n${good('a')}\nsome text\n`);
    expect(result.rejects.map(({ sample }) => sample)).toEqual(['…', 'some text']);
  });
});
