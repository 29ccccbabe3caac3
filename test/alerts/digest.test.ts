import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, describe, expect, it } from 'vitest';
import { buildProgram } from '../../cli/main.ts';
import { digestSubject, digestText } from '../../lib/adapters/alerts/digest-text.ts';
import { SnsAlerts } from '../../lib/adapters/alerts/sns-alerts.ts';
import type { Alert } from '../../lib/claims/alert.ts';
import { type AlertDigest, digestOf, type HeldAlert, heldOf, shortened } from '../../lib/claims/alert-digest.ts';
import type { AlertGroup } from '../../lib/claims/alert-group.ts';
import { EMPTY_SUMMARY } from '../../lib/claims/summary.ts';
import { epochMillis, MINUTE } from '../../lib/time.ts';
import { ACCOUNT, ROLE_ID, utc } from '../builders/company.ts';
import { mockClient } from '../builders/mock-client.ts';
import { commandsOf } from '../docs/shell-blocks.ts';
import { instant } from '../usecases/service.ts';

const SERVICE = { tables: 'eks-whois-prod', region: 'eu-west-1' };
const UNNAMED: AlertGroup = {
  kind: 'alert',
  causes: ['unattributed'],
  reasons: ['no-matching-grant'],
  cluster: 'prod-1',
  principal: ROLE_ID,
  senders: [ACCOUNT],
};
const OF_ANOTHER: AlertGroup = { ...UNNAMED, causes: ['session-name-claims-other-actor'], reasons: [] };

function held(claimId: string, minute: number, group = UNNAMED, more: Partial<HeldAlert> = {}): HeldAlert {
  return {
    group,
    at: epochMillis(instant(utc('12:30:00')) + minute * MINUTE),
    due: instant(utc('12:45:00')),
    claimId,
    caller: { kind: 'role-session', username: `admin:${claimId}`, sessionName: claimId },
    clusters: ['prod-1'],
    first: utc('12:10:00'),
    last: utc('12:12:00'),
    count: 2,
    namespaces: ['shop'],
    actors: [],
    query: `eks-whois records --session '${ROLE_ID}:${claimId}'`,
    ...more,
  };
}

const many = (count: number, group = UNNAMED, minute = 0) =>
  Array.from({ length: count }, (_, at) => held(`${group.causes[0]}-${group.principal}-${at}`, minute, group));

describe('an alert that waits', () => {
  it('takes some kilobytes at most, whatever names somebody acts under, and keeps the names that clusters can have', () => {
    const long = (text: string) => [...Array.from({ length: 20 }, (_, at) => `${at}${'€'.repeat(1_000)}`), text];
    const [username] = long('');
    const alert: Alert = {
      ...{
        kind: 'alert',
        claimId: 'x',
        causes: ['unattributed'],
        reasons: [],
        count: 20,
        nextStep: '',
        query: 'eks-whois records',
      },
      ...{
        caller: { kind: 'role-session', username, uid: username },
        clusters: long('prod-1'),
        namespaces: long('shop'),
      },
      ...{ verbs: long('get'), actors: long('alice'), summary: EMPTY_SUMMARY },
    };
    const waiting = heldOf(alert, { group: UNNAMED, at: instant(utc('12:30:00')), due: instant(utc('12:45:00')) });
    expect(Buffer.byteLength(JSON.stringify(waiting))).toBeLessThan(6_000);
    expect(waiting).toMatchObject({
      clusters: ['prod-1'],
      namespaces: ['shop'],
      count: 20,
      query: 'eks-whois records',
    });
    expect(waiting.caller.username).toHaveLength(200);
  });
});

describe('a digest of alerts', () => {
  it('groups equal causes with counts and times, and counts what it does not list', () => {
    const last = held('last', 9, UNNAMED, { first: utc('12:20:00'), last: utc('12:25:00') });
    const digest = digestOf([...many(399), last], SERVICE);
    expect(digest).toMatchObject({ sessions: 400, from: utc('12:30:00'), to: utc('12:39:00'), moreGroups: 0 });
    expect(digest.groups).toMatchObject([{ ...UNNAMED, sessions: 400, records: 800, explained: 0 }]);
    expect(digest.groups[0]).toMatchObject({ first: utc('12:10:00'), last: utc('12:25:00') });
    expect(digest.groups[0]?.listed).toHaveLength(10);
    expect(digestText(digest)).toContain('unattributed (no-matching-grant): 400 sessions, 800 records');
    expect(digestText(digest)).toContain('and 390 more');
  });

  it('begins with the most serious cause, then the rarest, and ends with resolutions', () => {
    const groups: readonly AlertGroup[] = [
      { ...UNNAMED, kind: 'resolved', reasons: [] },
      UNNAMED,
      { ...UNNAMED, principal: 'AROARARE' },
      { ...UNNAMED, causes: ['ambiguous'], reasons: [] },
      OF_ANOTHER,
      { ...UNNAMED, reasons: ['access-key-contradicts-session'] },
    ];
    const sizes = [1, 300, 2, 1, 2, 1];
    const digest = digestOf(
      groups.flatMap((group, at) => many(sizes[at] ?? 0, group)),
      SERVICE,
    );
    expect(digest.groups.map(({ causes, reasons, sessions }) => [causes[0], reasons[0], sessions])).toEqual([
      ['unattributed', 'access-key-contradicts-session', 1],
      ['session-name-claims-other-actor', undefined, 2],
      ['unattributed', 'no-matching-grant', 2],
      ['unattributed', 'no-matching-grant', 300],
      ['ambiguous', undefined, 1],
      ['unattributed', undefined, 1],
    ]);
    expect(digestSubject(digest)).toMatch(/^eks-whois: digest of 307 sessions: unattributed, ambiguous, session-name/);
  });

  it('says what a later grant has explained, and lists a notice once even if a crash held it twice', () => {
    const resolved = { ...UNNAMED, kind: 'resolved' as const, reasons: [] };
    const digest = digestOf([held('a', 0), held('a', 1), held('b', 1), held('a', 5, resolved)], SERVICE);
    expect(digest.sessions).toBe(3);
    expect(digest.groups).toMatchObject([
      { sessions: 2, explained: 1 },
      { kind: 'resolved', sessions: 1 },
    ]);
    const alertedAgain = digestOf([held('a', 1, resolved), held('a', 2)], SERVICE);
    expect(alertedAgain.groups).toMatchObject([{ explained: 0 }, { kind: 'resolved' }]);
  });

  it('sums up by cause, so that groups that are not listed count too', () => {
    const groups = Array.from({ length: 400 }, (_, at): AlertGroup => ({ ...UNNAMED, principal: `AROA${at}` }));
    const digest = digestOf([...groups.flatMap((group) => many(3, group)), ...many(1, OF_ANOTHER)], SERVICE);
    expect(digest.groups[0]).toMatchObject({ causes: ['session-name-claims-other-actor'], sessions: 1 });
    expect(digest).toMatchObject({ sessions: 1_201, moreGroups: 301 });
    expect(digest.summary).toMatchObject([
      { causes: ['session-name-claims-other-actor'], groups: 1, sessions: 1 },
      { causes: ['unattributed'], groups: 400, sessions: 1_200 },
    ]);
    expect(digestText(digest)).toContain('- unattributed: 1200 sessions in 400 groups');
    expect(digestText(digest)).toContain('301 more groups, counted above but not listed.');
  });

  it('lets the accounts take turns if not all groups fit, so that the forged ones of one account hide none of another', async () => {
    const forged = Array.from({ length: 400 }, (_, at): AlertGroup => {
      return { ...OF_ANOTHER, principal: `AROA${at}`, senders: ['444455556666'] };
    });
    let digest = digestOf([...forged.flatMap((group) => many(1, group)), ...many(30)], SERVICE);
    const ofOthers = () => digest.groups.filter(({ senders }) => senders.includes(ACCOUNT));
    expect(ofOthers()).toMatchObject([{ causes: ['unattributed'], sessions: 30 }]);
    expect(digest).toMatchObject({ moreGroups: 301, moreAccounts: 0 });
    expect(digest.accounts).toEqual([
      { accountId: '444455556666', groups: 400, sessions: 400 },
      { accountId: ACCOUNT, groups: 1, sessions: 30 },
    ]);
    expect(digestText(digest)).toContain('- 444455556666: 400 sessions in 400 groups');
    while (digest.groups.length > 12) digest = shortened(digest);
    expect(digestText(digest)).toContain('sent by account 444455556666');
    expect([digest.groups.length, ofOthers().length]).toEqual([12, 1]);
  });

  it('says so if more alerts wait', () => {
    expect(digestText(digestOf(many(2), SERVICE, true))).toContain('The next digest has them.');
    expect(digestText(digestOf(many(2), SERVICE))).not.toContain('next digest');
  });

  it('gives commands that find all sessions of a group', async () => {
    const flagged = held('x', 0, OF_ANOTHER, { namespaces: ['shop', 'bad\nname'] });
    const [ofFlag, ofStatus] = digestOf([held('a', 0), flagged], SERVICE).groups;
    expect(await optionsOf(ofStatus?.queries)).toEqual([
      { status: 'unattributed', from: utc('12:10:00'), to: utc('12:12:00'), table: 'eks-whois-prod' },
    ]);
    expect(await optionsOf(ofFlag?.queries)).toEqual([
      {
        flag: ['session-name-claims-other-actor'],
        cluster: ['prod-1'],
        namespace: ['shop'],
        from: utc('12:10:00'),
        to: utc('12:12:00'),
        table: 'eks-whois-prod',
      },
    ]);
  });
});

/** Returns the options of these commands, as a shell and our own command line read them. */
async function optionsOf(queries: readonly string[] = []): Promise<Record<string, unknown>[]> {
  const requests: Record<string, unknown>[] = [];
  for (const query of queries) {
    const [[program, name, ...words] = []] = await commandsOf(query, {});
    const command = (await buildProgram()).commands.find((each) => each.name() === name);
    const { operands = ['none'], unknown = [] } = command?.parseOptions(words) ?? {};
    expect([program, operands, unknown]).toEqual(['eks-whois', [], []]);
    const given = Object.entries(command?.opts() ?? {}).filter(([key]) => command?.getOptionValueSource(key) === 'cli');
    requests.push(Object.fromEntries(given));
  }
  return requests;
}

describe('a digest as a message', () => {
  const sns = mockClient(SNSClient);
  afterEach(() => sns.reset());

  const published = async (digest: AlertDigest, runbooks?: string) => {
    sns.on(PublishCommand).resolves({});
    await new SnsAlerts(new SNSClient({ region: 'eu-west-1' }), 'topic', runbooks).publish(digest);
    const [input] = sns.commandCalls(PublishCommand).map(({ args }) => args[0].input);
    const bodies = JSON.parse(input?.Message ?? '') as { default: string; email: string };
    return { input, email: bodies.email, body: JSON.parse(bodies.default) as AlertDigest };
  };

  it('says which causes it has, so that subscriptions can filter', async () => {
    const { input, email, body } = await published(digestOf([held('a', 0), ...many(1, OF_ANOTHER)], SERVICE));
    expect(input?.MessageAttributes).toEqual({
      kind: { DataType: 'String', StringValue: 'digest' },
      cause: { DataType: 'String.Array', StringValue: '["session-name-claims-other-actor","unattributed"]' },
    });
    expect(email).toContain("eks-whois records --session 'AROA");
    expect(body).toMatchObject({ kind: 'digest', sessions: 2 });
  });

  it('names the address at which the runbooks are, if the deployment gives one', async () => {
    const digest = digestOf([held('a', 0)], SERVICE);
    expect((await published(digest)).email).toContain(' docs/alerts.md says what to do');
    sns.reset();
    const { email } = await published(digest, 'https://git.example.com/alerts.md');
    expect(email).toContain(' https://git.example.com/alerts.md says what to do');
  });

  it('says which account handed the events of a cluster over, so that no forged `prod` passes for another one', async () => {
    const clusters = ['name:from:444455556666/prod', `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod`];
    const alerts = clusters.map((cluster) => held(cluster, 0, { ...UNNAMED, cluster }));
    const { email, body } = await published(digestOf(alerts, SERVICE));
    expect(email).toContain('cluster "prod (handed over by 444455556666)", ');
    expect(email).toContain(`cluster "prod (${ACCOUNT}, eu-west-1)", `);
    expect(body.groups.map(({ cluster }) => cluster)).toEqual(clusters);
  });

  it('fits with any names of callers, most serious first, and its counts stay complete', async () => {
    const name = '\u202e"\n'.repeat(340);
    const more = { caller: { kind: 'role-session', username: name, sessionName: name, uid: name } as const };
    const groups = Array.from({ length: 90 }, (_, at): AlertGroup => ({ ...UNNAMED, principal: `AROA${at}` }));
    const mass = groups.flatMap((group, of) =>
      Array.from({ length: 20 }, (_, at) => held(`${of} ${at}`, 0, group, more)),
    );
    const { input, email, body } = await published(digestOf([...mass, held('grave', 0, OF_ANOTHER, more)], SERVICE));
    expect(Buffer.byteLength(input?.Message ?? '')).toBeLessThanOrEqual(250_000);
    expect(body.groups[0]?.causes).toEqual(['session-name-claims-other-actor']);
    expect(body.summary.map(({ sessions }) => sessions)).toEqual([1, 1_800]);
    expect(body.groups.length + body.moreGroups).toBe(91);
    expect(email.split('\n').filter((line) => line.startsWith('"'))).toEqual([]);
    expect(input?.Subject).toMatch(/^[\x20-\x7e]{1,100}$/);
  });

  it('fits whatever an account forges, and has all groups of another account with their sessions and commands', async () => {
    const causes = (
      ['unattributed', 'ambiguous', 'conflicting-copies', 'anonymous-access', 'node-role-used-by-person'] as const
    ).slice();
    const sets = Array.from({ length: 2 ** causes.length - 1 }, (_, set) =>
      causes.filter((_, at) => ((set + 1) >> at) & 1),
    );
    const place = (at: number) => ({
      clusters: [`arn:aws:eks:eu-west-1:444455556666:cluster/${'c'.repeat(100)}`],
      namespaces: ['\\'.repeat(256 - at)],
    });
    const forged = sets.flatMap((causes) =>
      (['alert', 'resolved'] as const).flatMap((kind) =>
        Array.from({ length: 6 }, (_, at) =>
          held(`${kind} ${causes} ${at}`, 0, { ...UNNAMED, kind, causes, senders: ['444455556666'] }, place(at)),
        ),
      ),
    );
    const own = Array.from({ length: 40 }, (_, at) => held(`own ${at}`, 0, { ...UNNAMED, principal: `AROA${at}` }));
    const { input, body } = await published(digestOf([...forged, ...own], SERVICE));
    expect(Buffer.byteLength(input?.Message ?? '')).toBeLessThanOrEqual(250_000);
    const ofOthers = body.groups.filter(({ senders }) => senders.includes(ACCOUNT));
    expect(ofOthers).toHaveLength(40);
    expect(ofOthers.every(({ listed, queries }) => listed.length === 1 && queries.length === 1)).toBe(true);
    expect(body.summary.length).toBeLessThanOrEqual(50);
    expect(body.summary).toContainEqual(expect.objectContaining({ causes: ['unattributed'] }));
  });

  it('ends if nothing is left to leave out', () => {
    let digest = digestOf(many(40), SERVICE);
    for (let step = 0; step < 10; step += 1) digest = shortened(digest);
    expect(shortened(digest)).toBe(digest);
    expect(digest).toMatchObject({ sessions: 40, groups: [], moreGroups: 1, summary: [{ groups: 1, sessions: 40 }] });
  });
});
