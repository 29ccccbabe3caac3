import { availableParallelism } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attributeFiles, Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT, ROLE_ID } from '../builders/company.ts';
import { GRANT, good, ids } from './good.ts';

/** Files of audit events are read by a thread of their own, standard input by the main thread. */
describe.skipIf(availableParallelism() === 1)('the reading thread', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = new Folder();
  });
  afterEach(() => folder[Symbol.dispose]());

  const UID = `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`;
  const ODD = [
    good('a'),
    good('a'),
    '{"kind":"Event","apiVersion":"audit.k8s.io/v1","user":{}}',
    'I1126 10:00:00.000000       1 klog.go:1] of another stream',
    GRANT,
    '{"half":',
    good('named by its username', { user: { username: 'person:alice-session', uid: UID } }),
    good('ünïcödé – 日本'),
    good('late', { requestReceivedTimestamp: 'no time' }),
    good('for another', { impersonatedUser: { username: 'bob', groups: ['admins'] } }),
  ].join('\n');

  it.each(['jsonl', 'table', 'csv', 'ocsf'])(
    'makes of a file what the main thread makes of standard input, as %s',
    async (format) => {
      const cloudtrail = [folder.file('c', GRANT)];
      const more = ['--format', format, '--cluster', 'prod', '--username-template', 'person:{{SessionName}}'];
      const outcome = async (audit: string, input?: string) => {
        const args = [
          'attribute',
          '--audit',
          audit,
          '--cloudtrail',
          ...cloudtrail,
          ...more,
          '--rejects',
          folder.at('r'),
        ];
        const { status, output, errors } = await runCommand(args, input);
        const rejects = folder.read('r').replaceAll(`"file":"${audit}"`, '"file":"FILE"');
        return { status, output, rejects, summary: errors.replace(/in [\d.]+ s/, '') };
      };
      const byThread = await outcome(folder.file('a', ODD));
      expect(byThread.summary).toContain('5 records');
      expect(byThread.rejects.split('\n')).toHaveLength(3);
      expect(byThread).toEqual(await outcome('-', ODD));
    },
  );

  it('keeps the order of the input over files, and far more events than may wait', async () => {
    const names = Array.from({ length: 12_000 }, (_, at) => `event-${at}`);
    const half = names.length / 2;
    folder.file(
      'in/1',
      names
        .slice(0, half)
        .map((name) => good(name))
        .join('\n'),
    );
    folder.file('in/2.gz', gzipSync([names[0] ?? '', ...names.slice(half)].map((name) => good(name)).join('\n')));
    const result = await attributeFiles(folder, { audit: [folder.at('in')] });
    expect(ids(result)).toEqual(names);
    expect(result.errors).toContain('1 duplicate');
  });
});
