import type { Context, ScheduledEvent } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { FunctionName } from '../../infra/parameters.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { context, deployed, environment, subscriptionEvent, tablesOf } from './deployed.ts';
import { type LoopbackAws, startLoopbackAws } from './loopback-aws.ts';

const HUB = deployed({ clusters: ['prod'], regions: ['eu-west-1', 'us-east-1'], trail: 'lookups-only' });
const MINUTE = 60_000;

type Handler = (event: never, context: Context) => Promise<unknown>;
const handlers = new Map<FunctionName, Handler>();
const metrics: JsonObject[] = [];
const warnings: JsonObject[] = [];
let aws: LoopbackAws;
let beforeAnswer: () => Promise<void> = async () => undefined;

/** Ten minutes: no run ends by the clock. */
const invoke = (name: FunctionName, event: unknown) => handlers.get(name)?.(event as never, context(600));

async function settleFor(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await invoke('settle', { source: 'aws.events' } as ScheduledEvent);
    vi.setSystemTime(Date.now() + MINUTE);
  }
}

/** One minute's run, whose time is over once it has asked so often. */
async function settleUntilAsked(often: number): Promise<void> {
  const begun = aws.cloudtrail.requests.length;
  const time = new AbortController();
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal);
  beforeAnswer = async () => {
    if (aws.cloudtrail.requests.length - begun >= often) time.abort();
  };
  await settleFor(1);
  beforeAnswer = async () => undefined;
  timeout.mockRestore();
}

function notesIn(into: JsonObject[], wanted: (line: JsonObject) => boolean) {
  return (line: unknown) => {
    const parsed: unknown = typeof line === 'string' && line.startsWith('{') ? JSON.parse(line) : undefined;
    if (isJsonObject(parsed) && wanted(parsed)) into.push(parsed);
  };
}

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-03-10T12:11:00Z') });
  aws = await startLoopbackAws(tablesOf(HUB), () => beforeAnswer());
  const settings = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    LOOKUPS_PER_SECOND: '1000',
    POWERTOOLS_DEV: 'true', // its own console cannot be listened to
    POWERTOOLS_METRICS_DISABLED: 'false',
  };
  for (const [key, value] of Object.entries(settings)) vi.stubEnv(key, value);
  vi.spyOn(console, 'log').mockImplementation(notesIn(metrics, (line) => '_aws' in line));
  vi.spyOn(console, 'warn').mockImplementation(notesIn(warnings, ({ level }) => level === 'WARN'));
  for (const method of ['info', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
  for (const name of ['ingest', 'settle', 'api'] as const) {
    for (const [key, value] of Object.entries(environment(HUB, name))) vi.stubEnv(key, value);
    const module: { handler: Handler } = await import(`../../functions/${name}.ts`);
    handlers.set(name, module.handler);
  }
});

beforeEach(() => {
  aws.cloudtrail.clearFaults();
  aws.published.length = 0;
  metrics.length = 0;
  warnings.length = 0;
});

afterAll(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await aws?.stop();
});

it('a Region that refuses permanently is logged once a run, counted, and named by the alert at the deadline', async () => {
  aws.cloudtrail.setFault({ kind: 'access-denied', region: 'us-east-1' });
  const event = auditEvent({ user: roleUser(), requestReceivedTimestamp: new Date().toISOString() });
  await invoke('ingest', subscriptionEvent('prod', [event]));
  await settleFor(1);
  expect(warnings).toMatchObject([
    {
      message: 'look-up not answered',
      scope: 'us-east-1',
      code: 'denied',
      why: expect.stringContaining('LookupEvents'),
    },
  ]);
  expect(metrics.at(-1)).toMatchObject({ LookupsFailed: 1 });
  await settleFor(35);
  const [alert] = aws.published;
  expect(alert?.get('Subject')).toBe('eks-whois: unattributed: session named alice-session');
  const { email = '' } = JSON.parse(alert?.get('Message') ?? '') as Record<string, string>;
  expect(email).toContain('CloudTrail did not answer in: "us-east-1 (denied)"');
});

it('a look-up of more pages than fit into a run is continued, and keeps what it found', async () => {
  const now = Date.now();
  const at = (minutesAgo: number) => new Date(now - minutesAgo * MINUTE).toISOString().replace('.000', '');
  const shared = { session: 'EKSGetTokenAuth', roleId: 'AROASHARED0000000001' };
  const issued = (minutesAgo: number, key: string, more: object = {}) =>
    grant({ ...shared, at: at(minutesAgo), until: at(minutesAgo - 60), key, id: key, ...more });
  const many = Array.from({ length: 400 }, (_, each) => issued(61 + each / 2, `ASIASHARED${10_000_000 + each}`));
  const longest = issued(600, 'ASIASHAREDLONGEST001', { until: at(-60), by: iamUser('mallory') });
  aws.cloudtrail.add([...many, longest]);
  const user = roleUser({ ...shared, key: null });
  const event = auditEvent({ auditID: 'shared', user, requestReceivedTimestamp: at(60) });
  await invoke('ingest', subscriptionEvent('prod', [event]));
  const requests = aws.cloudtrail.requests.length;
  await settleUntilAsked(12);
  expect(aws.cloudtrail.requests.length - requests).toBeLessThan(20);
  expect(aws.published).toEqual([]);
  for (let run = 0; run < 100 && aws.published.length === 0; run += 1) await settleUntilAsked(12);
  const [alert] = aws.published;
  expect(alert?.get('Subject')).toBe('eks-whois: ambiguous: session named EKSGetTokenAuth');
  const { default: body = '' } = JSON.parse(alert?.get('Message') ?? '') as Record<string, string>;
  const { actors, unanswered } = JSON.parse(body) as JsonObject;
  expect(actors).toEqual(['iam-user alice', 'iam-user mallory']);
  expect(unanswered).toBeUndefined();
  expect(metrics.filter(({ LookupsFailed: failed = 0 }) => failed !== 0)).toEqual([]);
});

it('/whois says of an old event that not everything was searched, if a name has more spellings than are searched', async () => {
  const at = '2026-03-11T08:00:00Z';
  const role = { accountId: '111122223333', roleName: 'dev', roleId: 'AROADASHES0000000001' };
  const answerFor = async (session: string) => {
    aws.cloudtrail.add([grant({ ...role, session, at, until: '2026-03-11T09:00:00Z', id: session })]);
    const uid = `aws-iam-authenticator:${role.accountId}:${role.roleId}`;
    const username = `arn:aws:sts::${role.accountId}:assumed-role/${role.roleName}/${session}`;
    const rawQueryString = new URLSearchParams({ uid, username, at }).toString();
    const answer = await invoke('api', { rawPath: '/whois', rawQueryString, requestContext: { requestId: session } });
    const { body } = answer as { readonly body: string };
    return JSON.parse(body) as JsonObject;
  };
  vi.setSystemTime(Date.parse('2026-03-12T08:00:00Z'));
  const final = { status: 'attributed', provisional: false };
  const whole = await answerFor('a-b');
  expect(whole).toMatchObject({ attribution: final });
  expect(whole).not.toHaveProperty('complete');
  const dashes = 'a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t';
  const note = expect.stringContaining('Not all of CloudTrail was searched');
  expect(await answerFor(dashes)).toMatchObject({ attribution: final, complete: false, note });
});

const isAskedFor = (attribute: string, value: string) => (request: { readonly input: unknown }) => {
  const question = JSON.stringify({ AttributeKey: attribute, AttributeValue: value });
  return JSON.stringify(request.input).includes(question);
};

it('eighty sessions without a trail are attributed by whole pages of grants, not by a request each', async () => {
  vi.setSystemTime(Date.parse('2026-03-13T12:30:00Z'));
  const role = (at: number) => ({ session: `person-${at}`, key: `ASIALOST${String(at).padStart(12, '0')}` });
  const people = Array.from({ length: 80 }, (_, at) => role(at));
  const issued = { at: '2026-03-13T12:00:00Z', until: '2026-03-13T13:00:00Z' };
  aws.cloudtrail.add(people.map((each) => grant({ ...each, ...issued, id: each.session })));
  const events = people.map((each) =>
    auditEvent({ auditID: each.session, user: roleUser(each), requestReceivedTimestamp: '2026-03-13T12:10:00Z' }),
  );
  await invoke('ingest', subscriptionEvent('prod', events));
  const before = aws.cloudtrail.requests.length;
  await settleFor(1);
  expect(metrics.at(-1)).toMatchObject({ Attributed: 80 });
  expect(aws.cloudtrail.requests.length - before).toBeLessThan(25);
});

it('twenty forged tokens read the history of the name that they share once', async () => {
  vi.setSystemTime(Date.parse('2026-03-14T12:30:00Z'));
  const shared = { session: 'EKSSharedByAll', roleId: 'AROASHAREDBYALL00001' };
  const at = (minute: number) => new Date(Date.parse('2026-03-14T08:00:00Z') + minute * MINUTE).toISOString();
  const busy = Array.from({ length: 200 }, (_, each) => {
    const [from = '', until = ''] = [at(each), at(each + 60)].map((text) => text.replace('.000', ''));
    return grant({ ...shared, at: from, until, key: `ASIABUSY${String(each).padStart(12, '0')}`, id: `busy-${each}` });
  });
  aws.cloudtrail.add(busy);
  const events = Array.from({ length: 20 }, (_, each) => {
    const user = roleUser({ ...shared, key: `ASIAFORGED${String(each).padStart(10, '0')}` });
    return auditEvent({ auditID: `forged-${each}`, user, requestReceivedTimestamp: '2026-03-14T12:10:00Z' });
  });
  await invoke('ingest', subscriptionEvent('prod', events));
  const before = aws.cloudtrail.requests.length;
  await settleFor(1);
  const questions = aws.cloudtrail.requests.slice(before);
  const ofName = questions.filter(isAskedFor('ResourceName', `${shared.roleId}:${shared.session}`));
  expect(ofName.length).toBeLessThanOrEqual(2 * 5 + 2);
});
