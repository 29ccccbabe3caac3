import { describe, expect, it } from 'vitest';
import { attributeFiles, Folder, runCommand } from '../builders/command.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { callBy } from '../builders/trail-records.ts';
import { GRANT, good } from './good.ts';

describe('attribute says what it found instead', () => {
  it.each<[string, string, string, string, number]>([
    [
      'where --audit and --cloudtrail are exchanged',
      `${GRANT}\n`,
      `${good('a')}\n${good('b')}\n`,
      '--audit contains 1 CloudTrail record and no audit event. --cloudtrail contains 2 audit events and no CloudTrail record. Exchange the two.\n',
      1,
    ],
    [
      'where both are audit logs',
      `${good('a')}\n`,
      `${good('a')}\n${good('b')}\n`,
      '--cloudtrail contains 2 audit events and no CloudTrail record. Give the files of the trail.\n',
      1,
    ],
    [
      'where both are trails',
      `${GRANT}\n`,
      `${GRANT}\n`,
      '--audit contains 1 CloudTrail record and no audit event. Give the audit log of the API server there, and the trail in --cloudtrail.\n',
      1,
    ],
    [
      'where the trail has no records of STS',
      `${good('a')}\n`,
      `${JSON.stringify(callBy(iamUser('alice')))}\n`,
      'No grants were found in --cloudtrail: its 1 CloudTrail record issued no credentials. Give the trail',
      0,
    ],
    [
      'where the files are empty',
      '',
      '',
      'No audit events were found in --audit: it is empty. Give the audit log of the API server.\n' +
        'eks-whois: No grants were found in --cloudtrail: it is empty.',
      1,
    ],
    [
      'if an export has only other log streams',
      `${JSON.stringify({ messageType: 'DATA_MESSAGE', logGroup: '/aws/eks/prod/cluster', logStream: 'authenticator-1', logEvents: [{ id: '1', timestamp: 1, message: 'level=info' }] })}\n`,
      `${GRANT}\n`,
      'No audit events were found in --audit: it contains only other data (1 text of another log stream). Give the audit log of the API server.\n',
      0,
    ],
  ])('%s', async (_, audit, cloudtrail, words, status) => {
    using folder = new Folder();
    const result = await attributeFiles(folder, {
      audit: [folder.file('audit', audit)],
      cloudtrail: [folder.file('trail', cloudtrail)],
    });
    expect(result.status).toBe(status);
    expect(result.errors).toContain(`eks-whois: ${words}`);
  });

  it('if the folders are empty', async () => {
    using folder = new Folder();
    folder.file('audit/AWSLogs/.keep', '');
    folder.file('trail/AWSLogs/.keep', '');
    const result = await attributeFiles(folder, { audit: [folder.at('audit')], cloudtrail: [folder.at('trail')] });
    expect(result.errors).toMatch(/^eks-whois: No audit events .*\neks-whois: No grants were found .*\n$/m);
  });

  it('and reports a piece once if its file is in both', async () => {
    using folder = new Folder();
    const file = folder.file('damaged', '{"kind":"Event",\n');
    const { errors } = await attributeFiles(folder, { audit: [file], cloudtrail: [file] });
    expect(errors).toContain('No audit events were found in --audit: 1 part could not be read.');
    expect(errors).toContain('No grants were found in --cloudtrail: 1 part could not be read.');
    expect(errors).toContain('1 part of the files could not be read, so no answer includes it:');
  });

  it('and is an error for a text of sentences, some of which look like the lines of one message', async () => {
    using folder = new Folder();
    const text = folder.file('notes.md', '# Notes\n2026-03-10T12:00:00Z somebody wrote this\n  and went on\n');
    const { status, errors } = await attributeFiles(folder, { audit: [text] });
    expect([status, errors]).toEqual([1, expect.stringContaining('No audit events were found in --audit')]);
  });

  it('and says nothing if there are events and grants', async () => {
    using folder = new Folder();
    const result = await attributeFiles(folder, {
      audit: [folder.file('audit', `${good('a')}\n${GRANT}\n`)],
      cloudtrail: [folder.file('trail', `${GRANT}\n${good('a')}\n`)],
    });
    expect(result.errors).not.toContain('eks-whois:');
  });
});

describe('every command that reads files refuses exchanged ones with one sentence:', () => {
  const [BOTH, TRAIL, AUDIT] = [
    '--audit contains 1 CloudTrail record and no audit event. --cloudtrail contains 1 audit event and no CloudTrail record. Exchange the two.',
    '--cloudtrail contains 1 audit event and no CloudTrail record. Give the files of the trail.',
    '--audit contains 1 CloudTrail record and no audit event. Give the audit log of the API server there, and the trail in --cloudtrail.',
  ];
  it.each<[string, readonly string[], string]>([
    ['attribute', ['attribute'], BOTH],
    ['records', ['records'], BOTH],
    ['sessions', ['sessions'], BOTH],
    ['known', ['known', 'actors'], BOTH],
    ['changes', ['changes'], TRAIL],
    ['whois', ['whois', 'alice'], TRAIL],
    ['incident', ['incident', 'alice'], TRAIL],
    ['related', ['related', 'a'], AUDIT],
    ['local', ['local', '--once', '--data', 'DATA'], BOTH],
  ])('%s', async (_, command, sentence) => {
    using folder = new Folder();
    const [audit, trail] = [folder.file('audit', `${good('a')}\n`), folder.file('trail', `${GRANT}\n`)];
    const words = command.map((word) => (word === 'DATA' ? folder.at('data') : word));
    const exchanged = ['--cloudtrail', audit, ...(command[0] === 'changes' ? [] : ['--audit', trail])];
    const { status, errors } = await runCommand([...words, ...exchanged]);
    expect({ status, errors }).toEqual({ status: 1, errors: `eks-whois: ${sentence}\n` });
  });

  it('related, if the trail is an audit log', async () => {
    using folder = new Folder();
    const audit = folder.file('audit', `${good('a')}\n`);
    const { status, errors } = await runCommand(['related', 'a', '--audit', audit, '--cloudtrail', audit]);
    expect({ status, errors }).toEqual({ status: 1, errors: `eks-whois: ${TRAIL}\n` });
  });
});

describe('attribute says of what it does not understand what it looks like:', () => {
  it.each<[string, string, string]>([
    [
      'a CSV',
      'a,b,c\n1,2,3\n',
      'a CSV with the columns a, b, c. Export it again in one of the forms of docs/forms.md.',
    ],
    ['JSON', '{"level":"info","text":"x"}\n', 'JSON with the fields level, text. Export it again'],
    ['JSON with one field', '{"text":"x"}\n', 'JSON with the field text. Export it again'],
    ['a web page', '<!DOCTYPE html>\n<html></html>\n', 'a web page or XML. Download the log again.'],
    [
      'objects of kubectl',
      '{"kind":"Pod","apiVersion":"v1","metadata":{}}\n',
      'objects of Kubernetes, as kubectl writes them. Give the',
    ],
    [
      'records of eks-whois',
      '{"schemaVersion":1,"auditId":"a"}\n',
      'records of eks-whois. Give the log that they were made of.',
    ],
    ['a chosen column', '{"@ptr":"x","verb":"get"}\n', 'a result of Logs Insights with chosen columns. Add @message'],
    [
      'a table without columns',
      '{"eventname":"x","useridentity":"{}"}\n',
      'a table of the trail. Query all columns with SELECT *',
    ],
    [
      'a finding',
      '{"schemaVersion":"2.0","service":{},"id":"x"}\n',
      'a finding. eks-whois whois looks up who is in it.',
    ],
    ['text', 'hello there\n', 'plain text.'],
    ['sentences with commas', 'Alice, it says. If not, see below\n', 'plain text.'],
    ['a sentence with a comma', 'Alice, and whoever is on call then\n', 'plain text.'],
  ])('%s', async (_, content, words) => {
    using folder = new Folder();
    const path = folder.file('given.txt', content);
    const { status, errors } = await attributeFiles(folder, {
      audit: [path],
      cloudtrail: [folder.file('trail', GRANT)],
    });
    expect(status).toBe(1);
    expect(errors).toContain(`eks-whois: ${path}, line 1, is not understood. It looks like ${words}`);
  });

  it('once for each file and form, and three times at most', async () => {
    using folder = new Folder();
    const texts = ['a,b\n1,2\n', '{"x":1}\n{"y":1}\n{"z":1}\n', `${good('a')}\nhello\nhello again\n`];
    const audit = texts.map((text, at) => folder.file(`given-${at}`, text));
    const { status, errors } = await attributeFiles(folder, { audit, cloudtrail: [folder.file('trail', GRANT)] });
    expect(status).toBe(0);
    expect(errors.match(/is not understood/g)).toHaveLength(3);
    expect(errors.match(/It looks like a CSV/g)).toHaveLength(1); // its rows are not CSVs of their own
  });
});
