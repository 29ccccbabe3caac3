import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RelatedAnswer } from '../../lib/usecases/related/related-answer.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { eksCall, grant } from '../builders/trail-records.ts';
import { type DeployedTables, startTables } from '../records/deployed-tables.ts';
import { delivery, reportIn } from './report.ts';

/** Answers about what is not in the audit log, or not in the time range, are the same over files and the service. */

const KEY = 'ASIAALICESESSION0001';
const NOW_ID = '7a0e1c5e-0000-4000-8000-000000000009';
const STRANGE_ID = '7a0e1c5e-0000-4000-8000-000000000010';
const EVE = 'arn:aws:iam::111122223333:role/eve';
const MALLORY = 'arn:aws:iam::111122223333:role/mallory';
const SESSION = { roleId: ROLE_ID, roleName: ROLE_NAME, session: 'alice-session', key: KEY };

const event = (time: string, auditID: string, more: object = {}) =>
  eventBy(roleUser({ key: KEY }), { auditID, requestReceivedTimestamp: utc(time), ...more });
const call = (name: string, eventID: string, time: string, userIdentity = roleSession(SESSION)) =>
  eksCall(
    name,
    { principalArn: name === 'DeleteAccessEntry' ? MALLORY : EVE },
    { eventID, userIdentity, eventTime: utc(time) },
  );

const TRAIL = [
  grant({ key: KEY, at: utc('12:00:00') }),
  call('CreateAccessEntry', 'c1', '12:05:00'),
  call('UpdateAccessEntry', 'c2', '12:20:00', iamUser('bob')),
  call('DeleteAccessEntry', 'c3', '12:40:00', roleSession({ ...SESSION, key: 'ASIANOBODYSKEY000001' })),
  call('DeleteAccessEntry', 'c4', '20:05:00', iamUser('bob')),
];
const STRANGE = { sourceIPs: ['45.83.64.11'], userAgent: 'python-requests/2.32' };
const AUDIT = [event('12:02:00', 'first'), event('12:12:00', NOW_ID), event('12:15:00', STRANGE_ID, STRANGE)];

const folder = new Folder();
let tables: DeployedTables;
let files: readonly string[];

beforeAll(async () => {
  const lines = (records: readonly object[]) => records.map((each) => JSON.stringify(each)).join('\n');
  const [audit, trail] = [
    folder.file('audit.json', JSON.stringify(delivery('prod', AUDIT))),
    folder.file('trail.jsonl', lines(TRAIL)),
  ];
  files = ['--audit', audit, '--cloudtrail', trail];
  tables = await startTables();
  const loaded = await tables.run(['backfill', ...files, '--state', folder.at('state.json')]);
  expect(loaded.status, loaded.errors).toBe(0);
});
afterAll(async () => {
  folder[Symbol.dispose]();
  await tables.stop();
});

const overFiles = (words: readonly string[]) => runCommand([...words, ...files]);
const PLACES = [
  ['files', overFiles],
  ['the service', (words: readonly string[]) => tables.run(words)],
] as const;

describe.each(PLACES)('over %s', (_, run) => {
  it('a report has the changes through the EKS API, and who made them', async () => {
    const { output, errors } = await run(['incident', NOW_ID, '--window', '1h', '-o', 'json']);
    expect(output, errors).not.toBe('');
    const { clusterChanges = [], next } = reportIn(output);
    expect(clusterChanges.map(({ eventId, by, attribution }) => [eventId, by, attribution?.actor?.name])).toEqual([
      ['c1', 'alice', 'alice'],
      ['c2', undefined, 'bob'],
      ['c3', undefined, undefined],
    ]);
    expect(next.find(({ title }) => title.startsWith('Deactivate'))?.command).toMatch(/--access-key-id AKIA\w{16} /);
    expect(next.map(({ title }) => title)).toContain(
      `Delete the access entry of ${EVE} that was created in the cluster prod (111122223333, eu-west-1), at ${utc('12:05:00')}`,
    );
  });

  it('a report says so if no change is known', async () => {
    const { output } = await run(['incident', NOW_ID, '--window', '1m']);
    expect(output).toContain('Changes of clusters through the EKS API');
    expect(output).toMatch(/No change of access entries,[\s\S]* is known in this time range\./);
  });

  it('a report has what was first used, also after other requests of the time range', async () => {
    const { output, errors } = await run(['incident', NOW_ID, '--window', '5m', '-o', 'json']);
    expect(output, errors).not.toBe('');
    expect(reportIn(output).sections[0]?.firstUses).toEqual({
      listed: [
        { kind: 'source-ip', value: '45.83.64.11', time: utc('12:15:00'), auditId: STRANGE_ID },
        { kind: 'user-agent', value: 'python-requests/2.32', time: utc('12:15:00'), auditId: STRANGE_ID },
      ],
      left: 0,
      compared: { requests: 3, before: 1, from: utc('12:02:00'), isComplete: true },
    });
    const wide = await run(['incident', NOW_ID, '--window', '1h', '-o', 'json']);
    expect(reportIn(wide.output).sections[0]?.firstUses).toMatchObject({
      listed: [{ value: '45.83.64.11' }, { value: 'python-requests/2.32' }],
      compared: { requests: 3, before: 0 },
    });
  });

  it('whois of a request, and of an IP address, has what was first used', async () => {
    const { output, errors } = await run([STRANGE_ID]);
    expect(output, errors).toMatch(
      /First use: source IP 45\.83\.64\.11, user agent python-requests\/2\.32\. Earlier requests of the same actor, since 2026-03-10T12:02:00Z: 2, none with any of these\./,
    );
    const json = JSON.parse((await run([STRANGE_ID, '-o', 'json'])).output);
    expect(json.firstUses).toMatchObject({
      listed: [{ kind: 'source-ip' }, { kind: 'user-agent' }],
      compared: { before: 2 },
    });
    expect((await run([NOW_ID])).output).not.toContain('First use');
    expect((await run(['45.83.64.11'])).output).toContain('alice: First use: source IP 45.83.64.11');
  });

  it('a related request has the changes of its cluster around it', async () => {
    const { output, errors } = await run(['related', NOW_ID, '-o', 'json']);
    expect(output, errors).not.toBe('');
    const { requests }: RelatedAnswer = JSON.parse(output);
    const around = requests[0]?.clusterChanges;
    expect(around?.changes.map(({ eventId }) => eventId)).toEqual(['c1', 'c2', 'c3']);
    const { output: text } = await run(['related', NOW_ID]);
    expect(text).toContain(
      'changes of the cluster through the EKS API from 2026-03-10T11:12:00Z to 2026-03-10T13:12:00Z',
    );
    expect(text).toContain(`UpdateAccessEntry ${EVE}  by bob  [c2]`);
  });
});

it('if no changes are known, it says why there can still be some: over filtered files, and over a service', async () => {
  const grants = folder.file('grants.jsonl', JSON.stringify(TRAIL[0]));
  const words = ['incident', NOW_ID, '--window', '1m'];
  const filtered = await runCommand([...words, ...files.slice(0, 2), '--cloudtrail', grants]);
  expect(filtered.output).toMatch(
    /have\s+no\s+records\s+of\s+this\s+time\s+range,\s+so\s+changes\s+in\s+it\s+are\s+not\s+known/,
  );
  const wider = await runCommand(['incident', NOW_ID, '--window', '1h', ...files.slice(0, 2), '--cloudtrail', grants]);
  expect(wider.output).toMatch(/no\s+calls\s+of\s+the\s+EKS\s+API/);
  expect((await tables.run(words)).output).toMatch(
    /The\s+service\s+knows\s+the\s+calls\s+that\s+CloudTrail\s+delivered/,
  );
});

describe.each([
  ['files', async (words: readonly string[]) => runCommand(['changes', ...words, ...files])],
  ['the service', (words: readonly string[]) => tables.run(['changes', ...words, '--from', '2026-03-01'])],
] as const)('eks-whois changes over %s', (_, run) => {
  const idsIn = (output: string) => output.split('\n').flatMap((line) => /\bc\d\b/.exec(line)?.[0] ?? []);

  it('lists the newest first, with who made each', async () => {
    const { output, errors, status } = await run([]);
    expect(status, errors).toBe(0);
    expect(idsIn(output)).toEqual(['c4', 'c3', 'c2', 'c1']);
    expect(output).toMatch(/CreateAccessEntry +arn:aws:iam::111122223333:role\/eve +alice/);
    expect(output).toMatch(/\? arn:aws:sts::111122223333:assumed-role/);
  });

  it('filters by cluster, actor and time, and says if there is none', async () => {
    expect(idsIn((await run(['--actor', 'bob'])).output)).toEqual(['c4', 'c2']);
    expect(idsIn((await run(['--cluster', 'prod', '--to', utc('12:30:00')])).output)).toEqual(['c2', 'c1']);
    expect(idsIn((await run(['--limit', '1'])).output)).toEqual(['c4']);
    const { output, errors } = await run(['--cluster', 'staging']);
    expect(output).toBe('');
    expect(errors).toContain('0 changes for cluster staging');
    const json = JSON.parse((await run(['-o', 'json', '--limit', '1'])).output);
    expect(json).toMatchObject([
      { eventName: 'DeleteAccessEntry', attribution: { status: 'attributed', method: 'direct' } },
    ]);
  });
});
