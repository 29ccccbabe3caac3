import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ApiActivity } from '../../lib/ocsf/event.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { storedRecord } from '../contract/stored-record.ts';
import { schemaFlaws } from '../ocsf/schema-flaws.ts';
import { type RunningCommand, startCommand } from './running-command.ts';
import { type ScriptedService, startScripted } from './scripted-service.ts';

const UNTIL = { until: utc('23:00:00') };
const BY_ALICE = [grant({ id: 'alice', ...UNTIL })];
const BY_BOB = [grant({ id: 'bob', by: iamUser('bob'), ...UNTIL })];

let service: ScriptedService;
const running: RunningCommand[] = [];

afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
  await service?.stop();
});

/** A request at a time of the day, with the answer that these grants give. */
function done(id: string, time: string, grants = BY_ALICE, fields = {}): StoredRecord {
  return storedRecord({ auditID: id, requestReceivedTimestamp: utc(time), ...fields }, grants);
}

async function follow(args: readonly string[], records: readonly StoredRecord[] = []): Promise<RunningCommand> {
  service = await startScripted();
  await service.add(...records);
  const question = args.includes('--actor') ? [] : ['--cluster', 'prod-1', '--namespace', 'shop'];
  const from = args.includes('--since') ? [] : ['--from', utc('12:00:00')];
  const following = startCommand([
    ...['records', '--follow', '--interval', '0.1', '--api', service.url],
    ...[...question, ...from, ...args],
  ]);
  running.push(following);
  return following;
}

/** Waits until it has looked so often more. */
async function looks(more: number): Promise<void> {
  const enough = service.queries.length + more + 1;
  while (service.queries.length < enough) await sleep(10);
}

const named = (name: string) => ({ objectRef: { resource: 'pods', namespace: 'shop', name } });
const rows = (text: string) => text.split('\n').filter((line) => /^2026-/.test(line));

describe('records --follow', () => {
  it('shows existing records in the order of time, then each new one once, and each corrected one again', async () => {
    const following = await follow(
      [],
      [done('second', '12:10:02', [], named('second')), done('first', '12:10:01', BY_ALICE, named('first'))],
    );
    await following.until('pods second');
    await service.add(done('third', '12:10:03', BY_ALICE, named('third')));
    await following.until('pods third');
    await service.correct(done('second', '12:10:02', BY_ALICE, named('second')));
    await following.until('corrected');
    await looks(15);
    expect(await following.interrupt()).toBe(0);
    await expect(following.printed.output).toMatchFileSnapshot('../golden/records-follow.txt');
    expect(following.printed.errors).toBe(
      'eks-whois: Following records for cluster prod-1, namespace shop from 2026-03-10T12:00:00Z. Press Ctrl-C to stop.\n' +
        '4 records, including 1 correction\n',
    );
  });

  it('shows an event that arrives 40 minutes late, and a correction of such an event', async () => {
    const old = done('old', '12:15:00', [], named('old'));
    const following = await follow([], [old, done('now', '12:50:00', BY_ALICE, named('now'))]);
    await following.until('pods now');
    await service.add(done('late', '12:10:00', BY_ALICE, named('late')));
    await following.until('pods late');
    await service.correct(done('old', '12:15:00', BY_ALICE, named('old')));
    await following.until(/corrected: shown before as pending/);
    expect(await following.interrupt()).toBe(0);
    expect(rows(following.printed.output).map((row) => /pods (\w+)/.exec(row)?.[1])).toEqual([
      'old',
      'now',
      'late',
      'old',
    ]);
  });

  it('does not show a record again if its answer only became final', async () => {
    const early = [grant({ id: 'alice', key: null, ...UNTIL })];
    const user = roleUser({ key: null });
    const following = await follow([], [done('one', '12:10:00', early, { user })]);
    await following.until('session-name');
    const record = done('one', '12:10:00', early, { user });
    expect(record.record.attribution.provisional).toBe(true);
    const attribution = { ...record.record.attribution, provisional: false };
    await service.correct({ ...record, record: { ...record.record, attribution } });
    await looks(5);
    expect(await following.interrupt()).toBe(0);
    expect(rows(following.printed.output)).toHaveLength(1);
  });

  it('says if a correction takes a record away from the followed actor', async () => {
    const following = await follow(['--actor', 'alice'], [done('one', '12:10:00', BY_ALICE)]);
    await following.until('access-key');
    await service.correct(done('one', '12:10:00', BY_BOB));
    await following.until('corrected: shown before as attributed alice access-key');
    await looks(14);
    expect(await following.interrupt()).toBe(0);
    expect(rows(following.printed.output)).toHaveLength(2);
    expect(rows(following.printed.output)[1]).toContain(' bob ');
    // Asked after once only.
    expect(service.queries.filter((query) => query.has('auditId'))).toHaveLength(1);
  });

  it("shows only an actor's requests in the cluster and the namespace, and says so", async () => {
    const elsewhere = { objectRef: { resource: 'pods', namespace: 'shelf', name: 'elsewhere' } };
    const place = ['--actor', 'alice', '--cluster', 'prod-1', '--namespace', 'shop'];
    const records = [done('one', '12:10:00', BY_ALICE, elsewhere), done('two', '12:10:01', BY_ALICE, named('here'))];
    const following = await follow(place, records);
    await following.until('pods here');
    await looks(3);
    expect(await following.interrupt()).toBe(0);
    expect(rows(following.printed.output)).toHaveLength(1);
    expect(following.printed.errors).toContain(
      'Following records for actor alice, cluster prod-1, namespace shop from ',
    );
  });

  it('says once whom a name means that several people have, and ends with status 3', async () => {
    const elsewhere = { accountId: '999999999999', principalId: 'AIDAELSEWHERE0000001' };
    const other = iamUser('alice', { ...elsewhere, arn: 'arn:aws:iam::999999999999:user/alice' });
    const records = [
      done('one', '12:10:00', BY_ALICE, named('one')),
      done('two', '12:10:01', [grant({ id: 'other', by: other, ...UNTIL })], named('two')),
    ];
    const following = await follow(['--actor', 'alice'], records);
    await following.until('pods two');
    await looks(3);
    expect(await following.interrupt()).toBe(3);
    expect(following.printed.errors.split('alice means 2 actors')).toHaveLength(2);
  });

  it('shows each event that shares an audit ID, which the client chooses', async () => {
    const following = await follow([], [done('same', '12:10:00', BY_ALICE, { verb: 'get' })]);
    await following.until(' get ');
    await service.add(done('same', '12:10:00', BY_ALICE, { verb: 'delete' }));
    await following.until(' delete ');
    expect(await following.interrupt()).toBe(0);
    expect(rows(following.printed.output)).toHaveLength(2);
  });

  it('begins at --since, and shows nothing from before', async () => {
    const ago = (minutes: number) => ({
      requestReceivedTimestamp: new Date(Date.now() - minutes * 60_000).toISOString(),
      ...named(`ago${minutes}`),
    });
    const records = [2, 9, 12, 50].map((minutes) => storedRecord({ auditID: `a${minutes}`, ...ago(minutes) }));
    const following = await follow(['--since', '10m'], records);
    await following.until('pods ago2');
    await looks(13);
    await following.interrupt();
    expect(following.printed.output).toMatch(/ago9[\s\S]*ago2/);
    expect(following.printed.output).not.toMatch(/ago12|ago50/);
  });

  it('begins ten minutes back by default, and writes to a file as records arrive', async () => {
    using folder = new Folder();
    service = await startScripted();
    const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const at = (minutes: number) => ({ auditID: `ago-${minutes}`, requestReceivedTimestamp: ago(minutes) });
    await service.add(storedRecord(at(9)), storedRecord(at(11)));
    const place = ['--cluster', 'prod-1', '--namespace', 'shop', '--api', service.url];
    const file = folder.at('records.jsonl');
    const following = startCommand(['records', '--follow', ...place, '--format', 'jsonl', '--output-file', file]);
    running.push(following);
    while (!existsSync(file) || folder.read('records.jsonl') === '') await sleep(20);
    expect(folder.read('records.jsonl')).toMatch(/^[^\n]*"auditId":"ago-9"[^\n]*\n$/);
    expect(await following.interrupt()).toBe(0);
    expect(following.printed.output).toBe('');
  });

  it('as JSON lines: records, and in a correction what was shown before', async () => {
    const following = await follow(['--format', 'jsonl'], [done('one', '12:10:00', [])]);
    await following.until('pending');
    await service.correct(done('one', '12:10:00', BY_ALICE));
    await following.until('"corrected"');
    await following.interrupt();
    const [first, second] = following.printed.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toEqual(JSON.parse(JSON.stringify(done('one', '12:10:00', []).record)));
    const { corrected, ...record } = second;
    expect(record).toEqual(JSON.parse(JSON.stringify(done('one', '12:10:00', BY_ALICE).record)));
    expect(corrected).toEqual({ status: 'pending' });
  });

  it('as CSV: one header, and a last column for corrections', async () => {
    const following = await follow(['--format', 'csv'], [done('one', '12:10:00', [])]);
    await following.until('pending');
    await service.correct(done('one', '12:10:00', BY_ALICE));
    await following.until(/,pending\r\n/);
    await following.interrupt();
    const lines = following.printed.output.trimEnd().split('\r\n');
    expect(lines.map((line) => line.startsWith('time,'))).toEqual([true, false, false]);
    expect(lines[0]).toMatch(/,corrected$/);
    expect(lines[1]).toMatch(/,$/);
    expect(lines[2]).toMatch(/,pending$/);
  });

  it("as OCSF: events of the schema's class, also for corrections", async () => {
    const following = await follow(['--format', 'ocsf'], [done('one', '12:10:00', [])]);
    await following.until('pending');
    await service.correct(done('one', '12:10:00', BY_ALICE));
    await following.until('eks_whois.corrected');
    await following.interrupt();
    const events = following.printed.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ApiActivity);
    expect(events.flatMap(schemaFlaws)).toEqual([]);
    expect(events[1]?.metadata.uid).toBe(events[0]?.metadata.uid);
    expect(events[1]?.unmapped['eks_whois.corrected']).toBe('pending');
  });

  it('shows what an attacker wrote escaped', async () => {
    const user = roleUser({ session: 'x', username: 'a\u001b[2Jb' });
    const nasty = done('one', '12:10:00', [], { user, ...named('\u001b]0;owned\u0007') });
    const following = await follow([], [nasty]);
    await following.until('owned');
    await following.interrupt();
    expect(following.printed.output).toContain('\\u001b]0;owned\\u0007');
    expect(following.printed.output).not.toContain('\u001b');
  });

  it('continues after temporary trouble, reports it once, and misses nothing', async () => {
    const following = await follow([], [done('one', '12:10:00', BY_ALICE, named('one'))]);
    await following.until('pods one');
    service.trouble = { status: 503, body: '{"detail":"The service cannot reach its tables. Try again."}' };
    await following.until('Retrying until it answers.');
    await service.add(done('two', '12:10:01', BY_ALICE, named('two')));
    service.trouble = 'hangs-up';
    await looks(0);
    service.trouble = undefined;
    await following.until('The service answers again.');
    expect(await following.interrupt()).toBe(0);
    expect(rows(following.printed.output)).toHaveLength(2);
    expect(following.printed.errors.match(/eks-whois: /g)).toHaveLength(3);
    expect(following.printed.errors).toContain(
      'eks-whois: The service answered 503: The service cannot reach its tables. Try again. Retrying until it answers.\n',
    );
  });

  it('ends with a sentence if access is denied later', async () => {
    const following = await follow([], [done('one', '12:10:00')]);
    await following.until('access-key');
    service.trouble = { status: 403, body: '{"message":"Forbidden"}' };
    expect(await following.ended()).toBe(1);
    expect(rows(following.printed.output)).toHaveLength(1);
    expect(following.printed.errors).toMatch(
      /eks-whois: The service answered 403: Forbidden\. It does not take your AWS credentials\.\n$/,
    );
  });

  it('ends at once if no service ever answered, or something else does', async () => {
    const following = await follow([]);
    await following.until('Following');
    await service.stop();
    const question = ['records', '--follow', '--actor', 'alice'];
    const nobody = await runCommand([...question, '--api', service.url]);
    expect(nobody).toMatchObject({ status: 1, output: '' });
    expect(nobody.errors).toMatch(
      /No service answers at \S+ \(.*ECONNREFUSED.*\)\. Start it with npm start -- --port \d+, /,
    );
    service = await startScripted();
    service.trouble = { status: 200, body: '<html>Welcome</html>' };
    const other = await runCommand([...question, '--api', service.url]);
    expect(other).toMatchObject({ status: 1, output: '' });
    expect(other.errors).toContain('eks-whois: The answer is not from eks-whois: it has no records. Check --api.\n');
  });

  it('ends after --limit records, and if the reader goes away', async () => {
    const records = ['12:10:01', '12:10:02', '12:10:03'].map((time) => done(time, time));
    const limited = await follow(['--limit', '2', '--format', 'jsonl'], records);
    expect(await limited.ended()).toBe(0);
    expect(limited.printed.output.trimEnd().split('\n')).toHaveLength(2);
    const unread = startCommand([
      'records',
      '--follow',
      '--api',
      service.url,
      ...['--actor', 'alice', '--from', utc('12:00:00'), '--interval', '0.1'],
    ]);
    unread.child.stdout?.destroy();
    await service.add(done('more', '12:11:00'));
    expect(await unread.ended()).toBe(0);
  });

  it.each([
    [['--follow', '--summary', '--actor', 'a'], '--follow and --summary exclude each other'],
    [['--follow', '--to', '2026-03-10T12:00:00Z', '--actor', 'a'], '--follow has no end'],
    [['--follow', '--actor', 'a', '--interval', '0'], 'Give a number of seconds from 0.1 to 3600.'],
  ])('%o is wrong usage', async (args, sentence) => {
    const { status, output, errors } = await runCommand(['records', ...args]);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(errors).toContain(sentence);
  });
});
