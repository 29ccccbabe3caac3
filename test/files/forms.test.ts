import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FORM_SAMPLES, type FormSample, PACKED_SAMPLES } from '../../examples/forms.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { attributeFiles, Folder, REPOSITORY } from '../builders/command.ts';
import { readText } from '../builders/read-text.ts';
import { expectCalm } from './good.ts';

const FORMS = join(REPOSITORY, 'examples/forms');
const EVENTS = join(FORMS, 'audit/events.jsonl');
const LOG_FILE = join(FORMS, 'cloudtrail/log-file.json');

/** Leaves out what a form need not state: the origin of the event. */
function withoutOrigin({ origin: _, clusterArn: __, accountId: ___, region: ____, ...record }: AuditRecord) {
  return record;
}

async function recordsOf(sample: Pick<FormSample, 'file' | 'of' | 'vouch'>, isVouched = true) {
  using folder = new Folder();
  const path = join(FORMS, sample.file);
  const result = await attributeFiles(folder, {
    audit: [sample.of === 'audit' ? path : EVENTS],
    cloudtrail: [sample.of === 'audit' ? LOG_FILE : path],
    more: ['--cluster-name', 'prod', ...(sample.vouch !== undefined && isVouched ? ['--log-group', sample.vouch] : [])],
  });
  return { result, records: result.records.map(withoutOrigin) };
}

describe('every form gives the same records:', () => {
  let expected: readonly object[];
  beforeAll(async () => {
    const { records } = await recordsOf({ file: 'audit/events.jsonl', of: 'audit' });
    expected = records;
    expect(records.map(({ attribution }) => attribution.actor?.name)).toEqual([
      'ana.silva',
      'ben.okafor',
      undefined,
      'emma.fischer@example.com',
    ]);
  });

  it.each(FORM_SAMPLES.map((sample) => [sample.file, sample] as const))('%s', async (_, sample) => {
    const { result, records } = await recordsOf(sample);
    expectCalm(result);
    expect(result.rejects).toEqual([]);
    expect(records).toEqual(expected);
  });
});

it('records of CloudTrail in every form at once contradict nothing', async () => {
  using folder = new Folder();
  const forms = FORM_SAMPLES.filter(({ of, vouch }) => of !== 'audit' && vouch === undefined);
  const { records } = await attributeFiles(folder, {
    audit: [EVENTS],
    cloudtrail: forms.map(({ file }) => join(FORMS, file)),
    more: ['--cluster-name', 'prod'],
  });
  const { records: expected } = await recordsOf({ file: 'audit/events.jsonl', of: 'audit' });
  const answers = (each: readonly Pick<AuditRecord, 'attribution'>[]) =>
    each.map(({ attribution: { status, flags, actor } }) => ({ status, flags, actor }));
  expect(answers(records)).toEqual(answers(expected));
});

it.each(PACKED_SAMPLES.map(({ file }) => file))('%s gives the events that are packed in it', async (file) => {
  const { audit, rejected } = await readText(readFileSync(join(FORMS, 'packed', file)));
  const lines = readFileSync(EVENTS, 'utf8').trimEnd().split('\n');
  expect(audit).toEqual(lines.map((line) => (JSON.parse(line) as { auditID: string }).auditID));
  expect(rejected).toEqual([]);
});

describe('what must be vouched for gives nothing without that:', () => {
  const samples = FORM_SAMPLES.filter(({ vouch }) => vouch !== undefined);
  it.each(samples.map((sample) => [sample.file, sample] as const))('%s', async (_, sample) => {
    const { result, records } = await recordsOf(sample, false);
    expect(records.filter(({ attribution }) => attribution.status === 'attributed')).toEqual([]);
    expect(result.errors).toContain('from log groups that are not trusted');
  });
});
