import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { runCommand } from '../builders/command.ts';

const EVENT = ['records', '--namespace', 'orders', '--api', 'http://127.0.0.1:9'];

describe('wrong usage', () => {
  it('is not a filter with several values: any of them can match', async () => {
    const files = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
    const verbs = ['--verb', 'delete', '--verb', 'patch', '--not-status', 'system', '--not-status', 'ambiguous'];
    const { status, output } = await runCommand(['attribute', ...files, ...verbs]);
    const records = output.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AuditRecord]));
    expect(status).toBe(0);
    expect(new Set(records.map(({ request }) => request?.verb))).toEqual(new Set(['delete', 'patch']));
    expect(records.map(({ attribution }) => attribution.status)).not.toContain('ambiguous');
  });

  it.each([
    [
      [...EVENT, '--limit', '1', '--limit', '2'],
      '--limit is given twice, 1 and 2, but takes one value: leave one out.',
    ],
    [['kubeconfig', 'list', '--format', 'names', '--format', 'names'], '--format is given twice'],
    [['doctor', '--days', '1', '--days', '2'], '--days is given twice, 1 and 2'],
  ])('%j: an option that takes one value is not given twice', async (args, sentence) => {
    const { status, output, errors } = await runCommand(args);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(errors).toContain(sentence);
  });

  it('is reported with a similar word, and nothing else', async () => {
    expect((await runCommand(['records', '--clutser', 'a'])).errors).toContain('Did you mean --cluster?');
    expect((await runCommand(['recrods'])).errors).toContain('Did you mean records?');
    expect((await runCommand(['kubeconfig', 'lsit'])).errors).toContain('Did you mean list?');
    for (const far of ['--foo', '--color', '--xyz', '--to-do'])
      expect((await runCommand(['records', far])).errors, far).not.toContain('Did you mean');
  });

  it('is not an option with several values if it accepts several', async () => {
    const { errors } = await runCommand(['doctor', '--offline', '--cluster', 'a', '--cluster', 'b']);
    expect(errors).not.toContain('given twice');
  });
});
