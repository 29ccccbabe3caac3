import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { cases, SEED } from '../builders/chance.ts';
import { type AttributeRun, attributeFiles, Folder } from '../builders/command.ts';
import { lakeAudit, lakeFile, lakeTrail } from '../builders/security-lake.ts';
import { grant } from '../builders/trail-records.ts';
import { type Draw, drawFrom } from '../oracle/draw.ts';
import { s3Account } from '../s3/running.ts';
import type { Codec, Pages } from '../stand-ins/parquet/writer.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

/** Changed files of each kind; vitest fails for each promise of theirs that nobody waits for. */
const CHANGES = cases(60);

/** Up to four bytes changed anywhere, many set to their greatest value, or an end lost. */
function changed(bytes: Buffer, draw: Draw): Buffer {
  const copy = Buffer.from(bytes);
  const at = () => draw.below(copy.length);
  const kind = draw.below(10);
  if (kind === 0) return copy.subarray(0, at());
  if (kind === 1) return copy.fill(0xff, at(), at());
  for (let left = 1 + draw.below(4); left > 0; left -= 1) copy[at()] = draw.pick([0xff, 0x7f, draw.below(256)]);
  return copy;
}

const EVENTS = ['1', '2', '3'].map((auditID) =>
  auditEvent({ auditID: `of-the-changed-${auditID}`, user: roleUser({ session: 'alice' }) }),
);
const lines = (values: readonly JsonObject[]) => values.map((value) => JSON.stringify(value)).join('\n');

interface Valid {
  readonly audit: Buffer;
  readonly trail: Buffer;
}

function asParquet(codec: Codec, pages: Pages): Valid {
  const groups = [EVENTS.slice(0, 2), EVENTS.slice(2)].map((events) => events.map(lakeAudit));
  return { audit: lakeFile(groups, codec, pages), trail: lakeFile([[lakeTrail(grant())]], codec, pages) };
}

const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD'] as const;
const KINDS: readonly (readonly [string, Valid])[] = [
  ...CODECS.map((codec) => [`Parquet in ${codec}`, asParquet(codec, 'first')] as const),
  ...CODECS.map((codec) => [`Parquet in ${codec}, pages of version 2`, asParquet(codec, 'second')] as const),
  ['gzip', { audit: gzipSync(lines(EVENTS)), trail: gzipSync(lines([grant()])) }],
];
const GOOD = { audit: lines([auditEvent({ auditID: 'good' })]), trail: lines([grant()]) };

/** Expects the content of the good files, each bad file with its reason, and a message that counts what was set aside. */
function expectOthers({ status, records, rejects, errors }: AttributeRun, bad: readonly string[]): void {
  expect(status).toBe(0);
  expect(records.find(({ auditId }) => auditId === 'good')?.attribution).toMatchObject({
    status: 'attributed',
    method: 'access-key',
  });
  expect(errors).not.toMatch(/^\s+at |Error:/m);
  expect(rejects.length).toBeGreaterThan(bad.length / 5);
  for (const { file, place, reason, sample } of rejects) {
    expect(bad).toContain(file);
    expect([place, reason, sample]).toEqual(Array(3).fill(expect.stringMatching(/./)));
  }
  const [, all = '', reasons = ''] =
    /^eks-whois: ([\d,]+) parts? of the files could not be read.*: (.*)\. /m.exec(errors) ?? [];
  const counts = reasons.split('), ').map((part) => Number(part.split(' ')[0]?.replaceAll(',', '')));
  expect([Number(all), counts.reduce((sum, count) => sum + count, 0)]).toEqual([rejects.length, rejects.length]);
}

describe.each(KINDS)('changed bytes of %s', (_, valid) => {
  it.each(['audit', 'trail'] as const)('affect the %s files that have them, and no other', async (kind) => {
    const draw = drawFrom(SEED + 24);
    const bad = Array.from({ length: CHANGES }, (__, at) =>
      folder.file(`in/${String(at).padStart(3, '0')}`, changed(valid[kind], draw)),
    );
    const [audit, trail] = [folder.file('in-good', GOOD.audit), folder.file('trail-good', GOOD.trail)];
    const ran = await attributeFiles(folder, {
      audit: kind === 'audit' ? [folder.at('in'), audit] : [audit],
      cloudtrail: kind === 'audit' ? [trail] : [folder.at('in'), trail],
    });
    expectOthers(ran, bad);
  });
});

it('changed bytes of objects in S3 affect the objects that have them, and no other', async () => {
  const draw = drawFrom(SEED + 25);
  const { s3, attribute } = await s3Account();
  const [audit, trail] = [s3.bucket('audit').put('zzz', GOOD.audit), s3.bucket('trail').put('zzz', GOOD.trail)];
  const bad = Array.from({ length: CHANGES }, (_, at) => {
    const [, valid] = draw.pick(KINDS);
    audit.put(`in/${at}`, changed(valid.audit, draw));
    trail.put(`in/${at}`, changed(valid.trail, draw));
    return [`s3://audit/in/${at}`, `s3://trail/in/${at}`];
  });
  expectOthers(await attribute('s3://audit/', 's3://trail/'), bad.flat());
});
