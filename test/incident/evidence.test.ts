import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EXEC, exampleLine, exampleLines, FILES } from '../anything/examples.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder, REPOSITORY, runCommand } from '../builders/command.ts';
import { KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { roleSession } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import { reportIn } from './report.ts';

const LINE = exampleLine(EXEC);

interface Manifest {
  readonly command: string;
  readonly inputs: readonly { readonly file: string; readonly sha256: string }[];
  readonly files: readonly {
    readonly path: string;
    readonly kind: string;
    readonly id: string;
    readonly source: string;
    readonly place: string;
    readonly text: string;
  }[];
}

/** The files of the folder, by their paths, as `SHA256SUMS` has them. */
function evidenceIn(folder: string) {
  const read = (path: string) => readFileSync(join(folder, path));
  const sums = read('SHA256SUMS').toString('utf8').trimEnd().split('\n');
  const files = sums.map((line) => {
    const [, hash = '', path = ''] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    return { path, isRight: createHash('sha256').update(read(path)).digest('hex') === hash };
  });
  const manifest = JSON.parse(read('manifest.json').toString('utf8')) as Manifest;
  return { files, manifest, text: (path: string) => read(path).toString('utf8') };
}

describe('--evidence', () => {
  it('writes each record as it is in the log, and SHA256SUMS is right for every file', async () => {
    using folder = new Folder();
    const { status, errors } = await runCommand(['incident', LINE, ...FILES, '--evidence', folder.at('evidence')]);
    expect(status, errors).toBe(0);
    const { files, manifest, text } = evidenceIn(folder.at('evidence'));
    expect(files.filter(({ isRight }) => !isRight)).toEqual([]);
    const written = readdirSync(folder.at('evidence'), { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    expect(files.length).toBe(written.length - 1);
    const events = manifest.files.filter(({ kind, source }) => kind === 'audit-event' && source.includes('/prod/'));
    const lines = new Set(exampleLines());
    expect(events.length).toBeGreaterThan(3);
    for (const { path, text: exactness } of events) {
      expect(exactness).toBe('as it stood there');
      expect(lines).toContain(text(path));
    }
    expect(events.filter(({ id }) => EXEC.includes(id)).length).toBe(2);
    for (const { file, sha256 } of manifest.inputs)
      expect(
        createHash('sha256')
          .update(readFileSync(join(REPOSITORY, file)))
          .digest('hex'),
      ).toBe(sha256);
    for (const { path, source, kind } of manifest.files)
      if (kind === 'cloudtrail-record') expect(readFileSync(join(REPOSITORY, source), 'utf8')).toContain(text(path));
    expect(manifest.command).toMatch(/--evidence/);
  });

  it('includes the use of the key that names the actor: in the report, and as the record itself', async () => {
    using folder = new Folder();
    const session = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 'alice-session', key: KEY });
    const by = { ...session, inScopeOf: { credentialsIssuedTo: 'arn:aws:lambda:eu-west-1:111122223333:function:f' } };
    const uses = ['12:04:00', '12:02:00'].map((time) =>
      callBy(by, { eventID: `use-${time.slice(3, 5)}`, eventName: 'DescribeCluster', eventTime: utc(time) }),
    );
    const audit = folder.file('audit.jsonl', `${JSON.stringify(eventBy(roleUser()))}\n`);
    const trail = folder.file('trail.jsonl', uses.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const words = ['incident', KEY, '--at', utc('12:05:00'), '--audit', audit, '--cloudtrail', trail];
    const { status, errors } = await runCommand([...words, '--evidence', folder.at('evidence')]);
    expect(status, errors).toBe(0);
    const { manifest, text } = evidenceIn(folder.at('evidence'));
    const records = manifest.files.filter(({ kind }) => kind === 'cloudtrail-record');
    expect(records.map(({ id }) => id)).toEqual(['use-02']);
    expect(JSON.parse(text(records[0]?.path ?? ''))).toEqual(uses[1]);
    const [section] = reportIn(text('report.json')).sections;
    expect(section?.use?.eventIds).toEqual(['use-02']);
    expect(section?.sessions.map(({ eventIds }) => eventIds)).toEqual([['use-02']]);
    expect(text('report.md')).toContain('The use of the access key that shows whose session it is');
    const { output } = await runCommand([KEY, ...words.slice(2)]);
    expect(output).toContain(
      `shown by a use of the access key\n  DescribeCluster  ${utc('12:02:00')} in eu-west-1, event use-02\n`,
    );
  });

  it('includes the use that shows when the session began, if it found the grant', async () => {
    using folder = new Folder();
    const session = { roleId: ROLE_ID, roleName: ROLE_NAME, session: 'alice-session' };
    const signed = callBy(roleSession({ ...session, key: KEY, began: utc('12:00:00') }), {
      eventID: 'began',
      eventName: 'GetCallerIdentity',
      eventTime: utc('12:04:00'),
    });
    const listed = grant({ id: 'grant', session: 'alice-session', key: keyId('ASIALISTEDKEY0000001') });
    const audit = folder.file('audit.jsonl', `${JSON.stringify(eventBy(roleUser()))}\n`);
    const trail = folder.file('trail.jsonl', [listed, signed].map((each) => `${JSON.stringify(each)}\n`).join(''));
    const words = ['incident', KEY, '--at', utc('12:05:00'), '--audit', audit, '--cloudtrail', trail];
    const { status, errors } = await runCommand([...words, '--evidence', folder.at('evidence')]);
    expect(status, errors).toBe(0);
    const { manifest, text } = evidenceIn(folder.at('evidence'));
    const records = manifest.files.filter(({ kind }) => kind === 'cloudtrail-record');
    expect(records.map(({ id }) => id).toSorted()).toEqual(['began', 'grant']);
    expect(text('report.md')).toMatch(/What uses of the access key show beside the grants[^#]*session-start[^#]*began/);
    const { output } = await runCommand([KEY, ...words.slice(2)]);
    expect(output).toContain(
      `session-start, shown by\n  GetCallerIdentity  ${utc('12:04:00')} in eu-west-1, event began\n`,
    );
  });

  it('keeps the exact text of pretty-printed and zipped files', async () => {
    using folder = new Folder();
    const pretty = JSON.stringify(JSON.parse(LINE), undefined, 4);
    const audit = folder.file('audit.json.gz', gzipSync(pretty));
    const words = ['incident', LINE, '--audit', audit, ...FILES.slice(0, 2), '--evidence', folder.at('evidence')];
    expect((await runCommand(words)).status).toBe(0);
    const { manifest, text } = evidenceIn(folder.at('evidence'));
    const [event] = manifest.files.filter(({ kind }) => kind === 'audit-event');
    expect(text(event?.path ?? '')).toBe(pretty);
  });

  it('writes a whole event in which a client nested its audit ID thousands of times', async () => {
    using folder = new Folder();
    const event = JSON.parse(LINE) as { readonly auditID: string };
    const nested = `${`{"auditID":${JSON.stringify(event.auditID)},"o":`.repeat(4_000)}1${'}'.repeat(4_000)}`;
    const hostile = `${JSON.stringify(event).slice(0, -1)},"requestObject":${nested}}`;
    const audit = folder.file('audit.jsonl', `${hostile}\n`);
    const words = ['incident', LINE, '--audit', audit, ...FILES.slice(0, 2), '--evidence', folder.at('evidence')];
    expect((await runCommand(words)).status).toBe(0);
    const { manifest, text } = evidenceIn(folder.at('evidence'));
    const events = manifest.files.filter(({ kind }) => kind === 'audit-event');
    expect(events.map(({ path, text: exactness }) => [text(path), exactness])).toEqual([
      [hostile, 'as it stood there'],
    ]);
  });

  it('never uses an ID as a path', async () => {
    using folder = new Folder();
    const hostile = JSON.stringify({ ...JSON.parse(LINE), auditID: '../../../escaped' });
    const audit = folder.file('in/audit.jsonl', `${hostile}\n`);
    const words = ['incident', hostile, '--audit', audit, ...FILES.slice(0, 2), '--evidence', folder.at('a/evidence')];
    folder.file('a/other', '');
    expect((await runCommand(words)).status).toBe(0);
    expect(readdirSync(folder.at('a')).sort()).toEqual(['evidence', 'other']);
    expect(readdirSync(folder.at('a/evidence/audit'))).toEqual(['0001-_________escaped.json']);
  });

  it('refuses a folder with content, and leaves it as it is', async () => {
    using folder = new Folder();
    folder.file('evidence/mine', 'mine');
    const { status, errors } = await runCommand(['incident', LINE, ...FILES, '--evidence', folder.at('evidence')]);
    expect([status, errors]).toEqual([2, expect.stringContaining('is not empty')]);
    expect(readdirSync(folder.at('evidence'))).toEqual(['mine']);
  });

  it('accepts an empty folder, and refuses one within the input', async () => {
    using folder = new Folder();
    folder.file('log/audit.jsonl', `${LINE}\n`);
    mkdirSync(folder.at('empty'));
    const words = ['incident', LINE, '--audit', folder.at('log'), ...FILES.slice(0, 2), '--evidence'];
    expect((await runCommand([...words, folder.at('log/evidence')])).errors).toContain('is part of the input');
    expect(existsSync(folder.at('log/evidence'))).toBe(false);
    expect((await runCommand([...words, folder.at('empty')])).status).toBe(0);
    expect(existsSync(folder.at('empty/SHA256SUMS'))).toBe(true);
  });

  it('writes nothing if it cannot write everything', async () => {
    using folder = new Folder();
    folder.file('file', '');
    const words = ['incident', LINE, ...FILES, '--evidence', folder.at('file/evidence')];
    const { status, errors } = await runCommand(words);
    expect([status, errors]).toEqual([
      1,
      expect.stringMatching(/^eks-whois: --evidence .*Give a new or empty folder\.$/m),
    ]);
    expect(readdirSync(folder.path)).toEqual(['file']);
  });
});
