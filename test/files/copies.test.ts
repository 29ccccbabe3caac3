import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { auditEvent } from '../builders/audit-event.ts';
import { attributeFiles, Folder, runCommand } from '../builders/command.ts';
import { grant } from '../builders/trail-records.ts';

const GRANT = JSON.stringify(grant());
const deed = JSON.stringify(auditEvent());
const read = JSON.stringify(auditEvent({ verb: 'get' }));
const lean = JSON.stringify(auditEvent({ responseStatus: undefined }));
const other = JSON.stringify(auditEvent({ auditID: 'other' }));

const inLogGroup = (cluster: string, ...messages: string[]) => ({
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup: `/aws/eks/${cluster}/cluster`,
  logStream: 'kube-apiserver-audit-1',
  subscriptionFilters: ['all'],
  logEvents: messages.map((message, at) => ({ id: String(at), timestamp: 1, message })),
});
const packed = (cluster: string, ...messages: string[]) =>
  JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(inLogGroup(cluster, ...messages))).toString('base64') } });

async function attributed(...files: readonly (string | Buffer)[]) {
  using folder = new Folder();
  const audit = files.map((content, at) => folder.file(`audit-${at}`, content));
  const { records, errors } = await attributeFiles(folder, { audit, cloudtrail: [folder.file('trail', GRANT)] });
  return { errors, rows: records.map(({ request, attribution }) => [request?.verb, ...attribution.flags].join(' ')) };
}

describe('attribute over files with two versions of an event', () => {
  const FLAGGED = ['delete conflicting-copies', 'get conflicting-copies'];
  it.each<[string, readonly (string | Buffer)[]]>([
    ['in one file', [[deed, read, deed].join('\n')]],
    ['in two files', [deed, read]],
    ['one of them compressed', [deed, gzipSync(read)]],
    ['in two payloads of a subscription', [packed('prod', deed), packed('prod', read)]],
    ['in a payload and its packed form', [JSON.stringify(inLogGroup('prod', deed)), packed('prod', read)]],
    ['one of them with an escaped key', [deed, read.replace('auditID', 'audit\\u0049D')]],
    ['one of them in a list over many lines', [deed, JSON.stringify([JSON.parse(read)], null, 2)]],
  ])('flags both, %s', async (_, files) => {
    const { rows, errors } = await attributed(...files);
    expect(rows).toEqual(FLAGGED);
    expect(errors).not.toContain('read only once');
  });

  it('flags neither if they are of two clusters', async () => {
    expect((await attributed(packed('prod', deed), packed('dev', read))).rows).toEqual(['delete', 'get']);
  });

  it('writes one record of copies that agree, with what any of them states', async () => {
    using folder = new Folder();
    for (const [at, copies] of [
      [lean, deed, other],
      [deed, lean, other],
    ].entries()) {
      const audit = [folder.file(`audit-${at}`, copies.join('\n'))];
      const { records } = await attributeFiles(folder, { audit, cloudtrail: [folder.file('trail', GRANT)] });
      expect(records.map(({ auditId, response }) => [auditId, response?.code])).toEqual([
        [JSON.parse(deed).auditID, 200],
        ['other', 200],
      ]);
    }
  });

  it('flags those that come later on standard input, and says that the first one has no flag', async () => {
    using folder = new Folder();
    const { records, errors } = await attributeFiles(folder, { audit: ['-'] }, [deed, read, other].join('\n'));
    expect(records.map(({ attribution }) => attribution.flags)).toEqual([[], ['conflicting-copies'], []]);
    expect(errors).toContain('1 record with the flag conflicting-copies: the earlier copy');
  });

  it('are versions of one event in the head of an answer, which no client chose', async () => {
    using folder = new Folder();
    const files = [
      '--audit',
      folder.file('audit', [deed, read].join('\n')),
      '--cloudtrail',
      folder.file('trail', GRANT),
    ];
    const { output } = await runCommand(['whois', JSON.parse(deed).auditID, ...files]);
    expect(output).toContain(
      'The log has 2 versions of the event with this audit ID. At most one is what the API server wrote. One of them:',
    );
    expect(output).not.toContain('the client can choose it');
  });
});
