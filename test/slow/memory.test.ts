import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cases } from '../builders/chance.ts';
import { Folder, runAsProcess } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';
import { good } from '../files/good.ts';

const MEBIBYTE = 1024 * 1024;
const MOST_MEMORY = 512 * MEBIBYTE;
const KEYS = 20_000;
/** Of audit events: held as a whole, they would take more than the memory that is allowed. */
const SIZE = cases(256, 1_024) * MEBIBYTE;

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

const keyOf = (number: number) => `ASIA${String(number % KEYS).padStart(16, '0')}`;

/** Yields at least this many bytes of audit events, each of another request, 500 events in each piece. */
function* events(bytes: number, separator: string): Generator<string> {
  const [before = '', between = '', after = ''] = good('AUDIT-ID')
    .replace('ASIAALICESESSION0001', 'AUDIT-ID')
    .split('AUDIT-ID');
  let written = 0;
  for (let number = 0; written < bytes; ) {
    const piece: string[] = [];
    for (let count = 0; count < 500; count += 1, number += 1)
      piece.push(`${before}${number}${between}${keyOf(number)}${after}`);
    const text = (written === 0 ? '' : separator) + piece.join(separator);
    written += text.length;
    yield text;
  }
}

async function writeAudit(pieces: Iterable<string>): Promise<string> {
  await pipeline(Readable.from(pieces), createWriteStream(folder.at('audit')));
  return folder.at('audit');
}

async function attributedWithin(audit: string): Promise<string> {
  const grants = Array.from({ length: KEYS }, (_, at) => JSON.stringify(grant({ id: `e${at}`, key: keyOf(at) })));
  const cloudtrail = folder.file('cloudtrail', grants.join('\n'));
  process.env.PEAK_MEMORY_FILE = folder.at('peak');
  process.env.NODE_OPTIONS = `--import=${join(import.meta.dirname, 'report-memory.ts')}`;
  try {
    const args = ['--audit', audit, '--cloudtrail', cloudtrail, '--output-file', folder.at('records')];
    const { status, errors } = await runAsProcess(['attribute', '-v', ...args]);
    expect(status).toBe(0);
    const peak = Number(folder.read('peak')) * 1_024;
    console.log(`at most ${Math.round(peak / MEBIBYTE)} MiB; ${errors.split('\n')[0]}`);
    expect(peak).toBeLessThan(MOST_MEMORY);
    return errors;
  } finally {
    delete process.env.PEAK_MEMORY_FILE;
    delete process.env.NODE_OPTIONS;
  }
}

describe('at most 512 MiB of memory are used', () => {
  it('by audit events as lines, however many', async () => {
    const errors = await attributedWithin(await writeAudit(events(SIZE, '\n')));
    expect(errors).not.toContain('unreadable');
    expect(errors).toMatch(/^[\d,]{6,} attributed/m);
  });

  it('by audit events in one document on one line, however large', async () => {
    function* list(): Generator<string> {
      yield '{"kind":"EventList","items":[';
      yield* events(SIZE, ',');
      yield ']}';
    }
    const errors = await attributedWithin(await writeAudit(list()));
    expect(errors).not.toContain('unreadable');
    expect(errors).toMatch(/^[\d,]{6,} attributed/m);
  });
});
