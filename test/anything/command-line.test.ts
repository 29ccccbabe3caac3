import { describe, expect, it } from 'vitest';
import { COMMAND_NAMES } from '../../cli/command-names.ts';
import { withWhois } from '../../cli/options/pasted.ts';
import { auditEvent, eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT, ANOTHER_KEY, KEY as BOBS_KEY, ROLE_ARN, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { awsService, iamUser, roleSession, webIdentityUser } from '../builders/trail-callers.ts';
import { callBy, grant as grantRecord } from '../builders/trail-records.ts';
import { cloudTrail, minutesAgo, whois } from '../whois/command.ts';
import { ALICE, assumeRole, type GrantFields } from '../whois/records.ts';
import { FILES } from './examples.ts';

const KEY = 'ASIA77YCHGK2XEXAMPLE';

describe('the word whois may be left out', () => {
  it.each<[string, readonly string[]]>([
    ['a key', [KEY]],
    ['a key before options', [KEY, '--table', 'x']],
    ['a name with a mark of a name', ['jane.doe']],
    ['an email', ['alice@example.com']],
    ['a bare name, where it is said whom to ask', ['alice', '--table', 'x']],
    ['an error line', ['Error from server (Forbidden): pods is forbidden: User "x" cannot list resource "pods"']],
    ['standard input', ['-']],
    ['options only, of what is piped in', ['--table', 'x']],
    ['a question without quotes', ['who', 'deleted', 'pod', 'web-0']],
    ['a question without quotes, and a place', ['who', 'deleted', 'pod', 'web-0', '--table', 'x']],
    ['an object without quotes', ['pod', 'web-0']],
  ])('before %s', (_, words) => {
    expect(withWhois(words, COMMAND_NAMES)).toEqual(['whois', ...words]);
  });

  it.each<[string, readonly string[]]>([
    ['a command', ['records', '--actor', 'alice']],
    ['a command of another', ['kubeconfig', 'list']],
    ['help', ['help', 'records']],
    ['the help of the program', ['--help']],
    ['its version', ['-V']],
    ['a mistyped command', ['recrods']],
    ['a mistyped command with a place', ['recrods', '--table', 'x']],
    ['a mistyped command in capitals', ['Whios', KEY]],
    ['a bare word, where nothing says whom to ask', ['frobnicate']],
  ])('not before %s', (_, words) => {
    expect(withWhois(words, COMMAND_NAMES)).toEqual(words);
  });
});

describe('the role session of a service account', () => {
  it('leads to the requests of the account, and to whoever ran commands in its namespace', async () => {
    using folder = new Folder();
    const account = 'system:serviceaccount:shop:web';
    const provider = 'arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F';
    const record = grantRecord({ id: 'irsa', by: webIdentityUser(account, provider), session: 'pod', key: BOBS_KEY });
    const trail = folder.file('trail.jsonl', JSON.stringify({ ...record, eventName: 'AssumeRoleWithWebIdentity' }));
    const audit = folder.file('audit.jsonl', JSON.stringify(auditEvent({})));
    const { output } = await runCommand([BOBS_KEY, '--audit', audit, '--cloudtrail', trail]);
    expect(output).toContain('This is a service account of a cluster, not a person.');
    expect(output).toContain(`records --username ${account} `);
    expect(output).toContain('records --namespace shop --resource pods/exec ');
    expect(output).not.toContain('--actor');
  });
});

it('the ID of an instance leads to whoever acted under it, not only to the instance', async () => {
  const { status, output } = await runCommand(['i-0a1b2c3d4e5f60718', ...FILES, '-o', 'json']);
  const { sessions } = JSON.parse(output);
  expect(status).toBe(0);
  expect(sessions).toMatchObject([
    { attribution: { status: 'attributed', actor: { name: 'dmitri.volkov' } } },
    { attribution: { status: 'system' }, username: expect.stringMatching(/^system:node:/) }, // as its records say
  ]);
  const { output: text } = await runCommand(['i-0a1b2c3d4e5f60718', ...FILES]);
  expect(text).toMatch(/ SOURCE IPS\n/);
  expect(text).toContain('EC2 sets the ID of an instance as the name of its sessions.');
});

it('the ID of an instance leads to its role, to where its keys called from, and to its requests', async () => {
  using folder = new Folder();
  const instance = 'i-0a1b2c3d4e5f60718';
  const granted = grantRecord({
    id: 'node',
    by: awsService('ec2.amazonaws.com'),
    session: instance,
    key: BOBS_KEY,
    namesRoleUser: false, // as AWS often writes it
  });
  const call = {
    eventID: 'taken',
    eventSource: 'sts.amazonaws.com',
    eventName: 'GetCallerIdentity',
    eventTime: utc('12:20:00'),
    sourceIPAddress: '198.51.100.150',
    userIdentity: { type: 'AssumedRole', principalId: `${ROLE_ID}:${instance}`, accessKeyId: BOBS_KEY },
  };
  const trail = folder.file('trail.jsonl', [granted, call].map((each) => JSON.stringify(each)).join('\n'));
  const { output } = await runCommand([instance, '--cloudtrail', trail]);
  expect(output).toContain(`Looking up the EC2 instance ${instance}.`);
  expect(output).toContain(`Role: ${ROLE_ARN}. Calls to AWS with these access keys: 1 from 198.51.100.150.`);
  expect(output).toContain(`records --session ${BOBS_KEY} `);
  const { output: ofKey } = await runCommand([BOBS_KEY, '--cloudtrail', trail]);
  expect(ofKey).toMatch(/GetCallerIdentity .*198\.51\.100\.150/);
  const byStranger = eventBy(
    roleUser({ session: instance, key: BOBS_KEY, username: 'system:node:ip-192-0-2-1.ec2.internal' }),
    { userAgent: 'kubectl/v1.29.3', requestReceivedTimestamp: utc('12:20:00') },
  );
  const audit = folder.file('audit.jsonl', JSON.stringify(byStranger));
  const { output: ofStranger } = await runCommand([BOBS_KEY, '--audit', audit, '--cloudtrail', trail]);
  expect(ofStranger).toMatch(/this access key being issued to ec2\.amazonaws\.com .*\n(?:.*\n){1,2}unattributed: /);
  const { output: fromThere } = await runCommand(['pod/web-0', '--audit', audit, '--cloudtrail', trail]);
  expect(fromThere).toMatch(/ unattributed node-credentials-used unusual-node-client /);
});

describe('a session whose key was used from another address', () => {
  const LONG_TERM_KEY = 'AKIALARS00000000EXAM';
  const person = iamUser('lars', { accessKeyId: LONG_TERM_KEY });
  const granted = (id: string, session: string, key: string) =>
    grantRecord({ id, session, key, by: person, fields: { sourceIPAddress: '203.0.113.40' } });
  const used = (session: string, key: string, ip: string, at: string) =>
    eventBy(roleUser({ session, key }), { sourceIPs: [ip], requestReceivedTimestamp: utc(at) });

  it.each([
    ['the person', 'lars'],
    ['the long-term key', LONG_TERM_KEY],
  ])('comes first in the list for %s, with all its source IPs and where it was issued', async (_, text) => {
    using folder = new Folder();
    const records = [granted('one', 'taken', BOBS_KEY), granted('two', 'own', ANOTHER_KEY)];
    const events = [
      used('taken', BOBS_KEY, '203.0.113.40', '12:01:00'),
      used('taken', BOBS_KEY, '45.83.64.12', '12:02:00'),
      used('own', ANOTHER_KEY, '203.0.113.40', '12:03:00'),
    ];
    const trail = folder.file('trail.jsonl', records.map((each) => JSON.stringify(each)).join('\n'));
    const audit = folder.file('audit.jsonl', events.map((each) => JSON.stringify(each)).join('\n'));
    const files = ['--audit', audit, '--cloudtrail', trail];
    const { output } = await runCommand([text, ...files]);
    expect(output).toMatch(new RegExp(`${BOBS_KEY}: Assumed from 203\\.0\\.113\\.40.*, used from 45\\.83\\.64\\.12`));
    expect(output).toMatch(/SOURCE IPS\n.*:taken .*45\.83\.64\.12 203\.0\.113\.40\n.*:own .* 203\.0\.113\.40\n/);
    expect(output).toContain(`Next:\n  eks-whois ${BOBS_KEY} --at`);
  });

  it('is found by who looks for requests with the long-term key', async () => {
    using folder = new Folder();
    const trail = folder.file('trail.jsonl', JSON.stringify(granted('one', 'taken', BOBS_KEY)));
    const audit = folder.file('audit.jsonl', JSON.stringify(used('taken', BOBS_KEY, '45.83.64.12', '12:02:00')));
    const files = ['--audit', audit, '--cloudtrail', trail];
    const { errors } = await runCommand(['records', '--key', LONG_TERM_KEY, ...files]);
    expect(errors).toContain(`obtained with it: eks-whois ${[LONG_TERM_KEY, ...files].join(' ')}.`);
  });
});

describe('several texts at once', () => {
  const SHARED = 'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth';
  const OTHER = 'arn:aws:sts::777788889999:assumed-role/payments-developer/ben.okafor';

  it('a candidate stands beside the access key that no grant issued', async () => {
    const { output } = await runCommand(
      ['whois', '-', '--at', '2026-03-10T08:41:00Z', ...FILES],
      `${SHARED}\n${OTHER}`,
    );
    expect(output).toContain('Recognized 2 role session ARNs.');
    expect(output).toMatch(/or somebody with the access key ASIALRSYIHHNVEXAMPLE, from 203\.0\.113\.31 +ambiguous/);
  });

  it('the requests of each are listed with their audit IDs', async () => {
    const refused = (what: string) =>
      `Error from server (Forbidden): ${what} is forbidden: User "${SHARED}" cannot get resource "secrets" in API group "" in the namespace "orders"`;
    const lines = [refused('secrets "orders-db"'), 'Error from server (NotFound): pods "report-runner-0" not found'];
    const { output } = await runCommand(['whois', '-', ...FILES], lines.join('\n'));
    expect(output).toMatch(/^In the audit log, for the session EKSGetTokenAuth .*:\nTIME .*\n.*ana\.silva.*7d8301bd-/m);
    expect(output).toMatch(/^In the audit log, for requests to pods report-runner-0:\nTIME /m);
  });
});

describe('eks-whois', () => {
  it('alone says what to paste, and where to begin', async () => {
    const { output, status, errors } = await runCommand([]);
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    for (const words of ['pbpaste | eks-whois', 'eks-whois doctor', '--cloudtrail', '--table', 'eks-whois --help'])
      expect(output).toContain(words);
    const [example] = /(?<= {2}npx eks-whois ).*examples\/cloudtrail/.exec(output) ?? [''];
    expect((await runCommand(example.split(' '))).status).toBe(0);
  });

  it('with an empty standard input says what to give', async () => {
    const { status, errors } = await runCommand(['whois'], ' \n');
    expect([status, errors]).toEqual([2, expect.stringContaining('There is nothing to look up. Give --uid')]);
  });

  it('suggests a command for a bare word, and how to look up this name', async () => {
    const mistyped = await runCommand(['recrods']);
    expect([mistyped.status, mistyped.errors]).toEqual([2, expect.stringContaining('Did you mean records?')]);
    const { status, errors } = await runCommand(['frobnicate']);
    expect([status, errors]).toEqual([2, expect.stringContaining('To look up this name: eks-whois whois frobnicate')]);
  });

  it.each<[string, readonly string[], string]>([
    ['both', [KEY, '--uid', 'x', ...FILES], 'Leave --uid out'],
    ['an audit id beside it', [KEY, '--audit-id', 'x', '--table', 'y'], 'Leave --audit-id out'],
    ['an audit log without grants', [KEY, '--audit', 'examples/audit'], '--audit needs --cloudtrail'],
    ['files and a service', [KEY, '--table', 'x', ...FILES], 'Give only one of'],
    ['a time ahead', [KEY, '--at', '2999-01-01T00:00:00Z', ...FILES], 'is in the future'],
    ['an option that is mistyped', ['--clodtrail', 'x'], 'Did you mean --cloudtrail?'],
    ['two things on standard input', ['-', '--cloudtrail', '-'], 'can be read only once'],
  ])('refuses %s', async (_, words, message) => {
    const { status, errors, output } = await runCommand(words);
    expect([status, output, errors]).toEqual([2, '', expect.stringContaining(message)]);
  });

  it('recognizes gzip and UTF-16 that is not complete', async () => {
    const { status, errors } = await runCommand(['whois', '-', ...FILES], Buffer.from([0x1f, 0x8b, 8, 0, 0]));
    expect([status, errors]).toEqual([1, expect.stringMatching(/^eks-whois: Standard input .*damaged gzip/)]);
  });
});

describe('a username that contains a session name', () => {
  const user = (name: string, id: string, sessionName: string[] = []) => ({
    username: name,
    uid: `aws-iam-authenticator:111122223333:${id}`,
    ...(sessionName.length > 0 && { extra: { sessionName } }),
  });
  const own = auditEvent({ auditID: 'a-1', user: user('shop-admin', 'AIDAANA0000000000001') });
  const namesake = auditEvent({ auditID: 'b-1', user: user('viewer', 'AROAEVE0000000000001', ['shop-admin']) });

  it.each([
    ['is answered as a username, whatever others call their sessions', [own, namesake], 'the username', ['AIDAANA']],
    ['is a name of sessions alone, where nobody acts under it', [namesake], 'the session name', ['AROAEVE']],
  ])('%s', async (_, events, taken, ids) => {
    using folder = new Folder();
    const audit = folder.file('audit.jsonl', events.map((event) => JSON.stringify(event)).join('\n'));
    const { output } = await runCommand(['shop-admin', '--audit', audit, '--cloudtrail', 'examples/cloudtrail']);
    expect(output).toContain(`Looking up ${taken} shop-admin.`);
    const [rows = ''] = output.split('\nNext:\n');
    expect(rows.match(/AIDAANA|AROAEVE/g)).toEqual(ids);
    expect(rows.includes('These sessions have this name')).toBe(taken === 'the session name');
  });
});

it('an access key in its option has the same answer as a pasted one, with the flags that only the audit log shows', async () => {
  using folder = new Folder();
  const username = 'system:node:ip-192-0-2-1.ec2.internal';
  const event = eventBy(roleUser({ session: 'bob', key: BOBS_KEY, username }), {
    requestReceivedTimestamp: utc('12:20:00'),
  });
  const granted = grantRecord({ id: 'bob', by: iamUser('bob'), session: 'bob', key: BOBS_KEY });
  const files = [
    ...['--audit', folder.file('audit.jsonl', JSON.stringify(event))],
    ...['--cloudtrail', folder.file('trail.jsonl', JSON.stringify(granted))],
  ];
  const answers = [[BOBS_KEY], ['--access-key-id', BOBS_KEY]].map(async (key) => {
    const { output, status } = await runCommand(['whois', ...key, ...files, '-o', 'json']);
    return [status, JSON.parse(output).flags];
  });
  expect(await Promise.all(answers)).toEqual([
    [0, ['node-role-used-by-person']],
    [0, ['node-role-used-by-person']],
  ]);
});

describe('the next commands of a request with several candidates', () => {
  const SESSION = 'bob';
  const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/${SESSION}`;
  const LINE = `Error from server (Forbidden): nodes is forbidden: User "${ARN}" cannot list resource "nodes" in API group "" at the cluster scope`;
  const GRANTS = [
    grantRecord({ id: 'bob', by: iamUser('bob'), session: SESSION, key: BOBS_KEY }),
    grantRecord({ id: 'eve', by: iamUser('eve'), session: SESSION, key: ANOTHER_KEY }),
  ];
  const refused = (key: string, time: string) =>
    eventBy(roleUser({ session: SESSION, key, username: ARN }), {
      auditID: `by-${key}`,
      verb: 'list',
      requestURI: '/api/v1/nodes',
      objectRef: { resource: 'nodes', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 403 },
      requestReceivedTimestamp: time,
    });
  const next = async (keys: readonly string[]) => {
    using folder = new Folder();
    const events = keys.map((key, at) => refused(key, utc(`12:${20 - at}:00`)));
    const lines = (of: readonly object[]) => of.map((each) => JSON.stringify(each)).join('\n');
    const places = ['--audit', folder.file('audit.jsonl', lines(events))];
    const files = [...places, '--cloudtrail', folder.file('trail.jsonl', lines(GRANTS))];
    const { output, status } = await runCommand(['whois', LINE, ...files]);
    expect(status).toBe(3);
    return (output.split('\nNext:\n')[1] ?? '').trim().split('\n');
  };
  const STRANGERS = keyId('ASIASTRANGERSKEY0003');
  const keysIn = (commands: readonly string[]) => commands.flatMap((each) => /\bASIA\w+/.exec(each)?.[0] ?? []);

  it.each([
    ['and one is unknown', [BOBS_KEY, STRANGERS], [STRANGERS, BOBS_KEY]],
    ['and all are known', [BOBS_KEY, ANOTHER_KEY], [BOBS_KEY, ANOTHER_KEY]],
    ['and none is known', [STRANGERS, keyId('ASIASTRANGERSKEY0004')], [STRANGERS, keyId('ASIASTRANGERSKEY0004')]],
  ])(
    "look up each in the same way, unidentified ones first, and list no one's own requests: two keys, %s",
    async (_, keys, expected) => {
      const commands = await next(keys);
      expect(keysIn(commands)).toEqual(expected);
      expect(commands.join('\n')).not.toMatch(/--actor|--session/);
      expect(commands).toContainEqual(expect.stringContaining('--resource nodes --verb list --code 403'));
    },
  );
});

it('the next commands keep the ID of somebody who was asked for by actor ID, because others can have the name', async () => {
  const id = 'iam-user/111122223333/AIDAAHC7PWWNH7EXAMPLE';
  const { output } = await runCommand(['whois', id, ...FILES]);
  expect(output.split('\nNext:\n')[1]).toContain(`--actor ${id}`);
});

it('the next commands ask by actor ID for a person who was found by an audit ID', async () => {
  const { output } = await runCommand(['whois', 'b90d4f36-f87d-47cd-a132-32b7e09aed63', ...FILES]);
  expect(output.split('\nNext:\n')[1]).toContain('--actor iam-user/111122223333/AIDAAHC7PWWNH7EXAMPLE');
});

describe("an IAM user's ARN beside an access key", () => {
  const ofBen = (user: string) =>
    runCommand([
      'whois',
      `arn="arn:aws:iam::111122223333:user/${user}" accessKeyId=ASIAEPSSBBJMDEXAMPLE`,
      ...FILES,
      '-o',
      'json',
    ]);

  it('names no single caller if the key leads to somebody else, and says so', async () => {
    const { status, output } = await ofBen('ana.silva');
    expect(status).toBe(3);
    expect(JSON.parse(output)).toMatchObject({
      status: 'ambiguous',
      candidates: [{ actor: { name: 'ben.okafor' } }],
      note: expect.stringContaining('belongs to the user that the text states'),
    });
  });

  it('is answered by the key if that leads to this very user', async () => {
    const { status, output } = await ofBen('ben.okafor');
    expect([status, JSON.parse(output)]).toMatchObject([0, { status: 'attributed', actor: { name: 'ben.okafor' } }]);
  });
});

it('the name of somebody leads to the requests that impersonated a Kubernetes user of that name', async () => {
  using folder = new Folder();
  const impersonating = (auditID: string) =>
    auditEvent({
      auditID,
      user: roleUser({ session: 'ops', key: ANOTHER_KEY }),
      impersonatedUser: { username: 'alice' },
    });
  const events = [auditEvent(), impersonating('one'), impersonating('two')];
  const grants = [grantRecord(), grantRecord({ id: 'ops', session: 'ops', key: ANOTHER_KEY, by: iamUser('mallory') })];
  const audit = folder.file('audit.jsonl', events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const files = ['--audit', audit, '--cloudtrail', folder.file('trail.json', JSON.stringify({ Records: grants }))];
  const { output } = await runCommand(['whois', 'alice', ...files]);
  expect(output).toContain('2 requests impersonated the Kubernetes user alice, and are not among these.');
  const listed = await runCommand(['attribute', ...files, '--flag', 'impersonation']);
  expect(listed.output.match(/"auditId":"(?:one|two)"/g)).toHaveLength(2);
  expect((await runCommand(['whois', 'mallory', ...files])).output).not.toContain('impersonated the');
});

describe('over the event history', () => {
  const grant: GrantFields = {
    caller: ALICE,
    key: 'ASIADEV0000000000001',
    roleId: 'AROADEV0000000000001',
    role: 'shop-dev',
    name: 'EKSGetTokenAuth',
  };
  const ROLE = `arn:aws:iam::${ALICE.accountId}:role/shop-dev`;
  const PLACE = ['--profile', 'home', '--region', 'eu-west-1'];

  it.each<[string, string, string]>([
    ['a key', grant.key, 'alice  (IAM user)  attributed, by access key'],
    ['a role by its ARN', ROLE, 'alice  attributed'],
    ['a user by the ARN', ALICE.arn, 'alice  attributed'],
    ['a user by name', 'alice', 'alice  attributed'],
    ["a session's ARN", `arn:aws:sts::${ALICE.accountId}:assumed-role/shop-dev/EKSGetTokenAuth`, 'alice  (IAM user)'],
  ])('%s is looked up', async (_, text, expected) => {
    const server = await cloudTrail([assumeRole(grant)]);
    const ran = await whois(server, [text, ...PLACE]);
    expect([ran.status, ran.stdout], ran.stderr).toEqual([0, expect.stringContaining(expected)]);
    expect(ran.stderr).toContain('LookupEvents requests in 1 of 1 account and Region pairs');
  });

  it('the event ID of a record is looked up, and its caller', async () => {
    const record = assumeRole(grant) as { readonly eventID: string };
    const server = await cloudTrail([record]);
    const ran = await whois(server, [record.eventID, ...PLACE]);
    expect(ran.stdout).toContain('Request: AssumeRole at ');
    expect(ran.stdout).toContain('alice  (IAM user)  attributed, by access key');
  });

  it('reports in a sentence which Region did not answer', async () => {
    const server = await cloudTrail([]);
    server.setFault({ kind: 'access-denied', region: 'eu-west-1' });
    const ran = await whois(server, [ROLE, ...PLACE]);
    expect([ran.status, ran.stderr]).toEqual([
      1,
      expect.stringContaining('CloudTrail did not answer in any account or Region'),
    ]);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
  });

  it('reports an event from before the event history, instead of an unidentified actor', async () => {
    const server = await cloudTrail([]);
    const old = { kind: 'Event', apiVersion: 'audit.k8s.io/v1', auditID: 'x', stage: 'ResponseComplete', verb: 'get' };
    const user = { username: 'a', uid: `aws-iam-authenticator:${ALICE.accountId}:${grant.roleId}` };
    const event = { ...old, user, requestReceivedTimestamp: minutesAgo(200 * 24 * 60) };
    const ran = await whois(server, [JSON.stringify(event), ...PLACE]);
    expect([ran.status, ran.stderr]).toEqual([1, expect.stringContaining('event history covers 90 days')]);
  });

  it('a key that no grant issued has the calls that it signed, from the event history too', async () => {
    const denial = {
      ...callBy(roleSession({ roleId: ROLE_ID, session: 'x', key: KEY })),
      eventName: 'AssumeRole',
      eventTime: minutesAgo(30),
      errorCode: 'AccessDenied',
      requestParameters: { roleArn: 'arn:aws:iam::444455556666:role/admin' },
      responseElements: null,
    };
    const { stdout, status } = await whois(await cloudTrail([denial]), [KEY, ...PLACE]);
    expect([status, stdout]).toEqual([
      4,
      expect.stringMatching(/sts:AssumeRole +AccessDenied +arn:aws:iam::444455556666:role\/admin/),
    ]);
  });
});

it('an AccessDenied line has the calls that AWS refused with it, as leads', async () => {
  using folder = new Folder();
  const user = 'arn:aws:iam::111122223333:user/mallory';
  const refusal = `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${ROLE_ARN}`;
  const fields = {
    eventName: 'AssumeRole',
    eventTime: utc('12:20:00'),
    errorCode: 'AccessDenied',
    errorMessage: refusal,
  };
  const call = callBy(iamUser('mallory'), { ...fields, sourceIPAddress: '198.51.100.150', requestParameters: null });
  const trail = folder.file('trail.jsonl', JSON.stringify(call));
  const { output } = await runCommand([`AccessDenied: ${refusal}`, '--cloudtrail', trail]);
  expect(output).toMatch(
    /Calls that AWS refused with this message.*\nWHO .*\nmallory +AKIAMALLORY000000000 +2026-03-10T12:20:00Z +sts:AssumeRole +AccessDenied .* 198\.51\.100\.150 /,
  );
});
