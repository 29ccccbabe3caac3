import { describe, expect, it } from 'vitest';
import { Folder, runCommand } from '../builders/command.ts';
import { cloudTrail, HOME_ACCOUNT, minutesAgo, OTHER_ACCOUNT, start, trailFile, whois } from './command.ts';
import { ALICE, assumeRole, BOB, callerIdentity, EC2, type GrantFields, sessionOf } from './records.ts';

const DEV: GrantFields = {
  caller: ALICE,
  key: 'ASIADEV0000000000001',
  roleId: 'AROADEV0000000000001',
  role: 'shop-dev',
  name: 'EKSGetTokenAuth',
};
const PROD: GrantFields = {
  caller: sessionOf(DEV),
  key: 'ASIAPROD000000000001',
  roleId: 'AROAPROD000000000001',
  role: 'shop-prod',
  name: 'hop',
  ago: 50,
};
const HOME = ['--profile', 'home'];
const nowhere = { url: 'http://127.0.0.1:9' };

describe('whois over LookupEvents', () => {
  it('finds the grant of a key with one request in each Region, and is never throttled', async () => {
    const server = await cloudTrail([assumeRole(DEV)]);
    const ran = await whois(server, ['--access-key-id', DEV.key, '--at', minutesAgo(40), ...HOME]);
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stdout).toContain('alice  (IAM user)  attributed, by access key');
    expect(server.requests).toHaveLength(17);
    expect(new Set(server.requests.map(({ region }) => region)).size).toBe(17);
    expect(server.requests.map(({ outcome }) => outcome)).not.toContain('ThrottlingException');
  });

  it('makes one more request for each hop of a role chain', async () => {
    const server = await cloudTrail([assumeRole(DEV), assumeRole(PROD)]);
    const args = ['--access-key-id', PROD.key, '--at', minutesAgo(40), '--region', 'eu-west-1', ...HOME];
    const ran = await whois(server, [...args, '--output', 'json']);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      status: 'attributed',
      method: 'access-key',
      actor: { name: 'alice' },
      chain: [{ roleId: DEV.roleId }, { roleId: PROD.roleId }],
    });
    expect(server.requests).toHaveLength(2);
  });

  it('searches the uses of a key that no grant lists, and finds the session by its start', async () => {
    const console = { ...DEV, key: 'ASIACONSOLE000000001' };
    const server = await cloudTrail([assumeRole(DEV), callerIdentity(sessionOf(console))]);
    const args = ['--access-key-id', console.key, '--at', minutesAgo(40), '--region', 'eu-west-1', ...HOME];
    const ran = await whois(server, [...args, '--output', 'json']);
    expect(JSON.parse(ran.stdout)).toMatchObject({ method: 'session-start', actor: { name: 'alice' } });
    expect(server.requests.map(({ outcome }) => outcome)).not.toContain('ThrottlingException');
  });

  it('names the user who owns a long-term key', async () => {
    const server = await cloudTrail([callerIdentity(ALICE)]);
    const ran = await whois(server, ['--access-key-id', ALICE.accessKeyId, '--region', 'eu-west-1', ...HOME]);
    expect(ran.stdout).toContain('alice  (IAM user)  attributed, directly');
  });

  it('reports a name that two people share as ambiguous, with exit status 3, over all pages', async () => {
    const others = Array.from({ length: 60 }, (_, at) =>
      assumeRole({ ...DEV, key: `ASIADEV00000000001${String(at).padStart(2, '0')}`, ago: 61 }),
    );
    const last = assumeRole({ ...DEV, caller: BOB, key: 'ASIADEV0000000000099', ago: 90 });
    const server = await cloudTrail([...others, last]);
    const principal = `${DEV.roleId}:${DEV.name}`;
    const args = ['--principal', principal, '--at', minutesAgo(40), '--region', 'eu-west-1', ...HOME];
    const ran = await whois(server, args);
    expect(ran.status).toBe(3);
    expect(ran.stdout).toContain('alice');
    expect(ran.stdout).toContain('bob');
    const answered = server.requests.filter(({ outcome }) => outcome !== 'ThrottlingException'); // a busy machine sends some too soon
    expect(answered).toHaveLength(4); // by role and name, and by the bare name, each of two pages
  });

  it('follows a chain into another account by its profile', async () => {
    const sharedEventID = 'shared-1';
    const hop = { ...DEV, account: OTHER_ACCOUNT, key: 'ASIAHOP0000000000001', sharedEventID };
    const seenByOwner = {
      ...hop,
      caller: { type: 'AWSAccount', principalId: ALICE.principalId, accountId: HOME_ACCOUNT },
    };
    const seenByCaller = { ...assumeRole(hop), recipientAccountId: HOME_ACCOUNT };
    const server = await cloudTrail([assumeRole(seenByOwner), seenByCaller]);
    const args = ['--access-key-id', hop.key, '--at', minutesAgo(40), '--region', 'eu-west-1', '--output', 'json'];
    const alone = JSON.parse((await whois(server, [...args, '--profile', 'other'])).stdout);
    expect(alone).toMatchObject({ status: 'partial', reason: 'caller-account-not-logged' });
    const both = JSON.parse((await whois(server, [...args, '--profile', 'other', '--profile', 'home'])).stdout);
    expect(both).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
    expect(both.chain[0].eventIds).toHaveLength(2);
  });

  it('says why the actor is unidentified, where it searched, and what to try, with exit status 4', async () => {
    const server = await cloudTrail([]);
    const ran = await whois(server, ['--principal', 'AROAX0000000000000001:nobody', '--at', minutesAgo(90), ...HOME]);
    expect(ran.status).toBe(4);
    expect(ran.stdout).toMatch(/why +no-matching-grant: No grant of this session is known\./);
    expect(ran.stdout).toMatch(/try +Search further back/);
    expect(ran.stderr).toMatch(/34 LookupEvents requests in 17 of 17 account and Region pairs/);
  });

  it('suggests files, and nothing about AWS, if files were read', async () => {
    using folder = new Folder();
    const trail = folder.file('trail.json', '{"Records":[]}');
    const ran = await runCommand(['whois', '--principal', 'AROAX0000000000000001:nobody', '--cloudtrail', trail]);
    expect([ran.status, ran.output]).toEqual([
      4,
      expect.stringMatching(/try +Add the files of the trails in other Regions/),
    ]);
    expect(ran.output).not.toMatch(/--(?:region|profile|lookback)/);
  });

  it('names an access key that no grant issued, and where it searched', async () => {
    using folder = new Folder();
    const trail = folder.file('trail.json', '{"Records":[]}');
    for (const args of [['--access-key-id', 'ASIAUNKNOWN000000001'], ['ASIAUNKNOWN000000001']]) {
      const ran = await runCommand(['whois', ...args, '--cloudtrail', trail]);
      expect(ran.output).toContain('No grant in these files issued the access key ASIAUNKNOWN000000001.');
    }
  });

  it('reports a miss as pending while the grant may still arrive, with exit status 5', async () => {
    const server = await cloudTrail([]);
    const args = ['--principal', 'AROAX0000000000000001:nobody', '--at', minutesAgo(2), '--region', 'eu-west-1'];
    const ran = await whois(server, [...args, ...HOME]);
    expect(ran.status).toBe(5);
  });

  it('retries after throttling, a server error and a broken connection', async () => {
    const server = await cloudTrail([assumeRole(DEV)]);
    server.setFault({ kind: 'throttle', times: 1 });
    server.setFault({ kind: 'server-error', status: 503, times: 1 });
    server.setFault({ kind: 'reset', times: 1 });
    const ran = await whois(server, ['--access-key-id', DEV.key, '--region', 'eu-west-1', ...HOME]);
    expect(ran.status).toBe(0);
    expect(server.requests).toHaveLength(4);
  });

  it('says which Region did not answer, and answers from the others', async () => {
    const server = await cloudTrail([assumeRole(DEV)]);
    server.setFault({ kind: 'access-denied', region: 'eu-central-1' });
    const ran = await whois(server, ['--access-key-id', DEV.key, '--at', minutesAgo(40), ...HOME]);
    expect(ran.status).toBe(0);
    expect(ran.stderr).toContain('home eu-central-1 did not answer: the permission cloudtrail:LookupEvents is missing');
  });

  it('reports in one sentence that the credentials have expired, with exit status 1', async () => {
    const server = await cloudTrail([]);
    server.setFault({ kind: 'expired-token' });
    const ran = await whois(server, ['--access-key-id', DEV.key, ...HOME]);
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/credentials are missing, expired or rejected .* choose another --profile/);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });

  it('reports a profile that does not exist, whichever credentials the machine has', async () => {
    const server = await cloudTrail([]);
    const ran = await whois(server, ['--access-key-id', DEV.key, '--profile', 'home', '--profile', 'nope']);
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^eks-whois: There is no AWS profile nope in .*\. Check --profile\.\n$/);
    expect(server.requests).toEqual([]);
  });

  it('ends cleanly at Ctrl-C', async () => {
    const server = await cloudTrail([]);
    server.setFault({ kind: 'hang' });
    const running = await start(server, ['--access-key-id', DEV.key, '--region', 'eu-west-1', ...HOME]);
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    running.interrupt();
    const ran = await running.done;
    expect(ran).toMatchObject({ status: 130, stdout: '' });
    expect(ran.stderr).toBe('eks-whois: Interrupted; nothing was changed.\n');
  });
});

describe('the look-back of whois', () => {
  const shared = { ...DEV, name: 'EKSGetTokenAuth' };
  const bobs = assumeRole({ ...shared, caller: BOB, key: 'ASIABOB0000000000001', ago: 50 });
  const alices = assumeRole({ ...shared, caller: ALICE, key: 'ASIAALICE00000000001', ago: 110 });
  const options = ['--principal', `${shared.roleId}:${shared.name}`, '--at', minutesAgo(30)];

  it('includes all grants of files that match a time, however short --lookback is', async () => {
    const files = await trailFile([bobs, alices]);
    const { status, stdout } = await whois({ url: 'http://127.0.0.1:9' }, [...options, '--lookback', '1', ...files]);
    expect({ status, stdout }).toMatchObject({ status: 3, stdout: expect.stringContaining('alice') });
  });

  it('makes an answer by name incomplete if it is shorter than a session can last', async () => {
    const server = await cloudTrail([bobs, alices]);
    const where = ['--region', 'eu-west-1', ...HOME];
    const short = await whois(server, [...options, '--lookback', '1', '--output', 'json', ...where]);
    expect(JSON.parse(short.stdout)).toMatchObject({ status: 'attributed', provisional: false, complete: false });
    expect(short.stderr).toContain('a session can have started before the --lookback period');
    const text = await whois(server, [...options, '--lookback', '1', ...where]);
    expect(text.stdout).toContain('Not everything was searched: somebody else is possible.\n');
    expect(text.stdout).toContain(
      '\nNot all of CloudTrail was searched, so another session of this name may be unknown.',
    );
    expect((await whois(server, [...options, ...where])).status).toBe(3);
  });

  it('reports that the event history has 90 days, instead of an unidentified actor', async () => {
    const ran = await whois({ url: 'http://127.0.0.1:9' }, [
      '--access-key-id',
      DEV.key,
      '--at',
      '2025-01-01T00:00:00Z',
    ]);
    expect(ran).toMatchObject({ status: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^eks-whois: CloudTrail event history covers 90 days, .*--cloudtrail.*\n$/);
    const ahead = minutesAgo(-24 * 60);
    const ran2 = await whois({ url: 'http://127.0.0.1:9' }, ['--access-key-id', DEV.key, '--at', ahead]);
    expect(ran2).toMatchObject({ status: 2, stderr: expect.stringContaining('is in the future') });
  });

  it("accepts a temporary key as a user's if it can have been valid then, not years later", async () => {
    const key = 'ASIAALICE00000000009';
    const began = '2019-03-10T08:00:00Z';
    const identity = { ...ALICE, accessKeyId: key, sessionContext: { attributes: { creationDate: began } } };
    const files = await trailFile([callerIdentity(identity)]);
    const at = (time: string) => whois({ url: 'http://127.0.0.1:9' }, ['--access-key-id', key, '--at', time, ...files]);
    expect((await at('2019-03-10T09:00:00Z')).stdout).toContain('alice  (IAM user)  attributed, directly');
    expect((await at('2026-03-10T09:00:00Z')).stdout).toContain('no-matching-grant');
  });
});

describe('wrong usage of whois', () => {
  it.each([
    [
      [],
      'There is nothing to look up. Give --uid and --username, --principal, --access-key-id or --audit-id, or paste',
    ],
    [
      ['--uid', 'aws-iam-authenticator:111122223333:AROAX0000000000000001'],
      'eks-whois: --uid needs --username. Give both.',
    ],
    [['--uid', '', '--username', ''], '--username: The username is empty. Take it from the audit event.'],
    [['--username', 'alice'], 'eks-whois: --username needs --uid. Give both.'],
    [['--principal', 'alice'], 'is not a session'],
    [['--access-key-id', 'alice'], 'is not an access key ID'],
    [
      ['--access-key-id', DEV.key, '--at', 'tomorrow'],
      'Give a time like 2026-03-10T14:03:00Z, 2026-03-10, yesterday, 08:00, 2h, 1w, 1mo or "2 days ago".',
    ],
    [['--access-key-id', DEV.key, '--at', '2099-01-01T00:00:00Z'], '--at 2099-01-01T00:00:00Z is in the future'],
    [['--access-key-id', DEV.key, '--at', '2099-01-01T00:00:00Z', '--cloudtrail', '.'], 'is in the future'],
    [['--access-key-id', DEV.key, '--at', '2099-01-01T00:00:00Z', '--api', 'http://127.0.0.1:9'], 'is in the future'],
    [
      [
        '--uid',
        DEV.roleId,
        '--username',
        'arn:aws:sts::111122223333:assumed-role/shop-dev/jane',
        '--access-key-id',
        DEV.key,
      ],
      `for example aws-iam-authenticator:111122223333:${DEV.roleId}`,
    ],
    [
      ['--uid', 'x', '--username', 'y', '--access-key-id', DEV.key],
      '--access-key-id: The uid x is not an IAM identity',
    ],
    [['--audit-id', 'x', '--table', 'x', '--at', '2h'], '--audit-id cannot be combined with --at. Leave one out.'],
    [
      ['--principal', `${DEV.roleId}:jane`, '--audit', 'x', '--cloudtrail', 'x'],
      '--audit cannot be combined with --principal, which reads no audit files. Leave --audit out. To search audit files, paste the value before the options, without --principal.',
    ],
    [['--audit', 'x', '--cloudtrail', 'x'], '--audit works only with pasted text, and there is none.'],
    [['--audit-id', 'x', '--audit', 'x', '--cloudtrail', 'x'], 'To search files, paste the audit ID'],
    [['--access-key-id', DEV.key, '--lookback', '0'], 'Give a number of hours'],
    [['--audit-id', 'x'], 'Add --api, --table or --service'],
    [
      ['--access-key-id', DEV.key, '--api', 'http://127.0.0.1:9', '--username-template', '{{SessionName}}'],
      '--username-template has no effect with --api',
    ],
    [['--access-key-id', DEV.key, '--username-template', '{{Name}}'], 'placeholder {{Name}}'],
    [['--access-key-id', DEV.key, '--username-template', '{{ SessionName }}'], 'which is not a complete placeholder'],
    [['--access-key-id', DEV.key, '--username-template', ''], 'A username template is empty'],
    [['--access-key-id', DEV.key, '--region', ''], '--region "" is not an AWS Region. Give one like eu-west-1'],
    [['--access-key-id', DEV.key, '--region', 'eu-west-1,us-east-1'], 'several as --region one --region other'],
    [['--access-key-id', DEV.key, '--profile', ''], '--profile is empty'],
    [['--access-key-id', DEV.key, '--cloudtrail', ''], '--cloudtrail is empty'],
    [['--access-key-id', DEV.key, '--table', ''], '--table is empty'],
    [['--audit-id', '', '--table', 'x'], '--audit-id is empty'],
    [['--access-key-id', DEV.key, '--cloudtrail', 'x', '--region', 'us-east-1'], 'Leave --region and --profile out'],
    [['--access-key-id', DEV.key, '--cloudtrail', 'x', '--profile', 'home'], 'Leave --region and --profile out'],
  ])('%j: exit status 2 and a sentence', async (args, sentence) => {
    const ran = await whois(nowhere, args);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain(sentence);
  });
});

describe('an answer states its certainty', () => {
  it('for a user of another authenticator, who is no AWS identity', async () => {
    const ran = await whois(nowhere, ['--uid', 'x', '--username', 'y', ...(await trailFile([]))]);
    expect(ran.status).toBe(0);
    expect(ran.stdout).toContain('Not checked against AWS: another authenticator states this user');
    expect(ran.stdout).not.toContain('Certain');
  });

  it("for a user whose uid comes with another user's access key", async () => {
    const uid = `aws-iam-authenticator:${HOME_ACCOUNT}:${ALICE.principalId}`;
    const answerTo = async (key: string, ...records: readonly object[]) => {
      const files = await trailFile([callerIdentity(ALICE), callerIdentity(BOB), ...records]);
      return whois(nowhere, ['--uid', uid, '--username', 'ali', '--access-key-id', key, ...files]);
    };
    expect((await answerTo(ALICE.accessKeyId)).stdout).toContain(
      'Certain: this is the user itself, not a session of a role, and no CloudTrail record known here shows this access key with anybody else.',
    );
    expect(await answerTo(BOB.accessKeyId)).toMatchObject({ status: 3 });
    const session = await answerTo(DEV.key, assumeRole({ ...DEV, caller: BOB }));
    expect(session.stdout).toContain('Not certain: several actors are possible.');
  });

  it('for several people with one name: a key is suggested only if there may be one', async () => {
    const files = await trailFile([assumeRole(DEV), assumeRole({ ...DEV, caller: BOB, key: 'ASIADEV0000000000002' })]);
    const ran = await whois(nowhere, ['--principal', `${DEV.roleId}:${DEV.name}`, ...files]);
    expect(ran.stdout).toContain('If the audit event has user.extra.accessKeyId, add that key (--access-key-id)');
    expect(ran.stdout).toContain('Add the time of the request (--at)');
    const json = await whois(nowhere, ['--principal', `${DEV.roleId}:${DEV.name}`, ...files, '--output', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      status: 'ambiguous',
      caller: { kind: 'role-session', roleId: DEV.roleId, sessionName: DEV.name },
    });
  });

  it("for a grant to a service without a role ID: the role's ARN decides whether it matches", async () => {
    const service = { ...DEV, caller: EC2, key: 'ASIADEV0000000000003', role: 'other-role', namesRoleUser: false };
    const files = await trailFile([assumeRole(DEV), assumeRole(service)]);
    const given = ['--principal', `${DEV.roleId}:${DEV.name}`];
    const arn = `arn:aws:sts::${HOME_ACCOUNT}:assumed-role/${DEV.role}/${DEV.name}`;
    const ran = await whois(nowhere, [...given, '--arn', arn, '--session-name', DEV.name, ...files]);
    expect(ran.stdout).toContain('alice  (IAM user)  attributed, by session name');
  });
});
