import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { incidentParties } from '../../lib/usecases/incident/whom.ts';
import { anythingBody, type InLog, shortened } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { keyId } from '../builders/ids.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { ADDRESS, addressExample } from './described-examples.ts';
import {
  ARN,
  AROUND,
  BOB_ALONE,
  BOBS,
  type Deed,
  errorLineOf,
  findingOf,
  SECRETS,
  SESSION,
  STRANGERS,
  timeOf,
  world,
} from './pasted-texts.ts';
import { overFiles, overService, type PastedWorld } from './pasted-world.ts';

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true)); // how many grants were read
afterEach(() => void vi.restoreAllMocks());

const REFUSED: Deed = { ...SECRETS, code: 403 };
const NONE_LISTED = { result: 'similar', listed: undefined } as const;

const many = (length: number, deed: Deed) => Array.from({ length }, (_, at) => ({ ...deed, after: at * 1_000 }));

describe.each([
  ['files', overFiles],
  ['service', overService],
])('the requests that match a pasted text, over %s', (_, ask) => {
  async function answerTo(of: PastedWorld, text: string) {
    const answer = await ask(of, text);
    const [found] = answer.found;
    const inLog: Partial<InLog> = found?.outcome.inLog ?? {};
    return { answer, inLog, body: anythingBody(answer) };
  }

  it('are listed one by one, newest first, with where they came from and by whom', async () => {
    const deeds = [REFUSED, { ...REFUSED, key: BOBS, after: 60_000 }];
    const { inLog } = await answerTo(world(deeds), errorLineOf(REFUSED));
    expect(inLog.listed).toMatchObject([
      {
        auditId: 'deed-1',
        time: timeOf(60_000),
        request: { verb: 'list', resource: 'secrets', namespace: 'shop' },
        response: { code: 403 },
        source: { ips: ['198.51.100.7'] },
        caller: { accessKeyId: BOBS },
        attribution: { actor: { name: 'bob' } },
      },
      { auditId: 'deed-0', source: { ips: ['45.83.64.11'] }, attribution: { status: 'unattributed' } },
    ]);
  });

  it('are groups with first, last and count if they are more than ten', async () => {
    const ten = await answerTo(world(many(10, REFUSED)), errorLineOf(REFUSED));
    expect(ten.inLog).toMatchObject({ requests: 10, groups: [{ requests: 10 }] });
    expect(ten.inLog.listed).toHaveLength(10);
    const eleven = await answerTo(world(many(11, REFUSED)), errorLineOf(REFUSED));
    expect({ listed: undefined, ...eleven.inLog }).toMatchObject({
      ...NONE_LISTED,
      requests: 11,
      groups: [{ requests: 11, from: timeOf(0), to: timeOf(10_000), attribution: { status: 'unattributed' } }],
    });
  });

  it('are listed too if they differ from the one in the text', async () => {
    const { inLog } = await answerTo(world([{ ...SECRETS, after: 60_000 }]), JSON.stringify(findingOf(SECRETS)));
    expect(inLog).toMatchObject({
      result: 'none',
      requests: 0,
      listed: [{ auditId: 'deed-0' }],
      groups: [{ requests: 1 }],
    });
  });

  it('are listed if one caller made several, and not if the answer is the only one', async () => {
    const finding = findingOf(REFUSED, { eventLastSeen: timeOf(60_000) });
    const { inLog } = await answerTo(world([REFUSED, { ...REFUSED, after: 60_000 }]), JSON.stringify(finding));
    expect(inLog).toMatchObject({ result: 'one-caller', listed: [{ auditId: 'deed-1' }, { auditId: 'deed-0' }] });
    const alone = await answerTo(world([REFUSED]), JSON.stringify(findingOf(REFUSED)));
    expect(Object.keys(alone.inLog)).toEqual(['result', 'requests', 'agrees', 'differs']);
  });

  it('are one group of one person under several roles or sessions, with the flags and keys of all', async () => {
    const { answer, inLog, body } = await answerTo(addressExample('by bob; by bob in his other session'), ADDRESS);
    expect(inLog.groups).toMatchObject([
      { requests: 2, accessKeyIds: [expect.not.stringMatching(BOBS), BOBS], attribution: { actor: { name: 'bob' } } },
    ]);
    expect(inLog.groups?.[0]).not.toHaveProperty('session');
    expect(body).toMatchObject({
      status: 'attributed',
      sessions: [{}, {}],
      note: 'Requests in the audit log: 2 by bob.',
    });
    const parties = incidentParties(answer, { from: 0, to: 0 });
    expect(parties.map(({ standing, actor }) => [standing, actor?.name])).toEqual([['actor', 'bob']]);
  });

  it.each([
    ['192.0.2.64/26', 2],
    ['what came from 192.0.2.0/24?', 2],
    ['did anything come from 192.0.2.64/26 on 2026-03-10', 2],
    ['192.0.2.0/27', 0],
  ])('are those from the addresses in a range: %s', async (text, requests) => {
    const { inLog, body } = await answerTo(addressExample('by bob; by bob in his other session'), text);
    expect(inLog.requests).toBe(requests);
    if (text.startsWith('192') && requests > 0) expect(body).toMatchObject({ status: 'attributed' });
  });

  it('have nobody as the answer if one of them is by an unidentified caller, for a report too', async () => {
    const { answer, body } = await answerTo(addressExample('by bob; by the stranger; by bob'), ADDRESS);
    expect(body).toMatchObject({ status: 'ambiguous' });
    const parties = incidentParties(answer, { from: 0, to: 0 });
    expect(parties.map(({ standing }) => standing).sort()).toEqual(['candidate', 'session']);
  });

  it.each([
    ['by bob; by the stranger', 'It is not proven that one person made all of them, so no single caller is named.'],
    ['by the stranger', 'Who made it is not proven, so no single caller is named.'],
  ])('say why nobody is the answer: %s', async (requests, why) => {
    const { body } = await answerTo(addressExample(requests), ADDRESS);
    expect(body).toMatchObject({
      status: 'ambiguous',
      note: expect.stringMatching(`^Requests in the audit log: .*${why}$`),
    });
  });

  it('of a time have nobody as the answer if the log ends at that time: more of them can follow', async () => {
    const event = eventBy(roleUser({ session: SESSION, key: BOBS, username: ARN }), {
      auditID: 'last',
      requestReceivedTimestamp: timeOf(0),
    });
    const ending = await answerTo({ grants: BOB_ALONE, events: [...AROUND.slice(0, 1), event] }, timeOf(1_500));
    expect(ending.body).toMatchObject({
      status: 'ambiguous',
      note: 'Requests in the audit log: 1 by bob. The audit log covers only a part of the time in the text, so there may be more.',
    });
    const within = await answerTo({ grants: BOB_ALONE, events: [...AROUND, event] }, timeOf(1_500));
    expect(within.body).toMatchObject({ status: 'attributed', note: 'Requests in the audit log: 1 by bob.' });
  });

  it('are shortened with the answer', async () => {
    const { answer } = await answerTo(addressExample('by bob; by the stranger'), ADDRESS);
    const [found] = shortened(answer, 1).found;
    expect(found?.outcome.inLog).toMatchObject({ groups: [{}], groupsLeft: 1 });
    expect(found?.outcome.inLog).not.toHaveProperty('listed');
  });
});

describe('the callers of the requests, in words', () => {
  const OTHER = '444455556666';
  const of = (key: string | undefined, session: string, at: number) =>
    eventBy(
      roleUser({ session, key: key === undefined ? null : keyId(key), username: ARN.replace(SESSION, session) }),
      {
        auditID: `deed-${at}`,
        verb: 'delete',
        objectRef: { resource: 'pods', namespace: 'shop', name: 'api-0', apiVersion: 'v1' },
        requestReceivedTimestamp: timeOf(at * 1_000),
      },
    );
  const noteOf = async (grants: PastedWorld['grants'], events: PastedWorld['events']) => {
    const { found } = await overFiles({ grants, events }, 'pod api-0');
    return String(found[0]?.outcome.kind === 'sessions' && found[0].outcome.note);
  };

  it('have the account beside a name that two actors have', async () => {
    const ben = iamUser('ben');
    const other = iamUser('ben', {
      accountId: OTHER,
      arn: `arn:aws:iam::${OTHER}:user/ben`,
      principalId: 'AIDAOTHERBEN000000001',
    });
    const grants = [
      grant({ id: 'one', by: ben, session: SESSION, key: BOBS }),
      grant({ id: 'two', by: other, session: SESSION, key: STRANGERS }),
    ];
    const note = await noteOf(grants, [of(BOBS, SESSION, 0), of(STRANGERS, SESSION, 1), of(STRANGERS, SESSION, 2)]);
    expect(note).toContain(`2 by ben (account ${OTHER}), 1 by ben (account 111122223333).`);
  });

  it('stand together if they are one actor', async () => {
    const grants = ['first', 'second'].map((session) => grant({ id: session, by: iamUser('ben'), session, key: null }));
    const note = await noteOf(grants, [
      of(undefined, 'first', 0),
      of(undefined, 'second', 1),
      of(undefined, 'second', 2),
    ]);
    expect(note).toContain('3 by ben (by session name only).');
  });
});
