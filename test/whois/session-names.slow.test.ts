import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { describe, expect, it } from 'vitest';
import { Connections } from '../../lib/adapters/cloudtrail/connections.ts';
import { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { Pacer, realTimer } from '../../lib/adapters/cloudtrail/pacer.ts';
import { sendBy } from '../../lib/adapters/cloudtrail/sdk.ts';
import { actionOfCaller } from '../../lib/attribution/attribute.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { parseCaller } from '../../lib/audit/caller.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { askAndAttribute } from '../../lib/usecases/deciding/ask.ts';
import type { CloudTrailServer, LoggedRequest } from '../../local/cloudtrail/server.ts';
import { type CommandOutcome, cloudTrail, HOME_ACCOUNT, minutesAgo, trailFile, whois } from './command.ts';
import { ALICE, assumeRole, BOB, callerIdentity, EC2, type GrantFields, sessionOf } from './records.ts';

const ROLE_ID = 'AROADEV0000000000001';
const UID = `aws-iam-authenticator:${HOME_ACCOUNT}:${ROLE_ID}`;
const IN_ONE_REGION = ['--at', minutesAgo(40), '--region', 'eu-west-1', '--profile', 'home', '--output', 'json'];

function named(name: string, caller: object = ALICE, key = 'ASIADEV0000000000001'): GrantFields {
  return { caller, key, roleId: ROLE_ID, role: 'dev', name };
}

/** As an access entry's default username shows a session: with `@` as `-`. */
function bySession(name: string): string[] {
  return ['--uid', UID, '--username', `arn:aws:sts::${HOME_ACCOUNT}:assumed-role/dev/${name}`, ...IN_ONE_REGION];
}

function byUsername(username: string): string[] {
  return ['--uid', UID, '--username', username, ...IN_ONE_REGION];
}

/** Returns the values of the answered requests to LookupEvents, in order. Throttled ones, which were sent again, are left out. */
function askedFor({ requests }: CloudTrailServer): unknown[] {
  return requests.flatMap(({ input, outcome }: LoggedRequest) => {
    const { LookupAttributes } = input as { LookupAttributes: { AttributeValue: string }[] };
    return outcome === 'answered' ? [LookupAttributes[0]?.AttributeValue] : [];
  });
}

function answerOf({ stdout }: CommandOutcome) {
  return JSON.parse(stdout) as { candidates?: { actor: { name: string } }[] } & Record<string, unknown>;
}

/** The same question of the same records, from a file. */
async function fromFile(records: readonly object[], args: readonly string[]): Promise<CommandOutcome> {
  const query = args.filter(
    (arg, at) => ![arg, args[at - 1]].some((each) => each === '--region' || each === '--profile'),
  );
  return whois({ url: 'http://127.0.0.1:9' }, [...query, ...(await trailFile(records))]);
}

describe('a session whose username shows it with "@" as "-"', () => {
  const email = assumeRole(named('jane@ex.com'));
  const alike = assumeRole(named('jane-ex.com', BOB, 'ASIADEV0000000000002'));

  it('can be either of two that look alike there, over LookupEvents as in files', async () => {
    const server = await cloudTrail([email, alike]);
    const ran = await whois(server, bySession('jane-ex.com'));
    const answer = answerOf(ran);
    expect(ran.status).toBe(3);
    expect(answer.candidates?.map(({ actor }) => actor.name).sort()).toEqual(['alice', 'bob']);
    expect(answer).toEqual(answerOf(await fromFile([email, alike], bySession('jane-ex.com'))));
    expect(askedFor(server)).toEqual([`${ROLE_ID}:jane-ex.com`, `${ROLE_ID}:jane@ex.com`, 'jane-ex.com']);
  });

  it('is searched by its exact name only', async () => {
    const ran = await whois(await cloudTrail([email]), bySession('jane-ex.com'));
    expect(ran.status).toBe(0);
    expect(answerOf(ran)).toMatchObject({ method: 'username', actor: { name: 'alice' }, provisional: false });
    expect(answerOf(ran)).toEqual(answerOf(await fromFile([email], bySession('jane-ex.com'))));
  });

  it('is searched with each of its dashes as the "@", the likeliest email address first', async () => {
    const server = await cloudTrail([assumeRole(named('mary-ann@my-firm.example'))]);
    const ran = await whois(server, bySession('mary-ann-my-firm.example'));
    expect(answerOf(ran)).toMatchObject({ actor: { name: 'alice' }, provisional: false });
    expect(askedFor(server)).toEqual([
      `${ROLE_ID}:mary-ann-my-firm.example`,
      `${ROLE_ID}:mary-ann-my@firm.example`,
      `${ROLE_ID}:mary-ann@my-firm.example`,
      `${ROLE_ID}:mary@ann-my-firm.example`,
      'mary-ann-my-firm.example',
    ]);
  });

  it('is found if the name was only guessed, and may decide', async () => {
    const records = [assumeRole(named('jane1@example.com'))];
    const ran = await whois(await cloudTrail(records), byUsername('x:jane1-example.com'));
    expect(answerOf(ran)).toMatchObject({ status: 'attributed', method: 'username', actor: { name: 'alice' } });
    expect(answerOf(ran)).toEqual(answerOf(await fromFile(records, byUsername('x:jane1-example.com'))));
    const raw = await whois(await cloudTrail(records), byUsername('x:jane1@example.com'));
    expect(answerOf(raw)).toMatchObject({ status: 'attributed', actor: { name: 'alice' } });
  });

  it('is no certain answer if the name has more dashes than are tried', async () => {
    const dashes = 'a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t';
    const server = await cloudTrail([assumeRole(named(dashes))]);
    const ran = await whois(server, bySession(dashes));
    expect(answerOf(ran)).toMatchObject({ status: 'attributed', actor: { name: 'alice' }, complete: false });
    expect(ran.stderr).toMatch(/3 spellings of the session name \(@ in place of -\) were not searched/);
    expect(askedFor(server)).toHaveLength(18);
  });
});

describe('one look-up by the role and one by the bare name, for grants to services, are enough', () => {
  it.each([
    ['a name without a dash', bySession('EKSGetTokenAuth'), 'EKSGetTokenAuth'],
    ['a stated name', ['--principal', `${ROLE_ID}:jane-ex.com`, ...IN_ONE_REGION], 'jane-ex.com'],
    [
      'a template that keeps the name',
      [...byUsername('sso:jane-ex.com'), '--username-template', 'sso:{{SessionNameRaw}}'],
      'jane-ex.com',
    ],
  ])('for %s', async (_, args, name) => {
    const server = await cloudTrail([assumeRole(named(name))]);
    const ran = await whois(server, args);
    expect(answerOf(ran)).toMatchObject({ status: 'attributed', actor: { name: 'alice' }, provisional: false });
    expect(askedFor(server).sort()).toEqual([`${ROLE_ID}:${name}`, name].sort());
  });

  it('and there is none by name for a known key', async () => {
    const key = 'ASIADEV0000000000001';
    const server = await cloudTrail([assumeRole(named('jane-ex.com'))]);
    const ran = await whois(server, [...bySession('jane-ex.com'), '--access-key-id', key]);
    expect(answerOf(ran)).toMatchObject({ status: 'attributed', actor: { name: 'alice' }, provisional: false });
    expect(askedFor(server)).toEqual([key]);
  });

  it('and for an unknown key only the exact name is searched', async () => {
    const server = await cloudTrail([assumeRole(named('jane-ex.com'))]);
    const key = 'ASIANOBODY0000000001';
    const ran = await whois(server, [...bySession('jane-ex.com'), '--access-key-id', key]);
    expect(answerOf(ran)).toMatchObject({ status: 'unattributed', reason: 'access-key-not-seen' });
    expect(askedFor(server)).toEqual([key, key, `${ROLE_ID}:jane-ex.com`]);
  });
});

describe('a session by session start, whose grant to a service names no role ID', () => {
  const unlisted = 'ASIAUNLISTED00000001';
  const node: GrantFields = { ...named('i-0', EC2), ago: 60 };
  const use = callerIdentity(sessionOf({ ...node, key: unlisted }));
  const whole = assumeRole(node);
  const unnamed = assumeRole({ ...node, namesRoleUser: false });
  const earlier = assumeRole({ ...node, caller: ALICE, key: 'ASIADEV0000000000002', ago: 120 });
  const caller = { ...sessionOf(node), accessKeyId: '' };
  const args = [...bySession('i-0'), '--access-key-id', unlisted];
  const bySteps = [unlisted, unlisted, `${ROLE_ID}:i-0`];

  it('is found beside an earlier session of the same name, over LookupEvents as in files', async () => {
    const records = [unnamed, earlier, use];
    const server = await cloudTrail(records);
    const ran = await whois(server, args);
    expect(answerOf(ran)).toMatchObject({
      status: 'attributed',
      method: 'session-start',
      actor: { name: 'ec2.amazonaws.com' },
    });
    expect(answerOf(ran)).toEqual(answerOf(await fromFile(records, args)));
    expect(askedFor(server)).toEqual([...bySteps, 'i-0']);
  });

  it('is not searched by its bare name if a grant fits the beginning', async () => {
    const server = await cloudTrail([whole, earlier, use]);
    const ran = await whois(server, args);
    expect(answerOf(ran)).toMatchObject({ method: 'session-start', actor: { name: 'ec2.amazonaws.com' } });
    expect(askedFor(server)).toEqual(bySteps);
  });

  it('is found as a hop of a role chain, too', async () => {
    const onward: GrantFields = { ...named('hop', caller), key: 'ASIAHOP0000000000001', role: 'prod', ago: 50 };
    const server = await cloudTrail([unnamed, earlier, assumeRole(onward)]);
    const ran = await whois(server, ['--access-key-id', onward.key, ...IN_ONE_REGION]);
    expect(answerOf(ran)).toMatchObject({ status: 'attributed', actor: { name: 'ec2.amazonaws.com' } });
    // At last the calls with the key: the credentials of an instance can have been taken.
    expect(askedFor(server)).toEqual([onward.key, `${ROLE_ID}:i-0`, 'i-0', onward.key]);
  });
});

describe('a name that the event states with its role, without a key', () => {
  const stated = parseCaller({
    uid: UID,
    username: 'dev',
    extra: { arn: [`arn:aws:sts::${HOME_ACCOUNT}:assumed-role/dev/i-0`] },
  });

  async function decided(records: readonly object[]) {
    const server = await cloudTrail([...records]);
    const credentials = { accessKeyId: 'AKIAHOME000000000001', secretAccessKey: 'secret' };
    const client = new CloudTrailClient({ region: 'eu-west-1', endpoint: server.url, credentials });
    const { slots } = new Connections();
    const scope = {
      account: '',
      region: 'eu-west-1',
      send: sendBy(() => client),
      pacer: new Pacer(2, realTimer),
      slots,
    };
    const now = () => epochMillis(Date.now());
    const given = { scopes: [scope], attribution: DEFAULT_SETTINGS, lookback: 24 * HOUR, now, waiting: realTimer };
    const source = new LookupSource(given);
    const asking = { source, known: new KnownGrants(), settings: DEFAULT_SETTINGS, settled: true };
    const action = actionOfCaller(stated, epochMillis(Date.now() - 40 * MINUTE));
    return { server, answer: await askAndAttribute(action, asking) };
  }

  it("can be a person's session or a service's, whose grant names no role id", async () => {
    const person = assumeRole(named('i-0'));
    const service = assumeRole({ ...named('i-0', EC2, 'ASIADEV0000000000002'), namesRoleUser: false });
    const { server, answer } = await decided([person, service]);
    const actors = answer.attribution.candidates?.map(({ actor }) => actor.name).sort();
    expect({ status: answer.attribution.status, actors }).toEqual({
      status: 'ambiguous',
      actors: ['alice', 'ec2.amazonaws.com'],
    });
    expect(askedFor(server)).toEqual([`${ROLE_ID}:i-0`, 'i-0']);
  });
});
