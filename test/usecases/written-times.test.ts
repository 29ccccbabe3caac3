import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ROLE_ARN, ROLE_ID, utc } from '../builders/company.ts';
import {
  ARN,
  BOBS,
  type Deed,
  errorLineOf,
  GRANTS,
  MALLORYS,
  nodeAt,
  SECRETS,
  SESSION,
  STRANGERS,
  timeOf,
  world,
} from './pasted-texts.ts';
import { namedIn, overFiles, overService, type PastedWorld } from './pasted-world.ts';
import { EXEC, PROCESS_ALERTS, worldOf } from './started-process.ts';

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
afterEach(() => void vi.restoreAllMocks());

const DAY = 86_400_000;
const REFUSED: Deed = { key: BOBS, after: 0, namespace: 'shop', code: 403 };
const LATER: Deed = { ...REFUSED, key: STRANGERS, after: 60_000 };
const LINE = errorLineOf(REFUSED);
const LOG = world([REFUSED, LATER]);
const UNACCEPTED: PastedWorld = {
  grants: [],
  events: [
    ...nodeAt('11:10:00', '13:10:00'),
    ...['12:10:00', '12:20:00'].map((time, at) =>
      eventBy({}, { auditID: `unaccepted-${at}`, requestReceivedTimestamp: utc(time), responseStatus: { code: 401 } }),
    ),
  ],
};

describe.each([
  ['files', overFiles],
  ['the service', overService],
] as const)('the time at which a line was written, over %s', (_, ask) => {
  const listed = async (log: PastedWorld, text: string) => {
    const answer = await ask(log, text);
    expect(namedIn(answer)).toEqual([]); // no single caller is the answer
    const [found] = answer.found;
    return found?.outcome.kind === 'sessions' ? found.outcome : undefined;
  };
  const keysIn = async (log: PastedWorld, text: string) =>
    (await listed(log, text))?.sessions.map(({ accessKeyId }) => accessKeyId);

  it.each([
    ['2026-03-10T12:10:03Z ', BOBS],
    ['2026-03-10T12:10:03.123456789Z stderr F ', BOBS],
    ['[2026-03-10 12:10:03,123] ', BOBS],
    ['2026/03/10 13:10:03 +0100 ', BOBS],
    ['[pod/job-1/app] 2026-03-10T12:11:08Z ', STRANGERS],
    ['E0310 12:11:01.123456       1 main.go:12] ', STRANGERS],
    ['Mar 10 12:11:01 runner deploy[3]: ', STRANGERS],
    ['[12:11:01] ', STRANGERS],
    ['2026-03-10 deploy\n[12:10:01] ', BOBS],
  ])('finds the request just before it: %s', async (prefix, key) => {
    expect(await keysIn(LOG, `${prefix}${LINE}`)).toEqual([key]);
  });

  it('is that of a login, whose request was received just before', async () => {
    const loginAt = (time: string) =>
      `time="${utc(time)}" level=info msg="access granted" arn="${ROLE_ARN}" client="127.0.0.1:40512" groups="[]" method=POST path=/authenticate uid="aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}" username="${ARN}"`;
    expect(await keysIn(LOG, loginAt('12:10:03'))).toEqual([BOBS]);
    expect(await keysIn(LOG, loginAt('12:11:01'))).toEqual([STRANGERS]);
    const [none] = (await ask(LOG, loginAt('12:30:00'))).found;
    expect(none?.outcome).toMatchObject({ attribution: { status: 'ambiguous' }, inLog: { result: 'none' } });
  });

  it('is also that of a field beside a quoted error', async () => {
    const quoted = JSON.stringify(LINE);
    expect(await keysIn(LOG, `time="2026-03-10T12:11:02Z" level=error msg=${quoted}`)).toEqual([STRANGERS]);
    expect(await keysIn(LOG, `{"level":"error","ts":1773144605.12,"error":${quoted}}`)).toEqual([BOBS]);
  });

  it('is reported as such, and names no single caller', async () => {
    const answer = await listed(LOG, `2026-03-10T12:10:03Z ${LINE}`);
    expect([answer?.inLog?.result, answer?.note]).toEqual([
      'similar',
      expect.stringContaining('The request was made at most 10 s before'),
    ]);
  });

  it('can be long after the request, so that similar requests are shown then', async () => {
    const answer = await listed(LOG, `2026-03-10T12:40:00Z ${LINE}`);
    expect([answer?.sessions.length, answer?.inLog?.differs, answer?.note]).toEqual([
      2,
      ['time'],
      expect.stringContaining('They are other requests'),
    ]);
  });

  it('is one range if the error is repeated', async () => {
    const text = ['12:10:00', '12:10:30', '12:11:00'].map((time) => `2026-03-10T${time}Z ${LINE}`).join('\n');
    const answer = await ask(LOG, text);
    expect([answer.found.length, namedIn(answer), await keysIn(LOG, text)]).toEqual([1, [], [STRANGERS, BOBS]]);
  });

  it('without a date fits on every day of the log', async () => {
    const log = world(
      [REFUSED, { ...REFUSED, key: MALLORYS, after: DAY + 1_000 }, { ...LATER, after: DAY + 60_000 }],
      GRANTS,
    );
    const answer = await listed(log, `[12:10:02] ${LINE}`);
    expect(answer?.sessions.map(({ accessKeyId }) => accessKeyId)).toEqual([MALLORYS, BOBS]);
    expect(answer?.note).toContain('The text says 12:10:02, but not the date.');
  });

  it('of an object that is gone is only the end of the time in which it was deleted', async () => {
    const gone = (at: string) => `${at} Error from server (NotFound): secrets "db" not found`;
    const log = world([]);
    const deleted = eventBy(roleUser({ session: SESSION, key: BOBS, username: ARN }), {
      verb: 'delete',
      objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', apiVersion: 'v1' },
      requestURI: '/api/v1/namespaces/shop/secrets/db',
      requestReceivedTimestamp: utc('12:10:00'),
    });
    const withIt = { ...log, events: [...log.events, deleted] };
    expect(await keysIn(withIt, gone('2026-03-10T13:00:00Z'))).toEqual([BOBS]);
    expect((await listed(withIt, gone('2026-03-10T12:00:00Z')))?.inLog?.differs).toEqual(['time']);
  });

  it.each([
    '2026-03-10T12:20:03Z Unauthorized',
    '[2026-03-10 12:20:03] error: You must be logged in to the server (Unauthorized)',
    "E0310 12:20:03.123456   12 memcache.go:265] couldn't get current server API group list: Unauthorized",
    '12:20:03 error: You must be logged in to the server (Unauthorized)',
  ])('finds the request whose credentials were not accepted: %s', async (text) => {
    const { inLog } = (await listed(UNACCEPTED, text)) ?? {};
    expect([inLog?.requests, inLog?.agrees]).toEqual([1, ['time', 'code']]);
  });

  it('of Falco has no date by default, so that no process is that of one request', async () => {
    const line = PROCESS_ALERTS.line({ ...EXEC, after: 300 }).replace(/^[^T]*T([\d:.]+)Z/, '$1');
    expect(line).toMatch(/^12:10:00\.300: Notice/);
    const one = worldOf([EXEC, { ...EXEC, key: STRANGERS, after: 600_000 }]);
    expect([await keysIn(one, line), (await listed(one, line))?.note]).toEqual([
      [BOBS],
      expect.stringContaining('but not the date'),
    ]);
    expect(await keysIn(worldOf([EXEC, { ...EXEC, key: STRANGERS, after: DAY }]), line)).toEqual([STRANGERS, BOBS]);
  });

  it('of an alert of Falco about a binding leads to the binding, and without a date to nobody alone', async () => {
    const bound = (key: string, after: number, name: string) =>
      eventBy(roleUser({ session: SESSION, key, username: ARN }), {
        auditID: `bound-${name}`,
        verb: 'create',
        objectRef: { resource: 'clusterrolebindings', name, apiGroup: 'rbac.authorization.k8s.io', apiVersion: 'v1' },
        requestURI: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
        requestObject: {
          roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
          subjects: [{ kind: 'User', name }],
        },
        requestReceivedTimestamp: timeOf(after),
      });
    const log = world([SECRETS]);
    const one = { ...log, events: [...log.events, bound(BOBS, 0, 'eve')] };
    const sentence = (name: string) =>
      `Warning Cluster Role Binding to cluster-admin role (user=${ARN} subject=({"kind":"User","name":"${name}"}))`;
    const found = await listed(one, `12:10:00.202: ${sentence('eve')}`);
    expect([found?.sessions.length, found?.inLog?.agrees]).toEqual([1, expect.arrayContaining(['binding', 'verb'])]);
    expect(found?.note).toContain('The text says 12:10:00.202, but not the date.');
    expect(namedIn(await ask(one, `${utc('12:10:00')}: ${sentence('eve')}`))).toEqual(['bob']);
    await listed(one, `${utc('12:10:00')}: ${sentence('trudy')}`);
    const two = { ...one, events: [...one.events, bound(STRANGERS, 1_000, 'trudy')] };
    expect(await keysIn(two, `12:10:00.202: ${sentence('trudy')}`)).toEqual([STRANGERS]);
  });

  it('names no single caller without its date, even if the line states nothing but a user', async () => {
    const answer = await ask(LOG, `12:10:00.202: Warning Another rule (user=${ARN})`);
    expect([namedIn(answer), JSON.stringify(answer.found)]).toEqual([[], expect.stringContaining('but not the date')]);
    expect(namedIn(await ask(world([]), `12:10:00.202: Warning Another rule (user=${ARN})`))).toEqual([]);
  });
});
