import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deployed, environment } from '../functions/deployed.ts';
import { type DeployedTables, startWithExamples, TABLE } from '../records/deployed-tables.ts';
import { EXEC, exampleLine, exampleLines, jsonOf, printedCommands } from './examples.ts';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

const KEY = 'ASIA77YCHGK2XEXAMPLE';
const AT = '2026-03-10T15:03:03Z';
const EXECS_ID = '60e442b4-3ced-423b-a0e2-2c3a7220f24e';

let tables: DeployedTables;
let handler: Handler;

beforeAll(async () => {
  tables = await startWithExamples();
  const names = {
    SESSIONS_TABLE: `${TABLE}-sessions`,
    CLAIMS_TABLE: `${TABLE}-claims`,
    RECORDS_TABLE: `${TABLE}-records`,
  };
  const own = environment(deployed({}), 'api');
  for (const [name, value] of Object.entries({ ...own, ...names, ...tables.environment, LOOKUPS: 'off' }))
    vi.stubEnv(name, value);
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'true');
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.spyOn(console, 'info').mockImplementation(() => undefined);
  handler = (await import('../../functions/api.ts')).handler as unknown as Handler;
});

afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await tables?.stop();
});

async function ask(q: string, more: Readonly<Record<string, string>> = {}) {
  const rawQueryString = new URLSearchParams({ q, ...more }).toString();
  const request = { routeKey: 'GET /whois', rawPath: '/whois', rawQueryString, requestContext: { requestId: 'q' } };
  const context = { awsRequestId: 'q', getRemainingTimeInMillis: () => 30_000 };
  const { statusCode, body = '' } = await handler(request as never, context as Context);
  return { status: statusCode, body: jsonOf(body) };
}

const run = (...words: readonly string[]) => tables.run(words);

/** Returns a printed command without its table, which `run` adds. */
function withoutTable(command: readonly string[]): readonly string[] {
  return command.filter((word) => word !== '--table' && word !== TABLE);
}

/**
 * `--output json` writes the attribution's fields, where the API has the attribution. Its commands also name the tables, which are
 * removed here.
 */
async function answered(...words: readonly string[]) {
  const { output: written, errors, status } = await run(...words, '-o', 'json');
  const output = written.replaceAll(` --table ${TABLE}`, '');
  expect(output, errors).not.toBe('');
  const {
    next: _next,
    recognized,
    subject,
    caller,
    request,
    records,
    answers,
    sessions,
    left,
    note,
    inLog,
    similar,
    unidentified,
    complete,
    recorded,
    keyUses,
    firstUses,
    ...attribution
  } = jsonOf(output);
  const rest = {
    recognized,
    subject,
    caller,
    request,
    records,
    answers,
    sessions,
    left,
    note,
    inLog,
    similar,
    unidentified,
    complete,
    recorded,
    keyUses,
    firstUses,
  };
  const body = sessions === undefined && answers === undefined ? { ...rest, attribution } : { ...rest, ...attribution };
  return { status, body: JSON.parse(JSON.stringify(body)) };
}

describe('the tables and the API give the same answers to anything', () => {
  it.each<[string, string, string[]]>([
    ['an audit event', exampleLine('"verb":"list"'), []],
    ['several audit events', exampleLines().slice(20, 23).join('\n'), []],
    ['a key', KEY, [AT]],
    [
      "a session's ARN",
      'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth',
      ['2026-03-10T08:30:00Z'],
    ],
    ['a person', 'ana.silva', []],
    ['a person in other letters', 'EMMA.FISCHER@example.com', []],
    ['a role', 'payments-developer', []],
    ['an audit id', EXECS_ID, []],
    ['a service account whose token a person used', 'system:serviceaccount:reports:report-exporter', []],
    ['a node whose role a person used', 'system:node:ip-192-0-2-101.eu-west-1.compute.internal', []],
    ['an email behind the prefix of OIDC users', 'lena.novak@example.com', []],
    ['an email that a proxy acted as', 'mira.jansen@example.com', []],
    ['a service account as which a person acted', 'system:serviceaccount:orders:checkout', []],
    [
      'an error line',
      'secrets "orders-db" is forbidden: User "arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth" cannot get resource "secrets" in API group "" in the namespace "orders"',
      [],
    ],
    [
      'a line that fits requests of several callers',
      'user=arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth verb=list uri=/api/v1/namespaces/orders/pods',
      [],
    ],
    ['a user of OIDC', 'system:serviceaccount:argocd:argocd-application-controller', []],
  ])('%s', async (_, text, [at]) => {
    const answer = await ask(text, at === undefined ? {} : { at });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const { body } = await answered('whois', text, ...(at === undefined ? [] : ['--at', at]));
    expect(body).toEqual(answer.body);
  });
});

describe('GET /whois?q=', () => {
  it('says what it recognized, who is behind it, and what the request was', async () => {
    const { body } = await ask(exampleLine(EXEC));
    expect(body).toMatchObject({
      recognized: { as: 'an audit event', notes: [] },
      attribution: { status: 'attributed', method: 'access-key', actor: { name: 'ana.silva' } },
      caller: { kind: 'role-session', accessKeyId: 'ASIATMFNRFYKCEXAMPLE' },
      request: { verb: 'create', resource: 'pods', subresource: 'exec', cluster: 'prod', ips: ['203.0.113.11'] },
    });
  });

  it.each([
    ['ben.okafor', '2026-03-10T08:03:40Z', 'ASIAEPSSBBJMDEXAMPLE'],
    ['orders-developer', '2026-03-10T08:20:00Z', 'ASIATMFNRFYKCEXAMPLE'],
  ])('lists, for %s, the sessions first that could act at %s', async (text, at, key) => {
    const { body } = await ask(text, { at });
    expect(body.sessions).toMatchObject([{ accessKeyId: key }, ...(body.sessions as readonly object[]).slice(1)]);
    expect(body.note).toMatch(/^\d of \d sessions (?:was|were) valid at 2026-03-10T\S+Z and comes? first\. The other/);
    const { body: over } = await answered(text, '--at', at);
    expect(over).toMatchObject({ sessions: body.sessions, note: body.note });
  });

  it.each([
    ['ANA.Silvaa', 'ana.silva'],
    ['order-developer', 'orders-developer'],
  ])('gives similar names for %s, which is unknown', async (text, near) => {
    const { status, body } = await ask(text);
    expect([status, body.detail]).toEqual([404, expect.stringContaining(`Similar names: ${near}`)]);
    const files = await run(text, '-o', 'text');
    expect([files.status, files.output]).toEqual([4, expect.stringContaining(`Similar names: ${near}`)]);
  });

  it('lists the nearest session first if none could act at that time', async () => {
    const { body } = await ask('ben.okafor', { at: '2026-03-10T02:00:00Z' });
    expect(body.sessions).toMatchObject([{ accessKeyId: 'ASIAEPSSBBJMDEXAMPLE' }, {}, {}]);
    expect(body.note).toMatch(/^As far as is known, none of these sessions was valid at 2026-03-10T02:00:00Z/);
  });

  it('shows the actor of each session of a role', async () => {
    const { body } = await ask('arn:aws:iam::777788889999:role/projects/payments-developer');
    const sessions = body.sessions as readonly { role: string; attribution: { actor?: { name: string } } }[];
    for (const { role } of sessions) expect(role).toMatch(/payments-developer|AROADMCQVBBMI6EXAMPLE/);
    expect(sessions.map(({ attribution }) => attribution.actor?.name)).toEqual(
      expect.arrayContaining(['ana.silva', 'ben.okafor', 'chloe.martin']),
    );
  });

  it.each<[string, string, string, object]>([
    [
      'a service account',
      'system:serviceaccount:reports:report-exporter',
      'chloe.martin',
      { username: 'system:serviceaccount:reports:report-exporter', records: 2 },
    ],
    ['a node', 'system:node:ip-192-0-2-101.eu-west-1.compute.internal', 'dmitri.volkov', { records: 2 }],
  ])('shows who acted under the username of %s', async (_, text, name, session) => {
    const { body } = await ask(text);
    expect(body.sessions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...session,
          attribution: expect.objectContaining({ actor: expect.objectContaining({ name }) }),
        }),
      ]),
    );
  });

  it.each([
    [
      'lena.novak@example.com',
      'oidc:lena.novak@example.com',
      /Sessions that others gave the name lena\.novak@example\.com, .* were not searched\./,
    ],
    ['mira.jansen@example.com', 'teleport:teleport-kube-agent', /the flag impersonation acted as this user/],
    ['system:serviceaccount:orders:checkout', 'chloe.martin', /impersonated/],
  ])('finds %s, which is part of another name', async (text, name, note) => {
    const { status, body } = await ask(text);
    expect([status, body.sessions]).toMatchObject([200, [{ attribution: { actor: { name } } }]]);
    expect(String(body.note)).toMatch(note);
  });

  it.each([
    ['a person', 'ben.okafor'],
    ["an IAM user's ARN", 'arn:aws:iam::111122223333:user/ben.okafor'],
    ['an IAM user ARN at a time', 'arn:aws:iam::111122223333:user/ben.okafor', '--at', '2026-03-10T08:03:40Z'],
    [
      'a session of several people',
      'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth',
      '--at',
      '2026-03-10T08:03:40Z',
    ],
    ['an instance', 'i-0a1b2c3d4e5f60718'],
    ['a username', 'system:serviceaccount:reports:report-exporter'],
  ])('prints only commands that are accepted, and next only those that find something: %s', async (_, ...words) => {
    const { output } = await run(...words, '-o', 'text');
    const [answer = ''] = output.split('\nNext:\n');
    const inWords = [...answer.matchAll(/eks-whois (records (?:--\S+ [^-\s,.][^\s,]*?(?=[\s,]|\.\s) ?)+)/g)];
    for (const [, command = ''] of inWords.filter(([text]) => !/NAME|TIME/.test(text))) {
      expect(command).toContain(`--table ${TABLE}`);
      const ran = await run(...withoutTable(command.trim().split(' ')));
      expect(ran.status, `${command}: ${ran.errors}`).toBe(0);
    }
    const next = printedCommands(output);
    expect(next.length).toBeGreaterThan(0);
    for (const command of next.filter(([first]) => first !== 'doctor' && first !== 'incident')) {
      const ran = await run(...withoutTable(command));
      expect([0, 3, 4], `${command.join(' ')}: ${ran.errors}`).toContain(ran.status);
      expect(ran.errors, command.join(' ')).not.toMatch(/No records/);
      expect(ran.output, `${command.join(' ')}: ${output}`).not.toBe('');
    }
  });

  it('leads from a service account, and from an event of a pod of it, to its own requests', async () => {
    const username = 'system:serviceaccount:kube-system:coredns';
    const [own = []] = printedCommands((await run(username, '-o', 'text')).output);
    expect(own).toEqual(['records', '--username', username, '--table', TABLE, '--since', '24h']);
    const [ofEvent = []] = printedCommands((await run(exampleLine(`"username":"${username}"`), '-o', 'text')).output);
    expect(ofEvent).toEqual(expect.arrayContaining(['records', '--username', username, '--cluster', 'prod', '--from']));
    const { output } = await run(...ofEvent.slice(0, -2), '-o', 'jsonl');
    const callers = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).caller.username);
    expect([callers.length > 1, new Set(callers)]).toEqual([true, new Set([username])]);
    const { errors, status } = await run('records', '--username', username, '--all-clusters');
    expect([status, errors]).toEqual([
      2,
      expect.stringContaining('--username: Searching by username needs one more filter: a namespace, a cluster'),
    ]);
  });

  it('names nobody for an event that differs from the record with its ID, which the client chose', async () => {
    const other = {
      ...JSON.parse(exampleLine(EXEC)),
      verb: 'delete',
      requestReceivedTimestamp: '2026-03-10T08:40:00.000000Z',
    };
    const { body } = await ask(JSON.stringify(other));
    expect(body).toMatchObject({ attribution: { status: 'ambiguous' }, request: { verb: 'delete' } });
    expect(body).toMatchObject({ inLog: { result: 'similar', differs: expect.arrayContaining(['time', 'verb']) } });
    expect(body).not.toHaveProperty('records');
  });

  it('marks an impersonated user as one, whoever the caller is', async () => {
    const impersonatedUser = { username: 'somebody', groups: [] };
    const other = { ...JSON.parse(exampleLine(EXEC)), auditID: 'unheard-of', impersonatedUser };
    const { body } = await ask(JSON.stringify(other));
    expect(body).toMatchObject({ attribution: { flags: ['impersonation'] }, request: { impersonated: 'somebody' } });
  });

  it.each([
    ['hello world', 'q', /The text was not recognized/],
    ['10.0.0.0/33', 'q', /an IP address/],
    ['', 'q', /Give 1 to 8192/],
    ['x'.repeat(8_193), 'q', /Give 1 to 8192/],
  ])('refuses %.20j and names the parameter', async (q, parameter, detail) => {
    const { status, body } = await ask(q);
    expect({ status, body }).toMatchObject({ status: 400, body: { parameter, detail: expect.stringMatching(detail) } });
  });

  it('refuses other parameters, and a time in the future', async () => {
    expect(await ask(KEY, { accessKeyId: KEY })).toMatchObject({ status: 400, body: { parameter: 'accessKeyId' } });
    expect(await ask(KEY, { at: '2999-01-01T00:00:00Z' })).toMatchObject({ status: 400, body: { parameter: 'at' } });
  });

  it.each([
    [
      '00000000-0000-0000-0000-000000000000',
      /No record has this audit ID\. No CloudTrail record with this event ID was found\./,
    ],
    ['nobody-of-this-name', /No sessions found for the person .* the role .* the username /],
  ])('answers 404 if nothing is known about %s', async (q, detail) => {
    const { status, body } = await ask(q);
    expect({ status, body }).toMatchObject({ status: 404, body: { detail: expect.stringMatching(detail) } });
    expect(Object.keys(body)).not.toContain('known');
  });

  it('states in `by` what an unknown text was recognized as, for programs', async () => {
    expect((await ask('00000000-0000-0000-0000-000000000000')).body.by).toBe('audit-id');
    expect((await ask('nobody-of-this-name')).body.by).toBe('person');
  });

  it('shows whose sessions have a session name, like the command line', async () => {
    const { status, body } = await ask('EKSGetTokenAuth');
    expect([status, body.subject, body.sessionName]).toEqual([
      200,
      'the session name EKSGetTokenAuth',
      'EKSGetTokenAuth',
    ]);
    const sessions = body.sessions as readonly { session: string; attribution: { actor?: { name: string } } }[];
    for (const { session } of sessions) expect(session).toMatch(/^AROA\w+:EKSGetTokenAuth$/);
    const names = new Set(sessions.map(({ attribution }) => attribution.actor?.name));
    expect([...names]).toEqual(expect.arrayContaining(['ana.silva', 'ben.okafor']));
    expect(body.note).toContain('different people can be behind them');
    const { output } = await run('EKSGetTokenAuth');
    expect(output).toContain('Looking up the session name EKSGetTokenAuth.');
    for (const name of names) expect(output).toContain(name ?? '');
  });

  it('shows with the 404 what else has the name: a namespace, or an unidentified caller', async () => {
    const namespace = await ask('payments');
    expect(namespace).toMatchObject({
      status: 404,
      body: { known: [{ kind: 'namespace', name: 'payments', cluster: 'staging' }] },
    });
    const caller = await ask('legacy-ops', { lookback: '1' });
    expect(caller).toMatchObject({
      status: 404,
      body: { sessions: [{ status: 'unattributed', caller: { username: 'legacy-ops' }, count: 1 }] },
    });
  });
});

describe('the command line over the tables', () => {
  it('prints commands for the same tables, which show what that person did', async () => {
    const { output } = await run(exampleLine(EXEC));
    const [records] = printedCommands(output);
    expect(records).toEqual([
      'records',
      '--actor',
      'iam-user/111122223333/AIDALAAIXAQ7ZNEXAMPLE',
      '--from',
      '2026-03-10T00:00:00Z',
      '--table',
      TABLE,
    ]);
    const did = await run(...(records ?? []).slice(0, -2));
    expect(did.status, did.errors).toBe(0);
    expect(did.output).toContain('2026-03-10T08:15:07Z');
  });

  it('leads from a service account to the days of those who acted as it', async () => {
    const username = 'system:serviceaccount:reports:report-exporter';
    const [own = []] = printedCommands((await run(username)).output);
    expect(own).toEqual(['records', '--username', username, '--from', '2026-03-10T00:00:00Z', '--table', TABLE]);
  });

  it('prints the command that shows the evidence of a listed session', async () => {
    const { output } = await run('ana.silva');
    const [evidence] = printedCommands(output);
    expect(evidence).toEqual([
      'AROADMCQVBBMI6EXAMPLE:EKSGetTokenAuth',
      '--at',
      '2026-03-10T10:12:08.246810Z',
      '--table',
      TABLE,
    ]);
  });

  it('counts the stages of one exec as one request', async () => {
    const { output, status } = await run(EXECS_ID);
    expect(status).toBe(0);
    expect(output).toContain('ana.silva  (IAM user)  attributed');
    expect(output).not.toContain('have this audit ID');
  });

  it('looks up each of several UUIDs as an audit ID, and reports the unknown one', async () => {
    const known = await run(EXECS_ID, 'bd0b3d3e-b1f1-4f0d-abe4-ed81e044ed15');
    expect(known.status, known.output).toBe(0);
    expect(known.output).not.toContain('No CloudTrail record');
    const unknown = '00000000-1111-4222-8333-444444444444';
    const { output, status } = await run(EXECS_ID, unknown);
    expect(status).toBe(4);
    expect(output).toContain('ana.silva');
    expect(output).toContain('No record has this audit ID. No CloudTrail record with this event ID was found.');
  });

  it.each([
    ['warehouse', 'a namespace', '--namespace', ' warehouse/jobs '],
    ['prod', 'a cluster', '--cluster', ' prod '],
  ])('leads from %s, the name of %s, to what was done', async (text, kind, option, shown) => {
    const { output, status } = await run(text);
    expect([status, output]).toEqual([4, expect.stringContaining(`It is the name of ${kind}`)]);
    const [next = []] = printedCommands(output);
    expect(next).toEqual(['records', option, text, '--table', TABLE]);
    expect((await run(...next.slice(0, -2))).output).toContain(shown);
  });

  it('answers the name of an object with its requests, by caller', async () => {
    const { output, status } = await run('payments-api-5f77');
    expect([status, output]).toEqual([3, expect.stringContaining('1 by farid.haddad@example.com')]);
    expect(printedCommands(output)).toContainEqual(['records', '--object', 'payments-api-5f77', '--table', TABLE]);
  });

  it('lists the sessions that used a username in the last hours of the data', async () => {
    const { output } = await run('legacy-ops');
    expect(output).toMatch(/2026-03-10T17:05:00Z +legacy-ops +\? +unattributed session-name-unknown +1/);
  });

  it('leads from the name of unidentified callers before these hours to what they did', async () => {
    const { output, status } = await run('legacy-ops', '--lookback', '1');
    expect([status, output]).toEqual([4, expect.stringContaining('It is the username of unidentified callers')]);
    const [next = []] = printedCommands(output);
    const filters = [
      '--username',
      'legacy-ops',
      '--cluster',
      'name:777788889999/staging',
      '--from',
      '2026-03-10T00:00:00Z',
    ];
    expect(next).toEqual(['records', ...filters, '--table', TABLE]);
    expect((await run(...next.slice(0, -2))).output).toMatch(/ delete +payments\/configmaps feature-flags /);
  });

  it('leads from an unidentified caller to the session and to doctor, with exit status 4', async () => {
    const { output, status } = await run('AROA745FCN3QWUEXAMPLE:nobody', '--at', '2026-03-10T17:05:00Z');
    expect(status).toBe(4);
    expect(printedCommands(output)).toEqual([
      ['records', '--session', 'AROA745FCN3QWUEXAMPLE:nobody', '--table', TABLE],
      ['doctor', '--table', TABLE],
      ['incident', 'AROA745FCN3QWUEXAMPLE:nobody', '--at', '2026-03-10T17:05:00Z', '--table', TABLE],
    ]);
  });
});
