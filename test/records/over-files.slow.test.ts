import { describe, expect, it } from 'vitest';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { keyId } from '../builders/ids.ts';
import { GRANT, good } from '../files/good.ts';

const FILES = ['--audit', 'examples/audit', '--cloudtrail', 'examples/cloudtrail'];
const FORGED = [
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'session-name-claims-other-actor',
  'source-identity-claims-other-actor',
  'name-chosen-by-caller',
];
const EXEC = '60e442b4-3ced-423b-a0e2-2c3a7220f24e';

async function ask(args: readonly string[], environment = {}) {
  const { output, errors, status } = await runCommand(args, undefined, environment);
  return { output, errors, status, lines: output.split('\n').filter((line) => line !== '') };
}

async function records(...options: readonly string[]) {
  const { lines, ...rest } = await ask(['records', ...FILES, ...options, '-o', 'jsonl']);
  return { ...rest, records: lines.map((line) => JSON.parse(line)) };
}

describe('records over files', () => {
  it('are the matching ones, the newest first, however the files are named', async () => {
    using folder = new Folder();
    const at = (id: string, time: string) => good(id, { requestReceivedTimestamp: `2026-03-10T${time}Z` });
    const audit = [
      folder.file('a', `${at('second', '10:00:00.000002')}\n${at('first', '09:00:00')}`),
      folder.file('b', `${at('third', '11:00:00')}\n${at('never', 'noon')}\n${at('before', '10:00:00.000001')}`),
    ];
    const args = ['records', '--audit', ...audit, '--cloudtrail', folder.file('c', GRANT), '-o', 'jsonl'];
    const { lines, status } = await ask(args);
    expect(status).toBe(0);
    expect(lines.map((line) => JSON.parse(line).auditId)).toEqual(['third', 'second', 'before', 'first', 'never']);
    const limited = await ask([...args, '--limit', '2']);
    expect(limited.lines).toEqual(lines.slice(0, 2));
    expect(limited.errors).toContain('--limit reached');
  });

  it('are those of all roles for a session name alone, and say so', async () => {
    const { records: all } = await records();
    const { records: found, errors, status } = await records('--session', 'EKSGetTokenAuth');
    expect(found).toEqual(all.filter(({ caller }) => caller.sessionName === 'EKSGetTokenAuth'));
    expect(new Set(found.map(({ caller }) => caller.roleId)).size).toBeGreaterThan(1);
    expect([status, errors]).toEqual([0, expect.stringContaining('Sessions of all roles with this name are shown.')]);
  });

  it('are more than a page', async () => {
    using folder = new Folder();
    const many = Array.from({ length: 450 }, (_, at) => good(`event-${at}`)).join('\n');
    const args = ['--audit', folder.file('a', many), '--cloudtrail', folder.file('c', GRANT)];
    expect((await ask(['records', ...args, '-o', 'jsonl'])).lines).toHaveLength(450);
    expect((await ask(['records', ...args, '--summary', '-o', 'jsonl'])).lines).toHaveLength(1);
  });

  it('are narrowed by each filter as for a service', async () => {
    const { records: all } = await records();
    const { records: found } = await records('--cluster', 'staging', '--not-verb', 'list', '--no-system');
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(
      all.filter(
        ({ cluster, request, attribution }) =>
          cluster === 'staging' && request.verb !== 'list' && attribution.status !== 'system',
      ),
    );
  });

  it('are found by wildcards in a name', async () => {
    const { records: all } = await records();
    const { records: found } = await records('-n', 'pay*', '--cluster', 's*g', '--not-object', '*-flags');
    const isIn = ({ cluster, request }: { cluster?: string; request?: { namespace?: string; name?: string } }) =>
      cluster === 'staging' && request?.namespace === 'payments' && request.name?.endsWith('-flags') !== true;
    expect(found.length).toBeGreaterThan(3);
    expect(found).toEqual(all.filter(isIn));
    expect((await records('--username', 'system:serviceaccount:*')).records.length).toBeGreaterThan(1);
    expect((await records('--role', '*-developer')).records).toEqual(
      (await records('--role', 'payments-developer', '--role', 'orders-developer')).records,
    );
    expect((await records('--actor', 'ben.okafo?')).records).toEqual((await records('--actor', 'ben.okafor')).records);
  });

  it('are counted with --summary, and say who else may be meant', async () => {
    const { output, errors } = await ask(['records', ...FILES, '--actor', 'ben.okafor', '--summary']);
    expect(output).toMatch(/ben\.okafor +IAM user/);
    expect(errors).toMatch(/more that may be by ben\.okafor \(.*records --actor ben\.okafor .*--audit examples\/audit/);
  });

  it('can be those with the role or source IP of one request, or of actors seen first', async () => {
    const alike = await records('--same-role', EXEC, '--window', '30m');
    expect(alike.errors).toContain('Using the role AROA');
    expect(alike.records.length).toBeGreaterThan(1);
    const none = await records('--same-ip', 'no-such-id');
    expect([none.status, none.errors]).toEqual([
      1,
      expect.stringContaining('the files have no record with this audit ID'),
    ]);
    expect((await records('--first-seen-since', '2026-03-10')).records.length).toBeGreaterThan(10);
    expect((await records('--first-seen-since', '2026-03-11')).records).toEqual([]);
  });

  it.each(['records', 'attribute'])(
    'by those first seen since a time are summed up with the sessions that nobody can name: %s',
    async (command) => {
      using folder = new Folder();
      const by = (id: string, key: string, time: string) =>
        JSON.stringify(eventBy(roleUser({ session: 'x', key }), { auditID: id, requestReceivedTimestamp: time }));
      const [known, fresh] = [keyId('ASIASTRANGERSKEY0003'), keyId('ASIASTRANGERSKEY0004')];
      const events = [
        by('before', known, '2026-03-09T23:00:00Z'),
        by('again', known, '2026-03-10T12:00:00Z'),
        by('new', fresh, '2026-03-10T12:05:00Z'),
      ];
      const files = ['--audit', folder.file('a', events.join('\n')), '--cloudtrail', folder.file('c', GRANT)];
      const found = await ask([command, ...files, '--first-seen-since', '2026-03-10', '--summary', '-o', 'jsonl']);
      expect(found.lines.map((line) => JSON.parse(line).accessKeyId ?? JSON.parse(line).caller?.accessKeyId)).toEqual([
        fresh,
      ]);
    },
  );

  it('that are none are explained with similar names, and with the option that names a cluster', async () => {
    const { errors } = await records('--cluster', 'prd');
    expect(errors).toContain('No records in the cluster prd. Similar: prod.');
    expect(errors).toContain('Some records in the files name no cluster. Name it with --cluster-name.');
    const other = await records('--actor', 'ana.silva', '--from', '2026-04-01');
    expect(other.errors).toMatch(/in this time range\. The newest one is from 2026-03-10/);
  });

  it.each([
    [['--verb', 'delte'], 'No records for verb delte. Did you mean --verb delete?'],
    [['--resource', 'secrts'], 'No records for resource secrts. Did you mean --resource secrets?'],
    [['--resource', 'podz/exec'], 'Did you mean --resource pods/exec?'],
    [['--verb', 'delte', '--cluster', 'prod'], 'Did you mean --verb delete?'],
  ])(
    'that are none because of a misspelt verb or resource are explained with the usual word: %j',
    async (filter, message) => {
      const { errors } = await records(...filter);
      expect(errors.replaceAll('\neks-whois: ', ' ')).toContain(message);
    },
  );

  it('of a verb or a resource that is spelt as usual get no suggestion', async () => {
    for (const filter of [
      ['--verb', 'patch', '--ip', '192.0.2.1'],
      ['--resource', 'configmap', '--ip', '192.0.2.1'],
      ['--resource', 'widgets'],
      ['--resource', 'p*', '--ip', '192.0.2.1'],
    ])
      expect((await records(...filter)).errors).not.toContain('Did you mean');
  });

  it('count what could not be read', async () => {
    using folder = new Folder();
    const audit = folder.file('a', `${good('a')}\n{"kind":"Event","apiVersion":"audit.k8s.io/v1"\n`);
    const { errors, lines } = await ask([
      'records',
      '--audit',
      audit,
      '--cloudtrail',
      folder.file('c', GRANT),
      '-o',
      'jsonl',
    ]);
    expect(lines).toHaveLength(1);
    expect(errors).toContain(
      '1 part of the files could not be read, so no answer includes it: 1 invalid-json (it is damaged JSON). To list',
    );
  });

  it('come from standard input too', async () => {
    using folder = new Folder();
    const args = ['records', '--audit', '-', '--cloudtrail', folder.file('c', GRANT), '-o', 'jsonl'];
    const { output } = await runCommand(args, `${good('a')}\n${good('b')}\n`);
    expect(output.split('\n').filter(Boolean)).toHaveLength(2);
  });

  it('have their own cluster, not the one that the environment names for a service', async () => {
    const { errors, status } = await ask(['records', ...FILES, '--actor', 'ana.silva'], {
      EKS_WHOIS_CLUSTER: 'nowhere',
    });
    expect(status).toBe(0);
    expect(errors).not.toContain('nowhere');
  });
});

describe('sessions and names over files', () => {
  it('are listed by status, by flag and by actor', async () => {
    const all = await ask(['sessions', ...FILES, '-o', 'jsonl']);
    const rows = all.lines.map((line) => JSON.parse(line));
    expect([...new Set(rows.map(({ status }) => status))]).toEqual(['unattributed', 'ambiguous', 'partial']);
    expect(rows[0]).toMatchObject({
      count: 1,
      open: false,
      why: [expect.any(String)],
      clusters: ['name:777788889999/staging'],
    });
    const partial = await ask(['sessions', ...FILES, '--status', 'partial', '-o', 'jsonl']);
    expect(partial.lines).toEqual(all.lines.filter((line) => JSON.parse(line).status === 'partial'));
    expect((await ask(['sessions', ...FILES, '--forged', '--cluster', 'staging'])).lines.length).toBeGreaterThan(1);
    expect((await ask(['sessions', ...FILES, '--actor', 'ana.silva'])).lines.length).toBeGreaterThan(1);
  });

  it('with a flag need no other filter, because the files are read as a whole', async () => {
    const found = await ask(['sessions', ...FILES, '--forged', '-o', 'jsonl']);
    const { records: flagged } = await records(...FORGED.flatMap((flag) => ['--flag', flag]));
    const counts = found.lines.map((line) => JSON.parse(line).count as number);
    expect([found.status, counts.reduce((sum, each) => sum + each, 0)]).toEqual([0, flagged.length]);
    expect(found.errors).toContain('at any time');
  });

  it('with forged names that are none say how many records were scanned, and that only whole names are compared', async () => {
    using folder = new Folder();
    const audit = folder.file('a', [good('first'), good('second')].join('\n'));
    const files = ['--audit', audit, '--cloudtrail', folder.file('c', GRANT)];
    const found = await ask(['sessions', ...files, '--forged']);
    expect(found.errors).toContain('Scanned 2 records for flag ');
    expect(found.errors).toContain(
      'Only whole names are compared: a session ana.silva is not compared with a user ana.silva@example.com.',
    );
    expect(found.errors).toMatch(/run eks-whois sessions --audit .* --role '\*' in the same time range/);
    expect((await ask(['sessions', ...files, '--flag', 'impersonation'])).errors).not.toContain('whole names');
    const examples = await ask(['sessions', ...FILES, '--forged']);
    expect(examples.errors).not.toContain('whole names');
    const size = (await records()).records.length;
    expect(examples.errors).toContain(`Scanned ${size} records for flag `);
  });

  it('are those in the records', async () => {
    const { lines } = await ask(['known', 'namespaces', 'pay', ...FILES, '-o', 'jsonl']);
    expect(lines.map((line) => JSON.parse(line).name)).toEqual(['payments']);
    const matching = await ask(['known', 'namespaces', 'p?y*s', ...FILES, '-o', 'jsonl']);
    expect(matching.lines).toEqual(lines);
    expect(matching.errors).toContain('that match p?y*s');
    const actors = await ask(['known', 'actors', ...FILES, '-o', 'jsonl']);
    expect(actors.lines.map((line) => JSON.parse(line).name)).toContain('ana.silva');
  });
});

describe('wrong usage', () => {
  it.each([
    [['records', '--audit', 'examples/audit', '--actor', 'a'], /--audit needs --cloudtrail/],
    [['records', '--cloudtrail', 'examples/cloudtrail', '--actor', 'a'], /--cloudtrail works only with --audit/],
    [['sessions', '--cluster-name', 'prod'], /--cluster-name works only with --audit/],
    [['known', 'actors', ...FILES, '--api', 'http://127.0.0.1:9'], /Give --audit, or one of --api and --table/],
    [['records', ...FILES, '--follow'], /--follow waits for new records of a service/],
    [['records', ...FILES, '--code', 'x'], /--code/],
  ])('is refused: %j', async (args, message) => {
    const { status, errors } = await ask(args);
    expect([status, errors]).toEqual([2, expect.stringMatching(message)]);
  });
});
