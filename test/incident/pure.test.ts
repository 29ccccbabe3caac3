import { describe, expect, it } from 'vitest';
import { textDocument } from '../../cli/incident/written.ts';
import { rawPieces } from '../../lib/adapters/files/raw-pieces.ts';
import { identified } from '../../lib/attribution/actor.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import type { Flag } from '../../lib/attribution/flags.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis, parseInstant } from '../../lib/time.ts';
import { ActivityCollector, graveKindsOf } from '../../lib/usecases/activity/activity.ts';
import { CallersCollector, SessionsCollector, UsedRolesCollector } from '../../lib/usecases/activity/people.ts';
import { wasDone } from '../../lib/usecases/activity/requests.ts';
import { windowAround } from '../../lib/usecases/incident/incident.ts';
import { nextSteps } from '../../lib/usecases/incident/next-steps.ts';
import type { Section } from '../../lib/usecases/incident/report.ts';
import { fields, lineOf, table, text, valueLine } from '../../lib/words/document.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT } from '../builders/company.ts';

const record = (fields: JsonObject): AuditRecord => recordOf({ event: auditEvent(fields) });

function request(verb: string, resource: string, more: JsonObject = {}): AuditRecord {
  const [kind = '', subresource] = resource.split('/');
  const objectRef = { resource: kind, subresource, namespace: 'shop', name: 'x', ...more };
  return record({ verb, objectRef, requestURI: `/${resource}` });
}

const LOOKED = { isComplete: true, examined: 0 };

describe('at a terminal', () => {
  it('text of the caller never looks like a field, command or column, wherever its line is broken', () => {
    const hostile = `${'x '.repeat(40)}who           IAM user ben.okafor ${'y '.repeat(30)}aws iam delete-user`;
    const row = ['2026-03-10T08:31:48Z', `mallory, status attributed`, 'unattributed'];
    const shown = textDocument(
      [
        ...fields(['caller', valueLine(hostile)]),
        text(lineOf`By ${hostile}.`),
        ...table(['TIME', 'WHO', 'STATUS'], [row.map((cell) => cell.padEnd(30, 'z'))]),
      ],
      40,
    );
    expect(shown).not.toMatch(/^(?:who|iam-user) |^ {0,3}(?:aws|[xy]) /m);
    expect(shown).toContain('who "mallory,');
  });
});

function flagged(of: AuditRecord, flag: Flag): AuditRecord {
  const { attribution } = of;
  return { ...of, attribution: { ...attribution, flags: [flag] } };
}

describe('the requests that a report lists one by one', () => {
  it.each<[string, AuditRecord, readonly string[]]>([
    ['a secret that was read', request('get', 'secrets'), ['secrets-read']],
    ['all secrets', request('list', 'secrets'), ['secrets-read']],
    ['secrets that are watched', request('watch', 'secrets'), ['secrets-read']],
    ['an exec', request('create', 'pods/exec'), ['exec']],
    ['an exec over a WebSocket', request('get', 'pods/exec'), ['exec']],
    ['a port-forward', request('create', 'pods/portforward'), ['exec']],
    ['the way round exec', request('create', 'nodes/proxy'), ['exec']],
    ['a deleted secret', request('delete', 'secrets'), ['delete']],
    ['many deleted at once', request('deletecollection', 'pods'), ['delete']],
    ['a token', request('create', 'serviceaccounts/token'), ['token-request']],
    ['the use of a token', flagged(request('list', 'pods'), 'token-of-service-account'), ['token-use']],
    ['a role binding', request('create', 'rolebindings'), ['rbac-change']],
    ['a role binding that is taken away', request('delete', 'clusterrolebindings'), ['delete', 'rbac-change']],
    ['a pod that was created', request('create', 'pods'), ['workload-created']],
    ['a cron job that was created', request('create', 'cronjobs'), ['workload-created']],
    ['a deployment that was changed', request('patch', 'deployments'), ['workload-changed']],
    ['a pod whose image was changed', request('update', 'pods'), ['workload-changed']],
    ['aws-auth', request('patch', 'configmaps', { namespace: 'kube-system', name: 'aws-auth' }), ['rbac-change']],
  ])('include %s', (_, each, kinds) => {
    expect(graveKindsOf(each)).toEqual(kinds);
  });

  it.each<[string, AuditRecord]>([
    ['a pod that was read', request('get', 'pods')],
    ['its log', request('get', 'pods/log')],
    ['the status of a deployment', request('patch', 'deployments/status')],
    ['an eviction', request('create', 'pods/eviction')],
    ['a secret that was made', request('create', 'secrets')],
    ['roles that were read', request('list', 'clusterroles')],
    ['another config map', request('patch', 'configmaps', { namespace: 'shop', name: 'aws-auth' })],
  ])('do not include %s', (_, each) => {
    expect(graveKindsOf(each)).toEqual([]);
  });

  it('include a denied request once, and not again by its kind: it had no effect', () => {
    const objectRef = { resource: 'secrets', namespace: 'shop', name: 'db' };
    for (const code of [401, 403])
      expect(graveKindsOf(record({ verb: 'get', objectRef, responseStatus: { code } }))).toEqual(['denied']);
  });

  it.each<[string, string, string, readonly string[]]>([
    ['a delete', 'delete', 'secrets', ['dry-run']],
    ['a role binding', 'create', 'clusterrolebindings', ['dry-run']],
    ['a deployment that was changed', 'patch', 'deployments', ['dry-run']],
    ['an eviction', 'create', 'pods/eviction', ['dry-run']],
    ['a read, which ignores it', 'get', 'secrets', ['secrets-read']],
    ['an exec, which ignores it', 'create', 'pods/exec', ['exec']],
    ['a token, which is issued all the same', 'create', 'serviceaccounts/token', ['token-request']],
  ])('include a dry run by itself, because it changed nothing: %s', (_, verb, what, kinds) => {
    const requestURI = `/apis/x/v1/namespaces/shop/${what}?dryRun=All`;
    const [resource, subresource] = what.split('/');
    const objectRef = { namespace: 'shop', resource, ...(subresource && { subresource }) };
    const each = record({ verb, objectRef, requestURI });
    expect([graveKindsOf(each), wasDone(each)]).toEqual([kinds, !kinds.includes('dry-run')]);
  });

  it('include requests as another user, besides their own kind', () => {
    const impersonated = record({ verb: 'delete', impersonatedUser: { username: 'ceo' } });
    expect(graveKindsOf(impersonated)).toEqual(['delete', 'impersonation']);
  });
});

describe('the requests of a window', () => {
  it('are listed up to a limit for each kind, earliest first, and all are counted, in any order', () => {
    const collector = new ActivityCollector();
    const minutes = Array.from({ length: 50 }, (_, at) => (at * 7) % 50);
    for (const minute of minutes) {
      const time = `2026-03-10T10:${String(minute).padStart(2, '0')}:00.000000Z`;
      collector.add(record({ verb: 'delete', requestReceivedTimestamp: time }));
    }
    const { requests, first, last, grave } = collector.result(LOOKED);
    expect([requests, first, last]).toEqual([50, '2026-03-10T10:00:00.000000Z', '2026-03-10T10:49:00.000000Z']);
    expect(grave.map(({ kind, count, listed }) => [kind, count, listed.length])).toEqual([['delete', 50, 20]]);
    expect(grave[0]?.listed.at(-1)?.time).toBe('2026-03-10T10:19:00.000000Z');
  });

  it('are counted without keeping each of endlessly many namespaces', () => {
    const collector = new ActivityCollector();
    for (let at = 0; at < 1_000; at += 1) collector.add(request('get', 'pods', { namespace: `ns-${at}` }));
    const { requests, counts, countsLeft } = collector.result(LOOKED);
    expect(requests).toBe(1_000);
    expect(counts.length).toBeLessThan(1_000);
    expect(counts.length + countsLeft).toBe(1_000);
  });

  it('are shown by node name for a node that used the role', () => {
    const node = {
      username: 'system:node:ip-10-0-1-7',
      uid: 'aws-iam-authenticator:111122223333:AROANODE000000000001',
    };
    const collector = new CallersCollector([]);
    collector.add(
      record({ user: { ...node, groups: ['system:nodes'], extra: { sessionName: ['i-0abc1234def567890'] } } }),
    );
    const [row] = collector.result(LOOKED).callers;
    expect(row).toMatchObject({ status: 'system', actors: ['system:node:ip-10-0-1-7'] });
  });

  it('are listed alike in whatever order they were read, each caller with their latest request', () => {
    const requests = ['a', 'b'].flatMap((username) =>
      ['10:00', '11:00'].map((clock) =>
        record({
          auditID: `${username}-${clock}`,
          requestReceivedTimestamp: `2026-03-10T${clock}:00.000000Z`,
          user: { username },
        }),
      ),
    );
    const [asRead, reversed] = [requests, requests.toReversed()].map((order) => {
      const collector = new CallersCollector([]);
      for (const each of order) collector.add(each);
      return collector.result(LOOKED).callers;
    });
    expect(asRead?.map(({ auditId }) => auditId)).toEqual(['b-11:00', 'a-11:00']);
    expect(reversed).toEqual(asRead);
  });

  it('are counted without keeping each of endlessly many callers', () => {
    const collector = new CallersCollector([]);
    for (let at = 0; at < 1_000; at += 1) collector.add(record({ user: { username: `u-${at}` } }));
    const { requests, callers, left } = collector.result(LOOKED);
    expect([requests, callers.length + left, callers.length < 1_000]).toEqual([1_000, 1_000, true]);
  });

  it('have the places, roles and sessions of each account, however many another account forges before', () => {
    const [activity, roles, sessions] = [new ActivityCollector(), new UsedRolesCollector(), new SessionsCollector()];
    const add = (at: number, accountId: string) => {
      const [roleName, roleId] = [`role-${at}`, `AROA${String(at).padStart(17, '0')}`];
      const user = roleUser({ session: `session-${at}`, roleName, roleId });
      const sent = { ...record({ user, objectRef: { resource: 'pods', namespace: `ns-${at}` } }), accountId };
      for (const collector of [activity, roles, sessions]) collector.add(sent);
      return roleName;
    };
    for (let at = 0; at < 500; at += 1) add(at, OTHER_ACCOUNT);
    const own = add(500, ACCOUNT);
    const { counts, countsLeft } = activity.result(LOOKED);
    expect(counts).toContainEqual(expect.objectContaining({ namespace: 'ns-500' }));
    expect(counts.length + countsLeft).toBe(501);
    expect(roles.but([]).slice(0, 2)).toContainEqual(expect.stringContaining(own));
    const found = sessions.result();
    expect(found.sessions).toContainEqual(expect.objectContaining({ session: expect.stringContaining('session-500') }));
    expect(found.sessions.length + found.sessionsLeft).toBe(501);
  });

  it('are listed in turns of the accounts that sent them, however many another account forges', () => {
    const [callers, activity] = [new CallersCollector([]), new ActivityCollector()];
    const add = (each: AuditRecord, accountId: string) => {
      const sent = { ...each, accountId };
      callers.add(sent);
      activity.add(sent);
    };
    for (let at = 0; at < 200; at += 1)
      for (const clock of ['09:00', '09:01'])
        add(
          record({
            verb: 'delete',
            user: { username: `forged-${at}` },
            requestReceivedTimestamp: `2026-03-10T${clock}:00.000000Z`,
          }),
          '999988887777',
        );
    const real = { verb: 'delete', auditID: 'real', user: { username: 'mallory' } };
    add(record({ ...real, requestReceivedTimestamp: '2026-03-10T10:00:00.000000Z' }), '111122223333');
    const found = callers.result(LOOKED);
    expect(found.callers.map(({ username }) => username)).toContain('mallory');
    expect(found.callers.reduce((sum, { requests }) => sum + requests, found.left)).toBe(401);
    const [{ listed = [] } = {}] = activity.result(LOOKED).grave;
    expect(listed.map(({ auditId }) => auditId)).toContain('real');
    expect(listed).toHaveLength(20);
  });
});

describe('the window', () => {
  const at = parseInstant('2026-03-10T10:00:00Z');

  it('is around the given time', () => {
    const answer = { as: '', notes: [], found: [], isOne: true, left: 0 };
    expect(windowAround(answer, at, 60_000)).toEqual({ from: (at ?? 0) - 60_000, to: (at ?? 0) + 60_000 });
  });

  it('is found with more requests than a call takes arguments: a caller can give each the same audit ID', () => {
    const [first, last] = ['2026-03-10T10:00:00.000000Z', '2026-03-10T11:00:00.000000Z'].map((time) =>
      record({ requestReceivedTimestamp: time }),
    );
    if (first === undefined || last === undefined) throw new Error('no record');
    const { attribution, caller } = first;
    const records = [last, ...new Array<AuditRecord>(300_000).fill(first)];
    const outcome = { kind: 'attributed', attribution, caller, record: last, records } as const;
    const subject = { by: 'audit-id', auditId: 'x', circumstances: {} } as const;
    const found = [{ subject, outcome }];
    expect(windowAround({ as: '', notes: [], found, isOne: true, left: 0 }, undefined, 0)).toEqual({
      from: parseInstant('2026-03-10T10:00:00Z'),
      to: parseInstant('2026-03-10T11:00:00Z'),
    });
  });

  it('is undefined if no time is known', () => {
    const outcome = { kind: 'not-known', why: 'x' } as const;
    const subject = { by: 'person', person: 'x', circumstances: {} } as const;
    expect(
      windowAround({ as: '', notes: [], found: [{ subject, outcome }], isOne: true, left: 0 }, undefined, 1),
    ).toBeUndefined();
  });
});

describe('the next steps', () => {
  const NOW = epochMillis(Date.parse('2026-03-10T12:00:00.500Z'));
  const attribution: Attribution = {
    status: 'attributed',
    method: 'access-key',
    provisional: false,
    flags: [],
    actor: identified({ kind: 'iam-user', name: 'alice', arn: 'arn:aws:iam::111122223333:user/alice' }),
    chain: [],
  };
  const section: Section = {
    standing: 'actor',
    actor: attribution.actor,
    attribution,
    chain: [],
    role: 'arn:aws:iam::111122223333:role/team/admin',
    sessions: [],
    sessionsLeft: 0,
  };
  const stepsOf = (changes: Partial<Section>) => nextSteps([{ ...section, ...changes }], NOW);
  const commands = (changes: Partial<Section> = {}) => stepsOf(changes).flatMap(({ command }) => command ?? []);

  it('delete only bindings that authorization.reason names for anonymous callers, in words that a shell reads as names', () => {
    const deletions = (reason?: string) =>
      commands({
        standing: 'system',
        actor: undefined,
        role: undefined,
        anonymous: { cluster: 'prod', reason },
      }).filter((each) => each.startsWith('kubectl delete'));
    const reasonOf = (binding: string, to = 'User "system:anonymous"') =>
      `RBAC: allowed by ${binding} of Role "r" to ${to}`;
    const unknown = ['kubectl delete clusterrolebinding BINDING'];
    expect(deletions(reasonOf('RoleBinding "open/shop"'))).toEqual(['kubectl delete rolebinding -n shop open']);
    expect(deletions(reasonOf('ClusterRoleBinding "--all"'))).toEqual(['kubectl delete clusterrolebinding -- --all']);
    expect(deletions(reasonOf('ClusterRoleBinding "a;id"'))).toEqual(["kubectl delete clusterrolebinding 'a;id'"]);
    expect(deletions(reasonOf('RoleBinding "open/--all"'))).toEqual(unknown);
    expect(deletions(reasonOf('ClusterRoleBinding "admins"', 'Group "admins"'))).toEqual(unknown);
    expect(deletions()).toEqual(unknown);
  });

  it('deny what sessions issued until now do, by the policy of the IAM console, and say that the cluster stays open', () => {
    const step = stepsOf({}).find(({ title }) => title.startsWith('Revoke the sessions'));
    const [, policy = ''] = /--policy-document '(.*)'$/.exec(step?.command ?? '') ?? [];
    expect(step?.command).toContain('aws iam put-role-policy --role-name admin --policy-name AWSRevokeOlderSessions');
    expect(JSON.parse(policy)).toMatchObject({
      Statement: [
        {
          Effect: 'Deny',
          Action: ['*'],
          Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-03-10T12:00:00Z' } },
        },
      ],
    });
    expect(step?.caution).toContain('does not end access to a cluster');
  });

  it('remove the access of each role in the clusters in which it was used, by the whole ARN', () => {
    const use = { requests: 1, status: 'attributed' as const, eventIds: [] };
    const sessions = [
      { ...use, role: 'arn:aws:iam::111122223333:role/team/admin', clusters: ['prod'] },
      { ...use, role: 'arn:aws:sts::111122223333:assumed-role/reader/jane', clusters: ['staging'] },
    ];
    const closing = commands({ sessions }).filter((each) => each.includes('delete-access-entry'));
    expect(closing).toEqual([
      'aws eks delete-access-entry --cluster-name prod --principal-arn arn:aws:iam::111122223333:role/team/admin',
      'aws eks delete-access-entry --cluster-name staging --principal-arn arn:aws:iam::111122223333:role/reader',
    ]);
    expect(commands({})).toContain(
      'aws eks delete-access-entry --cluster-name CLUSTER --principal-arn arn:aws:iam::111122223333:role/team/admin',
    );
  });

  it('warn about the nodes at the role that only they use, whichever session the incident is about', () => {
    const use = { requests: 1, status: 'attributed' as const, eventIds: [], clusters: ['prod'] };
    const sessions = [
      { ...use, role: 'arn:aws:iam::111122223333:role/node', flags: ['node-role-used-by-person'] as const },
      { ...use, role: 'arn:aws:iam::111122223333:role/team/admin' },
    ];
    const warned = { ...attribution, flags: ['node-role-used-by-person'] as const };
    for (const of of [{ role: sessions[0]?.role, attribution: warned }, { role: sessions[1]?.role }]) {
      const closing = stepsOf({ ...of, sessions }).filter(({ title }) => title.startsWith('Remove access'));
      expect(
        closing.map(({ title, caution }) => [title.endsWith(' (a node role)'), caution.includes('nodes')]),
      ).toEqual([
        [true, true],
        [false, false],
      ]);
    }
  });

  it('deactivate the key that was used, if a user acted with one', () => {
    const sessions = [
      {
        accessKeyId: 'AKIAALICE00000000001',
        requests: 1,
        clusters: ['prod'],
        status: 'attributed' as const,
        eventIds: [],
      },
    ];
    expect(commands({ sessions, role: undefined })).toContain(
      'aws iam update-access-key --user-name alice --access-key-id AKIAALICE00000000001 --status Inactive',
    );
  });

  it('never put a policy on a role of Identity Center, which only AWS changes', () => {
    const role = 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123';
    const actor = identified({ kind: 'identity-center-user', name: 'emma' });
    expect(commands({ role, actor }).filter((each) => each.includes('put-role-policy'))).toEqual([]);
    expect(stepsOf({ role, actor }).map(({ title }) => title)).toContain(
      'Disable emma in IAM Identity Center, and end the sessions there',
    );
  });

  it('begin with "If it was" for one of several candidates', () => {
    expect(stepsOf({ standing: 'candidate' }).map(({ title }) => title)).toContain(
      'If it was alice: Deactivate the access keys of the IAM user alice',
    );
  });

  it('begin with "If it was" for each of several subjects: sharers of an audit ID, or of a role', () => {
    const emma = identified({ kind: 'identity-center-user', name: 'emma' });
    const titles = nextSteps([section, { ...section, actor: emma }], NOW).map(({ title }) => title);
    expect(titles).toContain('If it was alice: Deactivate the access keys of the IAM user alice');
    expect(titles).toContain('If it was emma: Disable emma in IAM Identity Center, and end the sessions there');
  });

  it('name the account and the principal ID of candidates with one name', () => {
    const of = ['AIDAONE', 'AIDATWO'].map((principalId): Section => {
      const arn = 'arn:aws:iam::111122223333:user/alice';
      const actor = identified({ kind: 'iam-user', name: 'alice', arn, accountId: '111122223333', principalId });
      return { ...section, standing: 'candidate', actor };
    });
    const titles = nextSteps(of, NOW).map(({ title }) => title);
    for (const id of ['AIDAONE', 'AIDATWO'])
      expect(titles).toContain(
        `If it was alice (account 111122223333, ${id}): Deactivate the access keys of the IAM user alice`,
      );
  });

  const tokensOf = (namespace: string, name: string, code?: number) => {
    const listed = [{ auditId: 'x', namespace, name, verb: 'create', ...(code !== undefined && { code }) }];
    const grave = [{ kind: 'token-request' as const, count: 1, listed }];
    const of = commands({ activity: { requests: 1, grave, counts: [], countsLeft: 0, ...LOOKED } });
    return of.filter((each) => each.includes('delete serviceaccount'));
  };

  it('end the tokens of a service account that were issued', () => {
    expect(tokensOf('shop', 'ci', 201)).toEqual(['kubectl -n shop delete serviceaccount -- ci']);
  });

  it('end no tokens for a request that issued none, or for a name that no service account can have', () => {
    for (const code of [404, 409, undefined]) expect(tokensOf('kube-system', 'victim', code)).toEqual([]);
    for (const name of ['--all', "a'; rm -rf ~ #", '$(id)', '']) expect(tokensOf('shop', name, 201)).toEqual([]);
  });

  it('ask which role it is, if only its ID is known', () => {
    expect(commands({ standing: 'session', actor: undefined, role: 'AROAEXAMPLE1234567890' })).toContain(
      "aws iam list-roles --query 'Roles[?RoleId=='\\''AROAEXAMPLE1234567890'\\''].Arn' --output text",
    );
  });

  it('are empty for the cluster itself', () => {
    expect(stepsOf({ standing: 'system', actor: undefined })).toEqual([]);
  });
});

describe('the text of a piece as it is in a file', () => {
  const EVENT = '{"auditID": "a-1",  "verb":"get", "uri":"\\u002fx"}';
  const find = (text: string) => [...rawPieces(text, new Set(['a-1']))];

  it.each<[string, string]>([
    ['on a line', `{"auditID":"b"}\n${EVENT}\n`],
    ['behind the time of an export', `2026-03-10T10:00:00Z it's "so": ${EVENT}\n`],
    ['in a list', `[{"auditID":"b"},\n ${EVENT}]`],
    ['as the message of an envelope', JSON.stringify({ logEvents: [{ id: '1', message: EVENT }] })],
    ['as a text on a line', `${JSON.stringify(EVENT)}\n`],
    ['in envelopes in envelopes', `{"Records":[{"events":[{"items":[ ${EVENT} ]}]}]}`],
    ['behind many lines that were cut', `${'{"auditID":"b","x":[{"y":[\n'.repeat(100)}${EVENT}\n`],
    ['behind a line that was cut', `{"auditID":"b","x":"cut here\n${EVENT}\n`],
  ])('is found %s', (_, text) => {
    expect(find(text)).toEqual([EVENT]);
  });

  it('is not searched in the field of another event', () => {
    expect(find('{"auditID":"b","note":"the id a-1 is mine"}')).toEqual([]);
    expect(find('{"auditID":"b","note":"a-1"}')).toEqual([]);
    expect(find('{"auditID":"b","notes":["a-1"]}')).toEqual([]);
    expect(find('{"auditID":"a-1","auditID":"b"}')).toEqual([]);
    expect(find('{"a-1":"auditID"}')).toEqual([]);
  });

  it.each<[string, string]>([
    ['objects', `${'{"auditID":"a-1","o":'.repeat(4_000)}1${'}'.repeat(4_000)}`],
    ['lists', `${'[{"auditID":"a-1","o":'.repeat(4_000)}1${'}]'.repeat(4_000)}`],
    ['what is never closed', '{"auditID":"a-1","o":['.repeat(100_000)],
    [
      'texts in texts',
      Array.from({ length: 12 }).reduce<string>((inner) => JSON.stringify({ auditID: 'a-1', inner }), ''),
    ],
  ])('is at most as many times as long as the text if a client nests the ID: %s', (_, text) => {
    const pieces = find(text);
    expect(pieces.length).toBeLessThanOrEqual(16);
    expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBeLessThanOrEqual(16 * text.length);
  });
});
