import { describe, expect, it } from 'vitest';
import { objectAt } from '../../lib/json.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { keyId } from '../builders/ids.ts';
import { grant } from '../builders/trail-records.ts';
import { EXEC, exampleLine, exampleLines, exampleOf, FILES, jsonOf, printedCommands } from './examples.ts';

const CLOUDTRAIL = FILES.slice(0, 2);
const DELETION = '"auditID":"b90d4f36-f87d-47cd-a132-32b7e09aed63"';
const EXEC_ID = '60e442b4-3ced-423b-a0e2-2c3a7220f24e';
const ANAS_ID = 'iam-user/111122223333/AIDALAAIXAQ7ZNEXAMPLE';
const SHARED_NAME = 'AROADMCQVBBMI6EXAMPLE:EKSGetTokenAuth';

async function ask(text: string, ...more: readonly string[]) {
  return runCommand([text, ...(more.length === 0 ? FILES : more)]);
}

describe('one line of the example audit log, pasted', () => {
  it('leads by printed commands from the actor to everything that person did', async () => {
    const who = await ask(exampleLine(EXEC));
    expect(who.status, who.errors).toBe(0);
    expect(who.output).toMatch(/^Recognized an audit event\. Looking up the caller arn:/);
    expect(who.output).toMatch(
      /\nRequest: create pods\/exec orders\/orders-api-6c9f \(sh in container api\) on cluster prod at 2026-03-10T08:1\S+, response code 101, from 203\.0\.113\.11 with kubectl/,
    );
    expect(who.output).toContain('ana.silva  (IAM user)  attributed, by access key');
    const [everything] = printedCommands(who.output);
    const did = await runCommand(everything ?? []);
    expect(did.status, did.errors).toBe(0);
    const rows = did.output.trim().split('\n').slice(1);
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter((row) => !row.includes('  ana.silva  '))).toEqual([]);
    expect(did.output).toContain('orders/pods/exec orders-api-6c9f');
    expect(did.errors).toMatch(/^5 requests, stored as 6 records: one for each stage$/m);
  });

  it('can be piped in, with the word whois, with - for it, and without', async () => {
    const line = exampleLine(EXEC);
    for (const words of [['whois', ...FILES], ['whois', '-', ...FILES], FILES, ['-', ...FILES]]) {
      const { output, status } = await runCommand(words, line);
      expect([status, output], words.join(' ')).toEqual([0, expect.stringContaining('ana.silva  (IAM user)')]);
    }
  });

  it('has the known files in its commands, and capitals for unknown ones', async () => {
    const { output } = await ask(exampleLine(EXEC), ...CLOUDTRAIL);
    expect(printedCommands(output)).toEqual([
      [
        ...['records', '--actor', ANAS_ID, '--from', '2026-03-10T00:00:00Z'],
        ...['--audit', 'AUDIT-LOG', '--cloudtrail', 'examples/cloudtrail'],
      ],
      ['incident', 'ASIATMFNRFYKCEXAMPLE', '--at', '2026-03-10T08:15:07.118Z', ...CLOUDTRAIL],
    ]);
  });

  it('as JSON is the attribution as whois writes it, with what it was recognized as', async () => {
    const { output } = await ask(exampleLine(EXEC), ...FILES, '-o', 'json');
    expect(jsonOf(output)).toMatchObject({
      status: 'attributed',
      method: 'access-key',
      actor: { name: 'ana.silva' },
      caller: { kind: 'role-session', accessKeyId: 'ASIATMFNRFYKCEXAMPLE' },
      recognized: { as: 'an audit event', notes: [] },
      request: { verb: 'create', subresource: 'exec', code: 101 },
      next: [expect.stringContaining(`--actor ${ANAS_ID}`), expect.stringContaining('eks-whois incident ')],
    });
  });
});

describe('an unknown name', () => {
  it.each([
    ['ANA.Silvaa', 'ana.silva'],
    ['order-developer', 'orders-developer'],
  ])('is reported with similar ones: %s', async (text, near) => {
    const { status, output } = await ask(text);
    expect([status, output]).toEqual([4, expect.stringContaining(`Similar names: ${near}`)]);
  });
});

describe('a session name', () => {
  it('is answered with the actors of its sessions, and with a note that the name proves nothing', async () => {
    const { status, output } = await ask('EKSGetTokenAuth');
    expect(status).toBe(0);
    expect(output).toContain('Looking up the session name EKSGetTokenAuth.');
    expect(output).toContain('different people can be behind them');
    for (const name of ['ana.silva', 'ben.okafor']) expect(output).toContain(name);
  });
});

describe('the command for everything that a session did', () => {
  it('fits a screen of 80 columns, each word whole and each command in one line', async () => {
    const { output } = await runCommand(['related', EXEC_ID, ...FILES], undefined, { COLUMNS: '80' });
    await expect(output).toMatchFileSnapshot('../golden/related-80.txt');
    const [answer = '', next = ''] = output.split('\nnext\n');
    for (const line of answer.split('\n').filter((each) => each.length > 80)) expect(line.trim()).not.toContain(' ');
    expect(next.trim().split('\n')).toHaveLength(1);
    const { output: whole } = await runCommand(['related', EXEC_ID, ...FILES]);
    expect(answer.split(/\s+/)).toEqual(whole.split('\nnext\n')[0]?.split(/\s+/));
  });

  it('uses the key if another person has a session with the same name', async () => {
    const { output } = await runCommand(['related', EXEC_ID, ...FILES]);
    const [, next = ''] = output.split('\nnext\n');
    const words = next.trim().split(' ').slice(1);
    expect(words).toEqual(expect.arrayContaining(['--key', 'ASIATMFNRFYKCEXAMPLE']));
    const did = await runCommand(words);
    expect(did.output).toContain('  ana.silva  ');
    expect(did.output).not.toContain('ben.okafor');
  });
});

describe('a row of a query with selected columns', () => {
  const COLUMNS = '@timestamp,@log,user.username,user.uid,user.extra.accessKeyId.0,verb,auditID';
  const ANA = 'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth';
  const UID = 'aws-iam-authenticator:444455556666:AROAL3H6OXYWHJEXAMPLE';
  const row = (key: string) =>
    `2026-03-10 08:15:07.200,777788889999:/aws/eks/prod/cluster,${ANA},${UID},${key},create,${EXEC_ID}`;

  it('is answered like whois by its key at its time, and leads to the request itself', async () => {
    const { status, output } = await ask(`${COLUMNS}\n${row('ASIATMFNRFYKCEXAMPLE')}`);
    expect(status).toBe(0);
    expect(output).toMatch(/^Recognized a row of a query with selected columns\. Looking up /);
    expect(output).toMatch(
      /\nRequest: create pods\/exec orders\/orders-api-6c9f .*on cluster prod at 2026-03-10T08:15:07.2/,
    );
    expect(output).toContain('The audit log has this request. Same as in the text: audit ID, ');
    expect(output).toContain('ana.silva  (IAM user)  attributed, by access key');
  });

  it('names nobody for the key in a column if the log has its audit ID under another key', async () => {
    const { status, output } = await ask(`${COLUMNS}\n${row('ASIALRSYIHHNVEXAMPLE')}`);
    expect([status, output]).toEqual([3, expect.stringContaining('Different from the text: access key.')]);
    expect(output).toContain('Matching requests in the audit log: 1 by ana.silva.');
  });

  it('leads to the request itself if the log is not at hand', async () => {
    const { output } = await ask(`${COLUMNS}\n${row('ASIATMFNRFYKCEXAMPLE')}`, ...CLOUDTRAIL);
    const [very = []] = printedCommands(output);
    expect(very).toEqual(expect.arrayContaining(['records', '--audit-id', EXEC_ID]));
  });

  it('can be one of several: each request is answered once', async () => {
    const { output } = await ask([COLUMNS, row('ASIATMFNRFYKCEXAMPLE'), row('ASIATMFNRFYKCEXAMPLE')].join('\n'));
    expect(output.match(/ ana\.silva .* orders\/pods\/exec orders-api-6c9f/g)).toHaveLength(1);
  });
});

describe('a list of sessions', () => {
  it('says when credentials were valid and when they were used', async () => {
    const { output } = await ask('ben.okafor');
    expect(output).toMatch(/key-not-listed +2 +192\.0\.2\.14\n/);
    expect(output).toMatch(/^ISSUED +EXPIRES +FIRST USE +LAST USE +SESSION/m);
    expect(output).toContain('The audit log has requests with them from FIRST USE to LAST USE.');
    const { output: issued } = await ask('hana.sato', ...CLOUDTRAIL);
    expect(issued).toMatch(/^ISSUED +EXPIRES +SESSION/m);
  });
});

describe('a role', () => {
  it.each(['orders-developer', 'Orders-Developer', 'AROAL3H6OXYWHJEXAMPLE'])(
    '%s leads to everything that was done with it, also by unidentified callers',
    async (text) => {
      const { output } = await ask(text);
      const next = printedCommands(output);
      expect(next.map(([command]) => command)).toEqual(['ASIAP4235CWYREXAMPLE', 'records', 'incident']);
      const { output: did } = await runCommand(next[1] ?? []);
      for (const who of ['ana.silva', 'ben.okafor', 'dmitri.volkov', '?']) expect(did).toContain(`  ${who}  `);
    },
  );
});

describe('an unidentified caller who is only known by the username', () => {
  it.each(['legacy-ops', exampleOf('staging.json', 'legacy-ops')])(
    'leads to everything that was done under it',
    async (text) => {
      const { output } = await ask(text);
      const [next = []] = printedCommands(output);
      expect(next).toEqual(expect.arrayContaining(['records', '--username', 'legacy-ops']));
      expect((await runCommand(next)).output).toContain(' payments/configmaps feature-flags ');
    },
  );
});

describe('every actor that an answer shows', () => {
  const LAMBDA = 'arn:aws:lambda:eu-west-1:777788889999:function:cluster-janitor-nightly';
  const POD = 'pods.eks.amazonaws.com (reports/nightly-report-29384712-x7k2p)';

  it.each<[string, string, string]>([
    ["a function's ARN", LAMBDA, LAMBDA],
    ['a function with its service', `lambda.amazonaws.com (${LAMBDA})`, LAMBDA],
    ['a pod with its service', POD, POD],
    [
      'a job of an OIDC provider',
      'repo:example-corp/shop:ref:refs/heads/main',
      'oidc/token.actions.githubusercontent.com/repo:example-corp%2Fshop:ref:refs%2Fheads%2Fmain',
    ],
  ])('can be pasted, and leads to what they did: %s', async (_, text, actor) => {
    const { status, output, errors } = await ask(text);
    expect(status, output + errors).toBe(0);
    const everything = printedCommands(output).find(([command]) => command === 'records') ?? [];
    expect(everything).toEqual(expect.arrayContaining(['--actor', actor]));
    expect((await runCommand(everything)).output.trim().split('\n').length).toBeGreaterThan(1);
  });
});

describe('an error line', () => {
  it('is answered by the similar requests of the audit log, since it does not say when it happened', async () => {
    const arn = 'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth';
    const line = `Error from server (Forbidden): secrets "orders-db" is forbidden: User "${arn}" cannot get resource "secrets" in API group "" in the namespace "orders"`;
    const { status, output } = await ask(line);
    expect([status, output]).toEqual([
      3,
      expect.stringContaining(
        'Similar requests in the audit log: 1 by ana.silva. Same as in the text: verb, object, username, response code. No other recorded request agrees with the text. The text does not say when it happened.',
      ),
    ]);
    const then = await ask(line, ...FILES, '--at', '2026-03-10T08:31:48Z');
    expect([then.status, then.output]).toEqual([0, expect.stringContaining('The audit log has this request. ')]);
    expect(then.output).toContain('ana.silva  (IAM user)  attributed, by access key');
    const alone = await ask(line, ...CLOUDTRAIL);
    expect([alone.status, alone.output]).toEqual([3, expect.stringContaining('not checked against the audit log')]);
  });

  it('that matches requests of several callers is answered with all of them, and names no single one', async () => {
    const arn = 'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth';
    const line = `user=${arn} verb=list uri=/api/v1/namespaces/orders/pods`;
    const { status, output } = await ask(line);
    expect([status, output]).toEqual([
      3,
      expect.stringContaining(
        '1 by an unidentified caller with the access key ASIALRSYIHHNVEXAMPLE from 203.0.113.31, 1 by ana.silva.',
      ),
    ]);
    const json = await ask(line, ...FILES, '-o', 'json');
    expect(jsonOf(json.output)).toMatchObject({ status: 'ambiguous', inLog: { result: 'similar', requests: 2 } });
    const report = await runCommand(['incident', line, '--at', '2026-03-10T08:20:00Z', ...FILES, '-o', 'json']);
    expect([report.status, Object.hasOwn(jsonOf(report.output), 'who')]).toEqual([3, false]);
    const both = await runCommand(['whois', '-', ...FILES], `${line}\n${line.replace('orders/pods', 'orders/none')}`);
    expect([both.status, both.output]).toEqual([
      3,
      expect.stringContaining('the session EKSGetTokenAuth of the role '),
    ]);
  });
});

describe('a session whose name a key uses that no grant issued', () => {
  it('can be of whoever has that key', async () => {
    const { status, output } = await ask(
      'arn:aws:sts::444455556666:assumed-role/orders-developer/EKSGetTokenAuth',
      ...[...FILES, '--at', '2026-03-10T08:40:00Z'],
    );
    expect([status, output]).toEqual([
      3,
      expect.stringContaining('ambiguous: one of 2 possible actors, or somebody else'),
    ]);
    expect(output).toContain('\nor somebody with the access key ASIALRSYIHHNVEXAMPLE, from 203.0.113.31\n');
    expect(printedCommands(output)[0]).toEqual(expect.arrayContaining(['ASIALRSYIHHNVEXAMPLE']));
  });
});

describe('a finding of GuardDuty', () => {
  it('is answered by the request itself in the audit log', async () => {
    const { user, sourceIPs, verb, requestURI } = JSON.parse(exampleLine(DELETION));
    const finding = {
      schemaVersion: '2.0',
      type: 'Impact:Kubernetes/SuccessfulAnonymousAccess',
      resource: {
        eksClusterDetails: { name: 'prod' },
        kubernetesDetails: { kubernetesUserDetails: { username: user.username, uid: user.uid } },
      },
      service: {
        serviceName: 'guardduty',
        eventFirstSeen: '2026-03-10T08:22:40.000Z',
        eventLastSeen: '2026-03-10T08:22:41.000Z',
        action: {
          actionType: 'KUBERNETES_API_CALL',
          kubernetesApiCallAction: { requestUri: requestURI, verb, sourceIps: sourceIPs, statusCode: 200 },
        },
      },
    };
    const { status, output } = await ask(JSON.stringify(finding));
    expect([status, output]).toEqual([0, expect.stringMatching(/\nben\.okafor {2}\(IAM user\) {2}attributed, by /)]);
    expect(output).toContain(
      'Same as in the text: cluster, time, verb, request path, username, response code, source IP.',
    );
  });
});

describe('what belongs to a request that a pasted text describes', () => {
  const { user, verb, requestURI } = JSON.parse(exampleLine(DELETION));
  const line = `user="${user.username}" verb=${verb} uri=${requestURI}`;

  it('is shown as for its audit ID', async () => {
    const { output, status, errors } = await runCommand(['related', `${line} time=2026-03-10T08:22:40.640Z`, ...FILES]);
    expect(status, errors).toBe(0);
    expect(output).toBe((await runCommand(['related', JSON.parse(exampleLine(DELETION)).auditID, ...FILES])).output);
  });

  it('is not shown if the text does not show which request it is', async () => {
    const { errors, status } = await runCommand(['related', line, ...FILES]);
    expect([status, errors]).toEqual([
      1,
      expect.stringMatching(/Similar requests in the audit log: .* Give the audit ID/),
    ]);
  });
});

describe('a name of a place or an object, and of no person', () => {
  it('of an object is answered with its requests, by caller', async () => {
    const { status, output } = await ask('payments-api-5f77');
    expect([status, output]).toEqual([3, expect.stringMatching(/Looking up requests to payments-api-5f77\.\n/)]);
    expect(output).toContain('1 by farid.haddad@example.com');
    expect(printedCommands(output).flat()).toEqual(
      expect.arrayContaining(['records', '--object', 'payments-api-5f77']),
    );
  });

  it.each([
    ['a namespace', 'warehouse', '--namespace', 'warehouse/jobs'],
    ['a cluster', 'staging', '--cluster', 'staging  '],
  ])('leads to its requests: %s', async (kind, text, option, shown) => {
    const { status, output } = await ask(text);
    expect([status, output]).toEqual([4, expect.stringContaining(`It is the name of ${kind}`)]);
    const [next = []] = printedCommands(output);
    expect(next).toEqual(expect.arrayContaining([option, text]));
    const did = await runCommand(next);
    expect([did.status, did.output], did.errors).toEqual([0, expect.stringContaining(shown)]);
  });

  it('is not shown if no request has it', async () => {
    const { output } = await ask('payments-api-5f78');
    expect(output).not.toContain('the name of');
    expect(printedCommands(output)).toEqual([]);
  });
});

describe('a username template that matches none of the events', () => {
  const TEMPLATE = ['--username-template', 'misspelt:{{SessionName}}'];
  const warning = /--username-template \S+ matches none of 1\d\d events/g;

  it.each([
    ['whois', ['ben.okafor']],
    ['incident', [EXEC_ID]],
    ['related', [EXEC_ID]],
  ])('is reported by %s once, like by attribute', async (command, words) => {
    const { errors, status } = await runCommand([command, ...words, ...FILES, ...TEMPLATE]);
    expect([status, errors.match(warning)?.length], errors).toEqual([0, 1]);
    const fitting = await runCommand([command, ...words, ...FILES]);
    expect(fitting.errors).not.toContain('--username-template');
  });
});

describe('a person pasted with a time', () => {
  it.each([
    [
      'ben.okafor',
      '2026-03-10T10:40:00Z',
      'ASIA4LOU4U5JJEXAMPLE',
      '2 of 6 sessions were valid at 2026-03-10T10:40:00Z',
    ],
    ['ben.okafor', '2026-03-10T12:30:00Z', 'ASIAEI6WMVJ43EXAMPLE', '2 of 6'],
    ['payments-developer', '2026-03-10T10:10:00Z', 'ASIA4IXHS75YFEXAMPLE', ' valid at '],
    ['ben.okafor', '2026-03-11T10:00:00Z', 'ASIAUCSRA3ODXEXAMPLE', 'none of these sessions was valid at'],
  ])('%s at %s: the sessions that could act then come first', async (text, at, key, note) => {
    const { output, errors } = await ask(text, ...FILES, '--at', at);
    const [, first = ''] = /ISSUED .*\n(.*)\n/.exec(output) ?? [];
    expect(first, errors + output).toContain(key);
    expect(output).toContain(note);
    expect(printedCommands(output)[0]).toEqual(expect.arrayContaining(['eks-whois', key].slice(1)));
  });
});

describe('a pasted text', () => {
  it.each<[string, string, string]>([
    ['a key', 'ASIA77YCHGK2XEXAMPLE', 'hana.sato  (IAM user)  attributed, by access key'],
    ['a key in lower case and quotes', ' "asia77ychgk2xexample", ', 'hana.sato  (IAM user)  attributed, by access key'],
    ['a session', 'AROAIOP7XXHIASEXAMPLE:emma.fischer@example.com', 'emma.fischer@example.com  (Identity Center user)'],
    [
      "a session's ARN",
      'arn:aws:sts::777788889999:assumed-role/payments-developer/ben.okafor',
      'ben.okafor  (IAM user)  attributed, by username',
    ],
    [
      'the event id of a grant',
      '21ec2dcf-4944-45de-a204-329659674f67',
      'ana.silva  (IAM user)  attributed, by access key',
    ],
    ['an audit id', 'c5858eca-b738-492e-a36f-b9e01c6c877d', 'system: '],
    ['a node', 'system:node:ip-10-0-0-1', 'system: '],
    ['who is not authenticated', 'system:anonymous', 'system: anonymous: the request was not authenticated'],
    [
      'the group of who is not authenticated',
      'system:unauthenticated',
      'system: anonymous: the request was not authenticated',
    ],
  ])('%s is answered like whois does', async (_, text, expected) => {
    const { output, status, errors } = await ask(text);
    expect(status, errors).toBe(0);
    expect(output).toContain(expected);
  });

  it.each<[string, string, readonly string[]]>([
    ["a role's id", 'AROADMCQVBBMI6EXAMPLE', ['ana.silva', 'ben.okafor', 'chloe.martin']],
    ['a role ARN without its path', 'arn:aws:iam::777788889999:role/payments-developer', ['ana.silva', 'ben.okafor']],
    ["a role's name", 'payments-developer', ['ana.silva', 'ben.okafor', 'chloe.martin']],
    ["a role's name in other letters", 'Payments-Developer', ['ana.silva', 'ben.okafor', 'chloe.martin']],
    ["a user's ARN", 'arn:aws:iam::111122223333:user/hana.sato', ['hana.sato']],
    ["a user's id", 'AIDALAAIXAQ7ZNEXAMPLE', ['ana.silva']],
    ['an email in other letters', 'Emma.Fischer@Example.com', ['emma.fischer@example.com']],
    ['a user who acts with his own key', 'break-glass', ['break-glass']],
    ['an email behind the prefix of OIDC users', 'lena.novak@example.com', ['oidc:lena.novak@example.com']],
    ['a user of OIDC, prefix and all', 'oidc:Lena.Novak@example.com', ['oidc:lena.novak@example.com']],
    ['an email that a proxy acted as', 'mira.jansen@example.com', ['teleport:teleport-kube-agent']],
    ['a service account as which a person acted', 'system:serviceaccount:orders:checkout', ['chloe.martin']],
  ])('%s is answered with the sessions', async (_, text, people) => {
    const { output, status, errors } = await ask(text, ...FILES, '-o', 'json');
    expect(status, errors).toBe(0);
    const sessions = jsonOf(output).sessions as readonly { attribution: { actor?: { name: string } } }[];
    const found = new Set(sessions.map(({ attribution }) => attribution.actor?.name));
    for (const person of people) expect([...found]).toContain(person);
    if (people.length === 1) expect(found.size).toBe(1);
  });

  it.each<[string, string, string, string]>([
    [
      'a service account',
      'system:serviceaccount:reports:report-exporter',
      'chloe.martin',
      'attributed token-of-service-account',
    ],
    [
      'a node',
      'system:node:ip-192-0-2-101.eu-west-1.compute.internal',
      'dmitri.volkov',
      'attributed node-role-used-by-person',
    ],
  ])('%s is not answered alone if somebody acted under its username', async (_, text, who, status) => {
    const { output, errors } = await ask(text);
    expect(output, errors).toMatch(new RegExp(`  ${who} +${status} `));
    expect(output).toContain('Requests of the service account, node or component itself are not listed');
    expect(printedCommands(output).map(([command]) => command)).toContain('incident');
  });

  it('with a service account leads to its own requests, and so does an event of a pod of it', async () => {
    const [argocd, coredns] = ['argocd:argocd-application-controller', 'kube-system:coredns'].map(
      (name) => `system:serviceaccount:${name}`,
    );
    for (const [username = '', text = ''] of [
      [argocd, argocd],
      [argocd, exampleLine(`"username":"${argocd}"`)],
      [coredns, exampleLine(`"username":"${coredns}"`)],
    ]) {
      const { output, errors } = await ask(text);
      const [command = []] = printedCommands(output);
      expect(command, output + errors).toEqual(expect.arrayContaining(['records', '--username', username]));
      const { output: listed } = await runCommand([...command, '-o', 'jsonl']);
      const callers = listed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).caller.username);
      expect(new Set(callers)).toEqual(new Set([username]));
      expect((await runCommand(command)).output).toContain(username.split(':').at(-1));
    }
  });

  it('with an event of a trusted proxy has one name in attribute, whois, incident and the printed commands', async () => {
    const line = exampleLine('mira.jansen@example.com');
    const trusted = ['--trusted-proxy', 'system:serviceaccount:teleport:teleport-kube-agent'];
    const attributed = await runCommand(['attribute', ...FILES, ...trusted, '--audit-id', JSON.parse(line).auditID]);
    const { actor } = JSON.parse(attributed.output.split('\n')[0] ?? '').attribution;
    expect(actor).toMatchObject({ kind: 'proxied-user', name: 'mira.jansen@example.com' });
    const answer = jsonOf((await ask(line, ...FILES, ...trusted, '-o', 'json')).output);
    expect(answer).toMatchObject({ method: 'proxy', actor });
    const report = await runCommand(['incident', line, ...FILES, ...trusted, '-o', 'json']);
    expect(jsonOf(report.output), report.errors).toMatchObject({
      who: actor,
      sections: [{ attribution: { method: 'proxy' } }],
    });
    const { output } = await ask(line, ...FILES, ...trusted);
    const commands = printedCommands(output);
    expect(commands.map(([command]) => command)).toEqual(['records', 'related', 'incident']);
    for (const command of commands) expect(command).toEqual(expect.arrayContaining(trusted));
    expect((await runCommand(commands[0] ?? [])).output).toContain('mira.jansen@example.com');
  });

  it("with a proxy is answered by the service's own settings only", async () => {
    const { errors, status } = await ask(
      'mira.jansen@example.com',
      '--api',
      'http://127.0.0.1:9',
      '--trusted-proxy',
      'x',
    );
    expect([status, errors]).toEqual([
      2,
      expect.stringContaining('--trusted-proxy has no effect with --api: the service'),
    ]);
  });

  it('with a service account, without an audit log, has a note that somebody may have used it', async () => {
    const { output, status } = await ask('system:serviceaccount:reports:report-exporter', ...CLOUDTRAIL);
    expect(status).toBe(0);
    expect(output).toMatch(/^system: /m);
    expect(output).toContain('Not checked whether anybody else used this username or requested tokens for it.');
  });

  it.each([60, 80, 100])(
    'with a person has sessions that fit a screen of %i columns, each key and session whole',
    async (width) => {
      const { output } = await runCommand(['ben.okafor', ...FILES], undefined, { COLUMNS: String(width) });
      const [, table = ''] =
        /\n\n((?:ISSUED|FIRST USE) [\s\S]*?)(?:The credentials were valid|This covers)/.exec(output) ?? [];
      for (const line of table.trimEnd().split('\n')) expect(line.length, line).toBeLessThanOrEqual(width);
      for (const id of ['AROADMCQVBBMI6EXAMPLE:EKSGetTokenAuth', 'ASIAEPSSBBJMDEXAMPLE', 'ben.okafor'])
        expect(table).toContain(id);
    },
  );

  it('with a session of two people is ambiguous, with exit status 3 and the next steps', async () => {
    const { output, status } = await runCommand([SHARED_NAME, '--at', '2026-03-10T10:33:00Z', ...FILES]);
    expect(status).toBe(3);
    expect(output).toContain('ambiguous: one of 2');
    expect(printedCommands(output)).toEqual([
      ['records', '--session', SHARED_NAME, ...FILES.slice(2), ...CLOUDTRAIL],
      ['doctor', '--offline', '--audit', 'examples/audit'],
      ['incident', SHARED_NAME, '--at', '2026-03-10T10:33:00Z', ...FILES.slice(2), ...CLOUDTRAIL],
    ]);
    for (const words of printedCommands(output))
      expect((await runCommand(words)).status).toBe(words[0] === 'records' ? 0 : 3);
  });

  it('with several events is a table of records, and the most serious answer is the exit status', async () => {
    const named = exampleLines()
      .filter((line) => line.includes('ASIATMFNRFYKCEXAMPLE'))
      .slice(0, 2);
    const all = await runCommand(['whois', '-', ...FILES], named.join('\n'));
    expect([all.status, all.output]).toEqual([
      0,
      expect.stringMatching(/Recognized 2 audit events\.\n\nTIME +CLUSTER +WHO/),
    ]);
    const unknown = JSON.parse(named[0] ?? '{}');
    unknown.auditID = 'other';
    unknown.user.extra.accessKeyId = ['ASIAUNKNOWNUNKNOWN00'];
    const one = await runCommand(['whois', '-', ...FILES], [...named, JSON.stringify(unknown)].join('\n'));
    expect([one.status, one.output]).toEqual([4, expect.stringContaining('access-key-not-seen')]);
  });

  it('with an event that issued a token names who obtained the other one', async () => {
    const lines = exampleLines();
    const issuing = lines.find((line) => line.includes('issued-credential-id') && line.includes('AROA'));
    const id = /JTI=[0-9a-f-]+/.exec(issuing ?? '')?.[0] ?? 'none';
    const using = lines.find((line) => line.includes(id) && line !== issuing && line.includes('credential-id":["'));
    const alone = await runCommand(['whois', '-', ...CLOUDTRAIL], using);
    expect(alone.output).toContain('system: ');
    const beside = await runCommand(['whois', '-', ...CLOUDTRAIL, '-o', 'json'], `${issuing}\n${using}`);
    expect(jsonOf(beside.output).answers).toMatchObject([
      { attribution: { actor: { name: 'chloe.martin' } } },
      { attribution: { method: 'token', actor: { name: 'chloe.martin' } } },
    ]);
    expect((await runCommand(['whois', '-', ...FILES], using)).output).toContain('chloe.martin');
  });

  it('with names of others keeps them one word of a command, and obeys no terminal', async () => {
    const username = "oidc:x'; rm -rf ~ #\u001b[31m";
    // The log would contradict its own audit ID.
    const event = { ...JSON.parse(exampleLine(EXEC)), auditID: 'x', user: { username, uid: 'a', groups: [] } };
    const { output, status } = await runCommand(['whois', '-', ...FILES], JSON.stringify(event));
    expect(status).toBe(0);
    expect(output).not.toContain('\u001b');
    expect(output).toContain(`--actor 'oidc:x'\\''; rm -rf ~ #'$'\\033''[31m' --from`);
  });
});

describe('a text without an answer', () => {
  it.each([
    ['nobody-of-this-name', /No sessions found for the person .*, the role .* or the username .*Add CloudTrail files/],
    [
      '00000000-0000-0000-0000-000000000000',
      /No record has this audit ID\. No CloudTrail record with this event ID was found\./,
    ],
    ['arn:aws:sts::777788889999:assumed-role/no-such-role/somebody', /The role .* was not found/],
  ])('%s: nothing is known about it, with exit status 4', async (text, expected) => {
    const { output, status } = await ask(text);
    expect([status, output]).toEqual([4, expect.stringMatching(expected)]);
    expect(output).not.toContain('Next:');
  });

  it.each([
    ['hello world', /The text was not recognized\. Give an ID, an ARN, a name/],
    [
      'arn:aws:eks:eu-west-1:444455556666:cluster/prod',
      /EKS cluster ARN\. .*: eks-whois records --cluster prod --audit examples\/audit --cloudtrail examples\/cloudtrail/,
    ],
    ['arn:aws:s3:::bucket', /Recognized an ARN that names no caller\. Give the ARN of a role/],
    ['203.0.113.700', /Recognized something like an IP address\. Give an IP address/],
    ['./audit.jsonl', /Recognized a file path\. .*--audit/],
    ['{"kind":"Pod"}', /not recognized|names no caller/],
  ])('%s: exit status 2, and what would be recognized', async (text, message) => {
    const { errors, status, output } = await ask(text);
    expect([status, output, errors]).toEqual([2, '', expect.stringMatching(message)]);
  });

  it.each([
    ['203.0.113.0/24', /a range of IP addresses\. .*: eks-whois records --ip 203\.0\.113\.0\/24 --audit AUDIT-LOG /],
    ['203.0.113.11', /an IP address\. .*: eks-whois records --ip 203\.0\.113\.11 --audit AUDIT-LOG /],
    [
      'pod/payments-api-5f77',
      /a Kubernetes object\. .*: eks-whois records --object payments-api-5f77 --audit AUDIT-LOG /,
    ],
  ])('%s without the log leads to the command that lists its requests', async (text, message) => {
    const { errors, status } = await ask(text, ...CLOUDTRAIL);
    expect([status, errors]).toEqual([2, expect.stringMatching(message)]);
  });

  it.each<[string, string, number, RegExp, readonly string[]]>([
    [
      'a source IP',
      '203.0.113.11',
      3,
      /Looking up requests from 203\.0\.113\.11\..*\nRequests in the audit log: .*\d+ by ana\.silva/s,
      ['records', '--ip', '203.0.113.11'],
    ],
    [
      'a source IP of one person under two usernames, both of somebody else',
      '198.51.100.77',
      0,
      /Requests in the audit log: 5 by dmitri\.volkov\.\n.*TIME .*e63200d1-36fd-4495-a361-c712d89fb710\n.*caf19b0d-ea6a-4a00-a81b-731f2f2df84a\n/s,
      ['records', '--ip', '198.51.100.77'],
    ],
    [
      'an object, even if all its requests are by one person: the line means one of them',
      'pod "report-runner-0" deleted',
      3,
      /Looking up requests to delete or evict pods report-runner-0\.\n/,
      ['records', '--object', 'report-runner-0'],
    ],
    [
      'an object',
      'pod "payments-api-5f77" deleted',
      3,
      /Looking up requests to delete or evict pods payments-api-5f77\.\n/,
      ['records', '--object', 'payments-api-5f77'],
    ],
    ['a time', '2026-03-10T08:22:40Z', 0, /Requests in the audit log: .*1 by ben\.okafor/, []],
  ])('that is %s is answered with its requests, by caller', async (_, text, exit, expected, command) => {
    const { output, status } = await ask(text);
    expect([status, output]).toEqual([exit, expect.stringMatching(expected)]);
    const words = printedCommands(output).flat();
    expect(words).toEqual(expect.arrayContaining([...command]));
  });

  it('that is a key without a known grant is answered with the session that used it, and the next commands', async () => {
    const { output, status } = await ask('ASIALRSYIHHNVEXAMPLE');
    expect(status).toBe(4);
    expect(output).toContain(
      'Sessions in the audit log with this access key, or with credentials or tokens that were requested with it:',
    );
    expect(output).toMatch(
      /^2026-03-10T\S+ +2026-03-10T\S+ +AROA\S+:\S+ +ASIALRSYIHHNVEXAMPLE +\? +unattributed access-key-not-seen +1 +203\.0\.113\.31$/m,
    );
    expect(output).toMatch(/^ {2}why +access-key-not-seen: /m);
    const commands = printedCommands(output);
    expect(commands).toContainEqual(['incident', 'ASIALRSYIHHNVEXAMPLE', ...FILES.slice(2), ...CLOUDTRAIL]);
    for (const words of commands) expect((await runCommand(words)).status, words.join(' ')).not.toBe(2);
  });

  it("that is a long-term key is noted as one, and not as a role session's", async () => {
    const known = await ask('AKIA6SH22XP64EXAMPLE', ...FILES, '-o', 'json');
    expect(jsonOf(known.output)).toMatchObject({ actor: { name: 'break-glass' }, caller: { kind: 'iam-user' } });
    const unknown = await ask('AKIANEVERSEEN0000001');
    expect(unknown.output).toMatch(/^ {2}caller +IAM user, key AKIANEVERSEEN0000001$/m);
    expect(unknown.output).toContain('aws sts get-access-key-info');
  });

  it('that is a key without any time has no report, which would need one', async () => {
    const { output } = await ask('ASIANEVERSEEN0000001');
    expect(printedCommands(output).map(([command]) => command)).not.toContain('incident');
  });

  it('that is a role also shows unidentified sessions', async () => {
    const { output } = await ask('AROAL3H6OXYWHJEXAMPLE', ...FILES, '-o', 'json');
    const sessions = jsonOf(output).sessions as readonly { accessKeyId?: string; attribution: { status: string } }[];
    const unnamed = sessions.filter(({ attribution }) => attribution.status === 'unattributed');
    expect(unnamed.length).toBeGreaterThan(0);
    const keys = sessions.flatMap(({ accessKeyId }) => accessKeyId ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('that is a person with grants also shows sessions without AWS credentials', async () => {
    using folder = new Folder();
    const odd = ['system:serviceaccount::', 'aws-iam-authenticator:1:1:x'].flatMap((assumedRoleId, at) =>
      [`ASIAODDSESSION00000${at}`, null].map((key) => {
        const record = grant({ id: `odd-${at}`, key: key === null ? null : keyId(key) });
        const response = { ...objectAt(record, 'responseElements'), assumedRoleUser: { assumedRoleId } };
        return JSON.stringify({ ...record, responseElements: response });
      }),
    );
    const forged = folder.file('forged.jsonl', odd.join('\n'));
    const { output, errors, status } = await ask('ana.silva', ...CLOUDTRAIL, forged);
    expect(status, errors).toBe(0);
    expect(output).toContain('ana.silva');
  });

  it('for files that do not exist is reported before any reading', async () => {
    using folder = new Folder();
    const { errors, status } = await ask('ASIA77YCHGK2XEXAMPLE', '--cloudtrail', folder.at('nothing'));
    expect([status, errors]).toEqual([1, expect.stringContaining('does not exist')]);
  });
});
