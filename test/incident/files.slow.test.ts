import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { EXEC, exampleLine, FILES, printedCommands } from '../anything/examples.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT, KEY, utc } from '../builders/company.ts';
import { awsService, iamUser, userId } from '../builders/trail-callers.ts';
import { federationGrant, grant } from '../builders/trail-records.ts';
import { anonymousLog, expectAnonymousReport, expectGolden, LET_IN_ID, reportIn, withoutNow } from './report.ts';

const LINE = exampleLine(EXEC);
/** The same role and session name for everyone on it. */
const SHARED_NAME = 'AROADMCQVBBMI6EXAMPLE:EKSGetTokenAuth';

const incident = (text: string, ...more: readonly string[]) => runCommand(['incident', text, ...FILES, ...more]);

async function reported(text: string, ...more: readonly string[]) {
  const ran = await incident(text, ...more, '-o', 'json');
  expect(ran.output, ran.errors).not.toBe('');
  return { ...ran, report: reportIn(ran.output) };
}

describe('from one line of the example audit log', () => {
  it('a new user gets to the actor, everything that person did, and the report, each by a printed command', async () => {
    const who = await runCommand([LINE, ...FILES]);
    expect(who.output).toContain('ana.silva  (IAM user)  attributed, by access key');
    const [everything = [], report = []] = printedCommands(who.output);
    const did = await runCommand(everything);
    expect(did.status, did.errors).toBe(0);
    expect(did.output).toContain('pods/exec orders-api-6c9f');
    expect(report.slice(0, 1)).toEqual(['incident']);
    const ticket = await runCommand(report);
    expect(ticket.status, ticket.errors).toBe(0);
    expect(ticket.output).toMatch(/^who +IAM user ana\.silva$/m);
    expect(ticket.output).toContain('What to do next');
  });

  it.each(['text', 'markdown', 'json'])('the report is written as %s', async (format) => {
    const { output, errors, status } = await incident(LINE, '-o', format);
    expect(status, errors).toBe(0);
    const shown = format === 'json' ? JSON.stringify(JSON.parse(withoutNow(output)), undefined, 2) : withoutNow(output);
    expectGolden(`${shown.trimEnd()}\n`, `exec.${format === 'markdown' ? 'md' : format === 'json' ? 'json' : 'txt'}`);
  });

  it('the report fits a screen of 80 columns, except for commands and long words, and loses nothing', async () => {
    const narrow = await runCommand(['incident', LINE, ...FILES], undefined, { COLUMNS: '80' });
    expectGolden(`${withoutNow(narrow.output).trimEnd()}\n`, 'exec-80.txt');
    const isCommand = (line: string) => /^ {2}(?:aws|kubectl|eks-whois) /.test(line);
    const lines = narrow.output.split('\n').filter((line) => line.length > 80 && !isCommand(line));
    for (const line of lines) expect(line.trim()).not.toContain(' ');
    const wordsOf = (text: string) => text.match(/[\w:/-]{12,}/g)?.filter((word) => !/^-+$/.test(word)) ?? [];
    const shown = new Set(wordsOf(withoutNow(narrow.output)));
    const whole = await incident(LINE);
    expect(wordsOf(withoutNow(whole.output)).filter((word) => !shown.has(word))).toEqual([]);
  });

  it('describes a source IP or a time as the request, without what is not stated', async () => {
    const [ofAddress, ofTime] = await Promise.all(
      ['198.51.100.77', '2026-03-10T11:41:20Z'].map((text) => incident(text)),
    );
    expect(ofAddress?.output).toMatch(/^request +from 198\.51\.100\.77$/m);
    expect(ofTime?.output).toMatch(/^request +at 2026-03-10T11:41:20Z$/m);
  });

  it('lists unidentified callers among those who used the role, even if their requests were already read', async () => {
    const { report } = await reported('ana.silva');
    const callers = (report.others ?? []).flatMap((other) => other.callers);
    expect(callers.map(({ accessKeyId }) => accessKeyId)).toContain('ASIALRSYIHHNVEXAMPLE');
  });

  it('counts a request once, whichever stages it has', async () => {
    const { report } = await reported(LINE);
    const [exec] = report.sections[0]?.activity?.grave.filter(({ kind }) => kind === 'exec') ?? [];
    expect([exec?.count, exec?.listed.length]).toEqual([1, 1]);
  });

  it('a wider window shows more of what was done, a narrow one only the event', async () => {
    const [narrow, wide] = await Promise.all([reported(LINE, '--window', '1m'), reported(LINE, '--window', '1d')]);
    expect(narrow.report.sections[0]?.activity?.requests).toBe(1);
    expect(wide.report.sections[0]?.activity?.requests).toBe(5);
  });
});

describe('the actor of the report', () => {
  it('is unidentified if there are several candidates, and each has a section with their certain requests', async () => {
    const { report, status } = await reported(SHARED_NAME, '--at', '2026-03-10T10:33:00Z');
    expect(status).toBe(3);
    expect(report).not.toHaveProperty('who');
    expect(report.sections.length).toBeGreaterThan(1);
    for (const { standing, activity } of report.sections) {
      expect(standing).toBe('candidate');
      expect(activity).toBeDefined();
    }
    expect(
      report.unnamed?.callers.some(({ mayBeReportedActor, status: of }) => mayBeReportedActor && of === 'ambiguous'),
    ).toBe(true);
    const { output } = await incident(SHARED_NAME, '--at', '2026-03-10T10:33:00Z');
    expect(output).toMatch(/^who +not certain; one of the \d+ below: /m);
    expect(output).toContain('Not certain: several actors are possible.');
  });

  it('is unidentified for an unattributed session, whose requests are reported', async () => {
    const line = exampleLine('"auditID":"85f67ddf-9eff-4265-acd4-50fd405cb132"');
    const { report, status } = await reported(line);
    expect(status).toBe(4);
    expect(report).not.toHaveProperty('who');
    const [section] = report.sections;
    expect(section).toMatchObject({ standing: 'session', session: 'ASIALRSYIHHNVEXAMPLE', activity: { requests: 1 } });
    const others = report.others?.flatMap(({ callers }) => callers.flatMap(({ actors }) => actors));
    expect(others).toEqual(expect.arrayContaining(['iam-user ana.silva', 'iam-user ben.okafor']));
  });

  it('is unidentified for an audit ID that two callers sent, and each has a section', async () => {
    using folder = new Folder();
    const other = exampleLine('"ASIAEPSSBBJMDEXAMPLE"');
    const borrowed = { ...JSON.parse(other), auditID: JSON.parse(LINE).auditID };
    const audit = folder.file('audit.jsonl', `${LINE}\n${JSON.stringify(borrowed)}\n`);
    const words = ['incident', JSON.parse(LINE).auditID, '--audit', audit, ...FILES.slice(0, 2), '-o', 'json'];
    const report = reportIn((await runCommand(words)).output);
    expect(report).not.toHaveProperty('who');
    expect(report.sections.map(({ actor }) => actor?.name).sort()).toEqual(['ana.silva', 'ben.okafor']);
    const notes = report.recognized.notes.join('\n');
    expect(notes).toContain('2 requests of 2 callers have this audit ID');
    expect(notes).toMatch(/^IAM user ana\.silva, .*: ASIATMFNRFYKCEXAMPLE with --at 2026-03-10T08:/m);
    expect(notes).toMatch(/^IAM user ben\.okafor, .*: ASIAEPSSBBJMDEXAMPLE with --at 2026-/m);
    const { output } = await runCommand(words.slice(0, -2));
    expect(output).toMatch(/^who +several actors: (?:ana\.silva, ben\.okafor|ben\.okafor, ana\.silva)$/m);
  });

  it("is no person for the cluster's own work, and nothing is to be revoked", async () => {
    const { report, status } = await reported(exampleLine('"username":"system:kube-controller-manager"'));
    expect(status).toBe(0);
    expect(report.sections.map(({ standing }) => standing)).toEqual(['system']);
    expect(report.next).toEqual([]);
  });

  it('is unidentified if the request was not authenticated, which is not the cluster’s own work', async () => {
    const { output } = await runCommand(['incident', exampleLine('python-requests'), ...FILES]);
    expect(output).toContain('unidentified: the request was not authenticated');
  });

  it('is unidentified for an anonymous caller that was let in, with its requests and next steps', async () => {
    using folder = new Folder();
    const words = ['incident', LET_IN_ID, '--audit', folder.file('audit.jsonl', anonymousLog()), ...FILES.slice(0, 2)];
    expectAnonymousReport(reportIn((await runCommand([...words, '-o', 'json'])).output));
    const { output } = await runCommand(words);
    expect(output).toMatch(/^who +unidentified: no credentials were used$/m);
    expect(output).toMatch(/^ {2}kubectl delete clusterrolebinding dashboard-open$/m);
  });

  it('is shown with the session of that time, and with others who used its role', async () => {
    const { report } = await reported('ben.okafor', '--at', '2026-03-10T08:20:00Z');
    const { sections, others, next } = report;
    const role = 'arn:aws:iam::444455556666:role/projects/orders-developer';
    expect(sections.map((each) => [each.attribution.method, each.role])).toEqual([['access-key', role]]);
    expect(others?.map((each) => [each.role, each.callers.flatMap(({ actors }) => actors)])).toEqual([
      [role, ['iam-user ana.silva']],
    ]);
    expect(next.map(({ title }) => title).join()).not.toContain('data-engineer');
  });

  it('is the person in question, with each session of the time, used or not', async () => {
    const { report } = await reported('ana.silva', '--at', '2026-03-10T09:00:00Z', '--window', '1d');
    expect(report.who).toMatchObject({ kind: 'iam-user', name: 'ana.silva' });
    const sessions = report.sections[0]?.sessions ?? [];
    expect(sessions.map(({ accessKeyId }) => accessKeyId)).toContain('ASIATMFNRFYKCEXAMPLE');
    expect(new Set(sessions.map((each) => JSON.stringify([each.session, each.accessKeyId]))).size).toBe(
      sessions.length,
    );
  });
});

it('the report on a request with a token says where the token was requested and used, and compares nothing with it', async () => {
  const { report } = await reported('02051a62-55bd-4fc4-ad4d-c452686eb1c4');
  expect(report.recognized.notes).toEqual([
    expect.stringMatching(/^The token was requested from .*, used from 192\.0\.2\.61 /),
  ]);
  expect(report.sections[0]?.firstUses?.compared.withTokens).toBe(2);
  const { output } = await incident('02051a62-55bd-4fc4-ad4d-c452686eb1c4');
  expect(output.replaceAll(/\s+/g, ' ')).toContain('Requests with tokens are not compared.');
});

describe('a service account of a workload', () => {
  const [LISTED, BOUND] = ['7a0e1c5e-0000-4000-8000-0000000000b1', '7a0e1c5e-0000-4000-8000-0000000000b2'] as const;
  const user = (namespace: string, pod: string | undefined) => ({
    username: `system:serviceaccount:${namespace}:debug`,
    uid: '5b6a0d1e-0000-4000-8000-000000000001',
    groups: ['system:serviceaccounts'],
    extra: pod && {
      'authentication.kubernetes.io/pod-name': [pod],
      'authentication.kubernetes.io/node-name': ['ip-10-8-1-9'],
    },
  });
  const logOf = (by: ReturnType<typeof user>) => {
    const events = [
      eventBy(by, { auditID: LISTED, verb: 'list', objectRef: { resource: 'secrets', apiVersion: 'v1' } }),
      eventBy(by, {
        auditID: BOUND,
        verb: 'create',
        objectRef: { resource: 'clusterrolebindings', name: 'sys-helper', apiGroup: 'rbac.authorization.k8s.io' },
        responseStatus: { code: 201 },
      }),
    ];
    return events.map((event) => JSON.stringify(event)).join('\n');
  };

  async function ask(by: ReturnType<typeof user>, ...words: readonly string[]) {
    using folder = new Folder();
    return (await runCommand([...words, '--audit', folder.file('audit.jsonl', logOf(by)), ...FILES.slice(0, 2)]))
      .output;
  }

  it('is no person, and the report says what it did, how to undo this, and in which pod', async () => {
    const report = reportIn(await ask(user('shop', 'debug-0'), 'incident', BOUND, '-o', 'json'));
    expect(report.sections).toMatchObject([
      {
        standing: 'system',
        workload: { username: 'system:serviceaccount:shop:debug' },
        activity: { requests: 2 },
        pods: [{ name: 'debug-0', node: 'ip-10-8-1-9', requests: 2 }],
      },
    ]);
    expect(report.next.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^Find who created the pod debug-0, or used exec in it$/),
      expect.stringMatching(/^Delete the clusterrolebinding sys-helper/),
      expect.stringMatching(/^Rotate the secrets that were read/),
    ]);
    expect(report.next[0]?.command).toMatch(/^eks-whois related 7a0e1c5e-/);
    const output = await ask(user('shop', 'debug-0'), 'incident', BOUND);
    expect(output).toMatch(/^who +a service account: the log does not show a person$/m);
    expect(output).toMatch(/^Service account: system:serviceaccount:shop:debug$/m);
    expect(output).not.toContain("cluster's own work");
  });

  it('is reported in the same way from an alert that states only its username', async () => {
    const signal = {
      timestamp: utc('12:10:00'),
      message: 'Kubernetes audit',
      tags: ['source:kubernetes.audit'],
      custom: { usr: { name: 'system:serviceaccount:shop:debug' }, http: { method: 'create' } },
    };
    const words = ['incident', JSON.stringify({ data: { type: 'signal', attributes: signal } })];
    const [section] = reportIn(await ask(user('shop', 'debug-0'), ...words, '-o', 'json')).sections;
    expect(section).toMatchObject({ activity: { requests: 2 }, pods: [{ name: 'debug-0' }] });
  });

  it('is reported from its username and no pod, if the events state none', async () => {
    const report = reportIn(await ask(user('shop', undefined), 'incident', BOUND, '-o', 'json'));
    expect(report.sections[0]?.activity?.requests).toBe(2);
    expect(report.sections[0]?.pods).toBeUndefined();
    expect(report.next.map(({ title }) => title).join()).not.toContain('pod');
  });

  it('is not a controller of kube-system, whose requests are the cluster’s own work', async () => {
    const output = await ask(user('kube-system', undefined), 'incident', BOUND);
    expect(output).toContain("no person: the cluster's or AWS's own work");
    expect(output).not.toContain('What was done');
  });

  it('leads to its pod from an answer', async () => {
    const output = await ask(user('shop', 'debug-0'), 'whois', BOUND);
    expect(output).toContain('system: a service account: the log does not show a person');
    expect(output).toMatch(/^ +pod +debug-0 on the node ip-10-8-1-9$/m);
    expect(output).toContain(`  eks-whois related ${BOUND} --audit`);
    expect(await ask(user('shop', undefined), 'whois', BOUND)).not.toContain('eks-whois related');
  });
});

describe('a node’s credentials', () => {
  const INSTANCE = 'i-0123456789abcdef0';
  const NODE = {
    roleName: 'node',
    roleId: 'AROANODE0000000000001',
    session: INSTANCE,
    username: 'system:node:ip-10-0-0-1',
  };
  const TOR = '203.0.113.66';
  const [TAKEN, OWN] = ['7a0e1c5e-0000-4000-8000-0000000000a1', '7a0e1c5e-0000-4000-8000-0000000000a2'] as const;
  const secret = { verb: 'get', requestURI: '/api/v1/namespaces/shop/secrets/tls' };
  const ofSecret = (name: string) => ({
    ...secret,
    objectRef: { resource: 'secrets', namespace: 'shop', name, apiVersion: 'v1' },
  });
  const theirs = (auditID: string, sourceIPs: readonly string[], userAgent: string, fields: JsonObject = {}) =>
    eventBy(roleUser(NODE), { auditID, sourceIPs, userAgent, ...fields });
  const AUDIT = [
    theirs(OWN, ['10.0.0.1'], 'kubelet/v1.33.1'),
    theirs(TAKEN, [TOR], 'curl/8.5.0', ofSecret('tls')),
    eventBy(roleUser({ session: 'mallory', key: null, username: 'admin' }), {
      auditID: 'other',
      sourceIPs: [TOR],
      ...ofSecret('db'),
    }),
  ];
  const RECORDS = [grant({ ...NODE, by: awsService('ec2.amazonaws.com') })];
  const lines = (values: readonly JsonObject[]) => values.map((value) => JSON.stringify(value)).join('\n');

  async function ask(...words: readonly string[]) {
    using folder = new Folder();
    const files = [
      '--audit',
      folder.file('audit.jsonl', lines(AUDIT)),
      '--cloudtrail',
      folder.file('trail.jsonl', lines(RECORDS)),
    ];
    return (await runCommand([...words, ...files])).output;
  }

  it('are taken by somebody unidentified, if curl used them: the report says from where, who else, and what to do', async () => {
    const report = reportIn(await ask('incident', TAKEN, '-o', 'json'));
    const [section] = report.sections;
    expect(section).toMatchObject({
      standing: 'session',
      node: { name: 'ip-10-0-0-1', instance: INSTANCE },
      sources: [
        { ip: '10.0.0.1', programs: ['kubelet'], requests: 1 },
        { ip: TOR, programs: ['curl'], requests: 1 },
      ],
      activity: { requests: 1 },
    });
    expect(report.others?.flatMap(({ callers }) => callers.map(({ actors, requests }) => [actors, requests]))).toEqual([
      [['system:node:ip-10-0-0-1'], 1],
    ]);
    const titles = report.next.map(({ title }) => title);
    expect(titles).toContain(`Find the instance ${INSTANCE}, and isolate it`);
    expect(titles).toContain('Rotate the secrets that were read: shop/tls');
    const output = await ask('incident', TAKEN);
    expect(output).toMatch(
      /^who +unidentified: the credentials of the node ip-10-0-0-1 were used by a client that nodes do not use, from 203/m,
    );
    expect(output).not.toContain("cluster's own work");
  });

  it('are not used by a known person if kubelet used them, and the report says that others used them too', async () => {
    const output = await ask('incident', OWN);
    expect(output).toMatch(/^who +no person known: a node's own credentials$/m);
    expect(output).toContain('Source IPs of these credentials in this time range');
    expect(output).not.toContain('What to do next');
  });

  it('lead from their key to every request with it', async () => {
    const [requests = []] = printedCommands(await ask(KEY));
    expect(requests).toEqual(expect.arrayContaining(['--session', KEY]));
  });

  it('stay in a list without the cluster’s own work, if curl used them', async () => {
    const shown = await ask('records', '--no-system', '-o', 'jsonl');
    expect(shown).toContain(TAKEN);
    expect(shown).not.toContain(OWN);
  });

  it('come from an address that others use too: these are listed, and nobody is blamed', async () => {
    const report = reportIn(await ask('incident', TAKEN, '-o', 'json'));
    expect(report.sameIps).toMatchObject([
      { ip: TOR, isShared: false, requests: 1, callers: [{ status: 'unattributed' }] },
    ]);
    expect(report.next.map(({ title }) => title)).toContain(
      `If other callers from ${TOR} were the same person: Rotate the secrets that were read: shop/db`,
    );
    expect(await ask('incident', TAKEN)).toContain('The source IP alone does not show that these are the same person.');
  });

  it('are marked if many share the address, and then no step follows', async () => {
    const many = Array.from({ length: 6 }, (_, at) =>
      eventBy(roleUser({ session: `user-${at}`, key: null, username: 'admin' }), {
        auditID: `many-${at}`,
        sourceIPs: [TOR],
        ...ofSecret('db'),
      }),
    );
    using folder = new Folder();
    const audit = folder.file('audit.jsonl', lines([...AUDIT, ...many]));
    const trail = folder.file('trail.jsonl', lines(RECORDS));
    const { output } = await runCommand(['incident', TAKEN, '--audit', audit, '--cloudtrail', trail]);
    expect(output).toContain('Many callers use this source IP.');
    expect(output).not.toContain('If other callers from');
  });
});

describe('a caller who acts directly', () => {
  const uid = (rest: string) => `aws-iam-authenticator:${ACCOUNT}:${rest}`;
  const CUT = { uid: uid(ACCOUNT), username: 'kubernetes-admin', extra: { accessKeyId: [KEY] } };
  const BOB = {
    uid: uid(userId('bob')),
    username: 'bob',
    extra: { accessKeyId: [KEY], arn: [`arn:aws:iam::${ACCOUNT}:user/bob`] },
  };

  /** Returns the people of the request, and the certainty, by `incident` and by `whois`. */
  async function both(user: JsonObject, records: readonly JsonObject[]) {
    using folder = new Folder();
    const event = eventBy(user);
    const files = [
      ...['--audit', folder.file('audit.jsonl', `${JSON.stringify(event)}\n`)],
      ...['--cloudtrail', folder.file('trail.json', JSON.stringify({ Records: records }))],
    ];
    const { sections } = reportIn(
      (await runCommand(['incident', JSON.stringify(event), ...files, '-o', 'json'])).output,
    );
    const { output } = await runCommand([JSON.stringify(event), ...files]);
    const certain = new Set(sections.map((each) => each.certain));
    const text = output.replaceAll(/\s+/g, ' ');
    for (const each of certain) expect(text).toContain(each);
    return { people: sections.map(({ actor }) => actor?.name ?? actor?.kind).sort(), certain: [...certain] };
  }

  it('is whoever called GetFederationToken if the uid of a federated user was cut', async () => {
    expect(await both(CUT, [federationGrant('guest')])).toEqual({
      people: ['alice'],
      certain: ['Certain: CloudTrail shows this access key being issued to them.'],
    });
  });

  it('is one of several candidates if the key was issued to somebody else', async () => {
    expect(await both(BOB, [grant()])).toEqual({
      people: ['alice', 'bob'],
      certain: ['Not certain: several actors are possible.'],
    });
  });

  it('is certain if nothing known about the key names anybody else', async () => {
    expect(await both(BOB, [])).toEqual({
      people: ['bob'],
      certain: [
        'Certain: this is the user itself, not a session of a role, and no CloudTrail record known here shows this access key with anybody else.',
      ],
    });
  });
});

/** Alice's and bob's requests in so many roles: alice's in the first role one, in the second two, and so on. */
function ofRoles(folder: Folder, count: number): readonly string[] {
  const roles = Array.from({ length: count }, (_, at) => ({
    roleId: `AROAUSEDROLE${String(at).padStart(9, '0')}`,
    roleName: `role-${at}`,
  }));
  const [audit, trail]: [JsonObject[], JsonObject[]] = [[], []];
  for (const [at, { roleId, roleName }] of roles.entries())
    for (const [person, requests] of [
      ['alice', at + 1],
      ['bob', 1],
    ] as const) {
      const session = {
        roleId,
        roleName,
        session: person,
        key: `ASIA${person.toUpperCase().padEnd(6, '0')}${String(at).padStart(10, '0')}`,
      };
      trail.push(grant({ ...session, id: `${person}-${at}`, path: '/team/', by: iamUser(person) }));
      for (let nth = 0; nth < requests; nth += 1)
        audit.push(eventBy(roleUser(session), { auditID: `${person}-${at}-${nth}` }));
    }
  const lines = (records: readonly JsonObject[]) => records.map((each) => `${JSON.stringify(each)}\n`).join('');
  return [
    '--audit',
    folder.file('audit.jsonl', lines(audit)),
    '--cloudtrail',
    folder.file('trail.jsonl', lines(trail)),
  ];
}

describe('who else used the roles', () => {
  const arnOf = (at: number) => `arn:aws:iam::${ACCOUNT}:role/team/role-${at}`;

  it('is reported for each role that the person used in the window: that of the incident, then the most used', async () => {
    using folder = new Folder();
    const words = ['incident', 'ASIAALICE00000000000', '--at', utc('12:10:00'), ...ofRoles(folder, 3)];
    const report = reportIn((await runCommand([...words, '-o', 'json'])).output);
    expect(report.others?.map(({ role, callers }) => [role, callers.map(({ actors }) => actors)])).toEqual(
      [0, 2, 1].map((at) => [arnOf(at), [['iam-user bob']]]),
    );
    expect(report.othersLeft).toBe(0);
    const { output } = await runCommand(words);
    for (const at of [0, 1, 2]) expect(output).toContain(`Who else used the role ${arnOf(at)}`);
  });

  it('is reported for ten roles, with the number of others', async () => {
    using folder = new Folder();
    const words = ['incident', 'ASIAALICE00000000000', '--at', utc('12:10:00'), ...ofRoles(folder, 12)];
    const report = reportIn((await runCommand([...words, '-o', 'json'])).output);
    expect(report.others?.map(({ role }) => role)).toEqual([0, 11, 10, 9, 8, 7, 6, 5, 4, 3].map(arnOf));
    expect(report.othersLeft).toBe(2);
    for (const format of ['text', 'markdown'])
      expect((await runCommand([...words, '-o', format])).output).toContain(
        'Not checked: who else used 2 more roles in this time range. Use a shorter --window.',
      );
  });
});

describe('if little is known', () => {
  it('the report says that what was done is not known without an audit log', async () => {
    const { output, status } = await runCommand(['incident', LINE, ...FILES.slice(0, 2)]);
    expect(status).toBe(0);
    expect(output).toContain('This report does not show what was done in the clusters');
    expect(output).not.toContain('0 requests');
  });

  it('an unknown audit ID is reported, with exit status 4', async () => {
    const { output, status } = await incident('00000000-0000-0000-0000-000000000000');
    expect(status).toBe(4);
    expect(output).toContain('No record has this audit ID.');
  });

  it.each<[string, readonly string[], string]>([
    ['nothing', ['incident'], 'There is nothing to report on.'],
    [
      'an audit log on standard input',
      ['incident', 'ASIA77YCHGK2XEXAMPLE', '--cloudtrail', 'x', '--audit', '-'],
      'more than once',
    ],
    ['a window that is none', ['incident', 'x', '--window', '2 hours'], '30m, 2h or 1d'],
    ['a window of a year', ['incident', 'x', '--window', '365d'], 'at most 31d'],
    ['a text that is not recognized', ['incident', 'hello world', ...FILES], 'The text was not recognized'],
    [
      'keys without files',
      ['incident', 'ASIA77YCHGK2XEXAMPLE', '--table', 'x', '--digest-public-key', 'k'],
      'works only with --cloudtrail',
    ],
    [
      'evidence of standard input',
      ['incident', 'ASIA77YCHGK2XEXAMPLE', '--cloudtrail', '-', '--evidence', 'x'],
      'read only once',
    ],
  ])('%s is wrong usage', async (_, words, message) => {
    const { status, output, errors } = await runCommand(words);
    expect([status, output, errors]).toEqual([2, '', expect.stringContaining(message)]);
  });
});

describe('names that the caller chose', () => {
  const HOSTILE = '`](http://evil.example)<img src=x onerror=alert(1)>|@everyone\u001b[2J\n# Owned\n| a | b |';

  async function reportOnHostile(format: string): Promise<string> {
    using folder = new Folder();
    const event = JSON.parse(LINE) as { objectRef: object };
    const hostile = {
      ...event,
      auditID: HOSTILE,
      userAgent: HOSTILE,
      objectRef: { ...event.objectRef, name: HOSTILE },
    };
    const audit = folder.file('audit.jsonl', `${JSON.stringify(hostile)}\n`);
    const words = ['incident', JSON.stringify(hostile), '--audit', audit, ...FILES.slice(0, 2), '-o', format];
    const { output, errors, status } = await runCommand(words);
    expect(status, errors).toBe(0);
    expect(output).toContain('Owned');
    return output;
  }

  it.each(['text', 'markdown'])(
    'write nothing that a terminal obeys, and no line of their own, into %s',
    async (format) => {
      const output = await reportOnHostile(format);
      expect(output).not.toContain('\u001b');
      expect(output).not.toMatch(/^# Owned/m);
      expect(output).not.toMatch(/^\| a \| b \|/m);
    },
  );

  it('are code spans in Markdown, so that they create no link, HTML, mention or cell', async () => {
    const output = await reportOnHostile('markdown');
    for (const line of output.split('\n').filter((each) => each.includes('evil.example'))) {
      const outside = line.replace(/(`+)(?!`)(?:.*?[^`])\1(?!`)/g, '');
      expect(outside, line).not.toMatch(/evil|<img|@everyone|Owned/);
      if (!line.startsWith('|')) continue;
      expect(line.replaceAll('\\|', '').split('|').length - 2, line).toBe(8);
    }
  });
});
