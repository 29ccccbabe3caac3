import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Folder, runCommand } from '../builders/command.ts';

const FILES = ['attribute', '--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
const EXEC = '60e442b4-3ced-423b-a0e2-2c3a7220f24e';

async function ask(...options: readonly string[]) {
  const { output, errors, status } = await runCommand([...FILES, ...options]);
  const lines = output.split('\n').filter((line) => line !== '');
  return { records: lines.map((line) => JSON.parse(line)), errors, status };
}

describe('a question that nothing in the files answers', () => {
  it.each([
    [['--actor', 'ANA.Silva'], 'No records by the actor ANA.Silva. Similar: ana.silva.'],
    [['--actor', 'nobody.at.all'], 'the actor nobody.at.all. Give the full name, ARN or principal ID.'],
    [['--role', 'order-developer'], 'with the role order-developer. Similar: orders-developer.'],
    [['-n', 'order'], 'in the namespace order. Similar: orders.'],
    [['-n', 'zzz'], 'in the namespace zzz. There are records in - (cluster-wide), '],
    [['--session', 'AROAL3H6OXYWHJEXAMPLE:ana.silv'], 'Similar: AROAL3H6OXYWHJEXAMPLE:ana.silva.'],
    [['--key', 'ASIATMFNRFYKCEXAMPLF'], 'with the access key ASIATMFNRFYKCEXAMPLF. Similar: ASIATMFNRFYKCEXAMPLE'],
    [['--verb', 'delet', '--actor', 'ana.silva'], 'with the verb delet. Similar: delete.'],
    [['--resource', 'pods/exce'], 'with the resource pods/exce. Similar: pods/exec'],
    [['--object', 'orders-apy'], 'Similar: orders-api'],
    [['--user-agent', 'netscape'], 'No records with the user agent netscape.'],
    [['--actor', 'ana.silva', '--from', '2026-04-01'], 'from another time: 2026-03-10T01:'],
    [['--actor', 'ana.silva', '-n', 'payments', '--verb', 'delete'], 'occurs in the files, but not together.'],
  ])('is answered with the reason and similar values: %j', async (options, message) => {
    const { records, errors, status } = await ask(...options);
    expect([status, records]).toEqual([0, []]);
    expect(errors).toContain(message);
  });

  it('is answered without that if there are records', async () => {
    const { records, errors } = await ask('--actor', 'ana.silva', '--actor', 'ANA.Silva');
    expect(records.length).toBeGreaterThan(0);
    expect(errors).not.toContain('Similar:');
  });
});

it('a message counts what matches the filters', async () => {
  const { errors } = await ask('--actor', 'ben.okafor');
  expect(errors).toMatch(/^8 of 141 records match actor ben\.okafor(?:: .*)?\.\n/);
});

describe('a table of all requests of an actor', () => {
  const of = (...options: readonly string[]) => runCommand([...FILES, '--actor', 'ben.okafor', ...options]);

  it('is followed by the command for a report about the most serious one', async () => {
    const { errors } = await of('-o', 'table');
    const [, command = ''] = /Next, a report for the ticket: eks-whois (.*)/.exec(errors) ?? [];
    expect(command).toBe(
      'incident b90d4f36-f87d-47cd-a132-32b7e09aed63 --audit examples/audit --cloudtrail examples/cloudtrail',
    );
    const report = await runCommand(command.split(' '));
    expect(report.output).toContain('ben.okafor');
  });

  it('quotes an audit ID that looks like an option, as clients may choose it', async () => {
    using files = new Folder();
    const day = readFileSync('examples/audit/prod/2026-03-10T06.jsonl', 'utf8');
    const audit = files.file('audit.jsonl', day.replaceAll('b90d4f36-f87d-47cd-a132-32b7e09aed63', '--evidence=.'));
    const args = ['attribute', '--audit', audit, '--cloudtrail', 'examples/cloudtrail', '--actor', 'ben.okafor'];
    const { errors } = await runCommand([...args, '-o', 'table']);
    const [, command = ''] = /Next, a report for the ticket: eks-whois (.*)/.exec(errors) ?? [];
    expect(command).toBe(`incident --audit ${audit} --cloudtrail examples/cloudtrail -- --evidence=.`);
    const report = await runCommand(command.split(' '));
    expect(report.output, report.errors).toMatch(/^about +.* --evidence=\.?$/m);
  });

  it('has no such command if a program reads it', async () => {
    const { errors } = await of('-o', 'jsonl');
    expect(errors).not.toContain('Next');
  });
});

describe('requests like one request', () => {
  it('have the same role, in the time around it', async () => {
    const { records, errors } = await ask('--same-role', EXEC, '--window', '10m');
    const who = new Set(records.map(({ attribution }) => attribution.actor?.name));
    expect([...who]).toEqual(['ana.silva', 'ben.okafor']);
    expect(new Set(records.map(({ caller }) => caller.roleId))).toEqual(new Set(['AROAL3H6OXYWHJEXAMPLE']));
    expect(errors).toContain(
      'Using the role AROAL3H6OXYWHJEXAMPLE, from 2026-03-10T08:05:07.118Z to 2026-03-10T08:25:07.118Z.',
    );
  });

  it('come from the same address', async () => {
    const { records } = await ask('--same-ip', EXEC, '--verb', 'create');
    expect(records.length).toBeGreaterThan(0);
    for (const { source } of records) expect(source.ips.at(-1)).toBe('203.0.113.11');
  });

  it.each([
    [['--same-role', EXEC, '--same-ip', EXEC], 'not both', 2],
    [['--same-role', EXEC, '--role', 'x'], 'Leave --role out', 2],
    [['--same-ip', EXEC, '--since', '2h'], 'Leave --since, --from and --to out', 2],
    [['--window', '2h'], 'works only with --same-role', 2],
    [['--same-role', 'unheard-of'], 'the files have no record with this audit ID', 1],
    [['--same-role', EXEC, '--audit', '-'], '--same-role reads the input twice', 2],
  ])('are refused if the role or address cannot be determined: %j', async (options, message, expected) => {
    const { errors, status } = await ask(...options);
    expect([status, errors]).toEqual([expected, expect.stringContaining(message)]);
  });
});

describe('an actor who is first seen late in the files', () => {
  const since = '2026-03-10T15:00:00Z';

  it('is shown with all requests; nobody else who was there before, and no session without a known person', async () => {
    const { records, errors } = await ask('--first-seen-since', since);
    const names = new Set(records.map(({ attribution: { actor } }) => actor.name));
    expect(names).toContain('hana.sato');
    expect(names).not.toContain('ana.silva');
    for (const { time } of records) expect(time > since).toBe(true);
    const { records: all } = await ask('--status', 'attributed', '--status', 'partial');
    const before = new Set(all.filter(({ time }) => time < since).map(({ attribution }) => attribution.actor.id));
    const expected = all.filter(({ attribution: { actor } }) => actor.idBasis !== 'session' && !before.has(actor.id));
    expect(records.map(({ auditId }) => auditId)).toEqual(expected.map(({ auditId }) => auditId));
    expect(errors).toContain(
      'First seen means first seen in these files. Earlier requests are not known. Sessions without a known person are left out. To list them: eks-whois sessions --audit ',
    );
  });

  it('can be combined with other filters', async () => {
    const { records } = await ask('--first-seen-since', since, '--actor', 'hana.sato', '--from', since);
    expect(new Set(records.map(({ attribution: { actor } }) => actor.name))).toEqual(new Set(['hana.sato']));
    expect((await ask('--first-seen-since', since, '--actor', 'ana.silva')).records).toEqual([]);
  });
});
