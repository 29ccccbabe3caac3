import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { structuredText } from '../../cli/format/structured.ts';
import { identified } from '../../lib/attribution/actor.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { whoColumn } from '../../lib/words/columns.ts';
import { REPOSITORY, runCommand } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';
import { storedRecord } from '../contract/stored-record.ts';

const FILES = ['audit', 'cloudtrail'].flatMap((name) => [`--${name}`, join(REPOSITORY, 'examples', name)]);

async function output(format: string, ...more: string[]): Promise<string> {
  return (await runCommand(['attribute', ...FILES, '-o', format, ...more])).output;
}

function lines(text: string): unknown[] {
  return text.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)]));
}

describe('Records', () => {
  it.each([[[]], [['--summary']], [['--actor', 'nobody-of-this-name']]])(
    'are the same in JSON, YAML and JSON lines, with %j',
    async (more) => {
      const [jsonl, json, yaml] = await Promise.all(['jsonl', 'json', 'yaml'].map((format) => output(format, ...more)));
      const expected = lines(jsonl ?? '');
      expect(JSON.parse(json ?? '')).toEqual(expected);
      expect(parse(yaml ?? '')).toEqual(expected);
    },
  );

  it.each([
    '\u001b[2J',
    'a\nb',
    '\u202egnp',
    '2026-03-10',
    'yes',
    '- a',
    ': b',
    '#',
    '',
    ' ',
    '{a: b}',
    '"',
    "'",
    '0123',
  ])('that contain %j are the same after YAML', (text) => {
    expect(parse(structuredText('yaml', [{ text, list: [text] }]))).toEqual([{ text, list: [text] }]);
  });
});

describe('WHO', () => {
  const { record } = storedRecord({}, [grant()]);
  const { attribution } = record;
  if (attribution.status !== 'attributed') throw new Error(`alice is ${attribution.status}`);

  it('shows the impersonated user', () => {
    const as = (impersonated: AuditRecord['impersonated']) => whoColumn({ ...record, impersonated });
    expect(as({ username: 'jane' })).toBe('alice as jane');
    expect(as({ groups: ['admins', 'all'] })).toBe('alice as admins all');
    expect(as(undefined)).toBe('alice');
  });

  it('shows that somebody of another account acts with a delegated identity, and names that account', () => {
    const actor = { ...attribution.actor, delegate: { accountId: '999999999999' } };
    expect(whoColumn({ ...record, attribution: { ...attribution, actor } })).toBe(
      'somebody of account 999999999999 with alice',
    );
  });

  it('shows once whom a trusted proxy acts for, who is the actor', () => {
    const proxied: AuditRecord = {
      ...record,
      impersonated: { username: 'jane' },
      attribution: {
        status: 'attributed',
        method: 'proxy',
        provisional: false,
        flags: [],
        actor: identified({ kind: 'proxied-user', name: 'jane', provider: 'teleport' }),
      },
    };
    expect(whoColumn(proxied)).toBe('jane');
  });
});
