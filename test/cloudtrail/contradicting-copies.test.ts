import { describe, expect, it } from 'vitest';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { certainty, isAboutSomebody } from '../../lib/words/certainty.ts';
import { answerOf, knownFrom } from '../builders/answer.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import {
  accountOnly,
  awsService,
  iamUser,
  roleSession,
  rootUser,
  samlUser,
  userId,
  webIdentityUser,
} from '../builders/trail-callers.ts';
import { federationGrant, grant, rootGrant, sessionTokenGrant, webIdentityToken } from '../builders/trail-records.ts';

const JUMP_KEY = 'ASIAJUMPHOSTSESSION1';
const federated = {
  type: 'FederatedUser',
  principalId: `${ACCOUNT}:guest`,
  arn: `arn:aws:sts::${ACCOUNT}:federated-user/guest`,
  accountId: ACCOUNT,
  accessKeyId: JUMP_KEY,
  sessionContext: {
    sessionIssuer: { ...iamUser('alice'), type: 'IAMUser', accessKeyId: undefined },
    attributes: { creationDate: utc('11:00:00') },
  },
};
const onBehalfOf = { userId: '906b', identityStoreArn: `arn:aws:identitystore::${ACCOUNT}:identitystore/d-1234567890` };

const IAM_USERS_EVENT = eventBy({
  uid: `aws-iam-authenticator:${ACCOUNT}:${userId('alice')}`,
  username: 'alice',
  extra: { accessKeyId: [KEY], arn: [`arn:aws:iam::${ACCOUNT}:user/alice`] },
});
const ROOTS_EVENT = eventBy({
  uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`,
  username: 'root',
  extra: { accessKeyId: [KEY], arn: [`arn:aws:iam::${ACCOUNT}:root`] },
});
const FEDERATED_EVENT = eventBy({
  uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}:guest`,
  username: 'guest',
  extra: { accessKeyId: [KEY] },
});
const ISSUER = 'https://source.tokens.sts.global.api.aws';
const TOKENS_EVENT = eventBy(
  {
    username: `${ISSUER}#arn:aws:iam::${ACCOUNT}:user/alice`,
    extra: { 'authentication.kubernetes.io/credential-id': ['JTI=token-1'] },
  },
  { requestReceivedTimestamp: utc('12:04:00.000000') },
);

/** A grant by this caller, an event of its credentials, and what else is known. */
interface Story {
  readonly by: JsonObject;
  readonly grantOf: (by: JsonObject) => JsonObject;
  readonly event: JsonObject;
  readonly known?: readonly JsonObject[];
}

const SESSION = { grantOf: (by: JsonObject) => grant({ by }), event: eventBy(roleUser()) };
const JUMP = { roleId: 'AROAJUMP0000000000001', roleName: 'jump', session: 'alice', key: JUMP_KEY };
const jumpGrant = (by: JsonObject) => grant({ ...JUMP, by, at: utc('11:00:00'), until: utc('12:30:00'), id: 'jump' });

const STORIES: readonly (readonly [string, Story])[] = [
  ['AssumeRole by an IAM user', { ...SESSION, by: iamUser('alice') }],
  ['AssumeRole by a root user', { ...SESSION, by: rootUser() }],
  ['AssumeRole by another account', { ...SESSION, by: accountOnly(OTHER_ACCOUNT, userId('alice')) }],
  ['AssumeRole by a service', { ...SESSION, by: awsService('ec2.amazonaws.com') }],
  ['AssumeRole by a federated user', { ...SESSION, by: federated }],
  ['AssumeRole by a session', { ...SESSION, by: roleSession(JUMP), known: [jumpGrant(iamUser('alice'))] }],
  ['AssumeRole by an unknown session', { ...SESSION, by: { ...roleSession(JUMP), onBehalfOf } }],
  [
    'the grant before',
    {
      by: iamUser('alice'),
      grantOf: jumpGrant,
      event: eventBy(roleUser()),
      known: [grant({ by: roleSession(JUMP) })],
    },
  ],
  [
    'AssumeRoleWithSAML',
    {
      by: samlUser('alice', `arn:aws:iam::${ACCOUNT}:saml-provider/company`),
      grantOf: (by) => grant({ by, eventName: 'AssumeRoleWithSAML' }),
      event: eventBy(roleUser()),
    },
  ],
  [
    'AssumeRoleWithWebIdentity',
    {
      by: webIdentityUser('repo:company/shop', 'token.actions.githubusercontent.com'),
      grantOf: (by) => grant({ by, eventName: 'AssumeRoleWithWebIdentity' }),
      event: eventBy(roleUser()),
    },
  ],
  ['AssumeRoot', { by: iamUser('alice'), grantOf: (by) => rootGrant(ACCOUNT, { by }), event: ROOTS_EVENT }],
  [
    'GetFederationToken',
    { by: iamUser('alice'), grantOf: (by) => federationGrant('guest', { by }), event: FEDERATED_EVENT },
  ],
  ['GetSessionToken', { by: iamUser('alice'), grantOf: (by) => sessionTokenGrant({ by }), event: IAM_USERS_EVENT }],
  [
    'GetWebIdentityToken',
    { by: iamUser('alice'), grantOf: (by) => webIdentityToken('token-1', { by }), event: TOKENS_EVENT },
  ],
  [
    'GetWebIdentityToken by a session',
    {
      by: roleSession(JUMP),
      grantOf: (by) => webIdentityToken('token-1', { by }),
      event: eventBy(
        { ...(TOKENS_EVENT.user as JsonObject), username: `${ISSUER}#arn:aws:iam::${ACCOUNT}:role/jump` },
        { requestReceivedTimestamp: utc('12:04:00.000000') },
      ),
      known: [jumpGrant(iamUser('alice'))],
    },
  ],
];

/** Returns the paths of all texts in the object. */
function pathsIn(object: JsonObject): readonly (readonly string[])[] {
  return Object.entries(object).flatMap(([key, value]) =>
    isJsonObject(value) ? pathsIn(value).map((path) => [key, ...path]) : value === undefined ? [] : [[key]],
  );
}

/** Returns the object with another value in this place. Without a value, it has nothing there. */
function withValue(
  object: JsonObject,
  [key = '', ...rest]: readonly string[],
  change: (text: string) => string | undefined,
): JsonObject {
  const value = object[key];
  const changed = isJsonObject(value) ? withValue(value, rest, change) : change(String(value));
  return { ...object, [key]: changed };
}

/** Returns another value of the same form. */
function another(text: string): string {
  const others: Readonly<Record<string, string>> = {
    IAMUser: 'Root',
    Root: 'IAMUser',
    AWSService: 'IAMUser',
    FederatedUser: 'IAMUser',
    AssumedRole: 'IAMUser',
    SAMLUser: 'IAMUser',
    WebIdentityUser: 'IAMUser',
    false: 'true',
    [utc('11:00:00')]: utc('11:00:01'),
    [ACCOUNT]: OTHER_ACCOUNT,
    [OTHER_ACCOUNT]: ACCOUNT,
  };
  return others[text] ?? text.replace(/.$/s, (last) => (last === '7' ? '8' : '7'));
}

const copy = (record: JsonObject, id: string): JsonObject => ({ ...record, eventID: id, sharedEventID: 'shared-1' });
const answersOf = ({ event, known = [] }: Story, one: JsonObject, other: JsonObject): readonly Attribution[] =>
  [
    [one, other],
    [other, one],
    [one, other, one, other],
    [other, ...known, one, other],
  ].map((copies) => answerOf({ event, records: [...copies, ...known.filter((each) => !copies.includes(each))] }));

function isCertain(attribution: Attribution): boolean {
  return (
    isAboutSomebody(attribution) &&
    certainty(attribution, { hasKey: true, hasTime: true, isOfEvent: true }).startsWith('Certain')
  );
}

describe('two copies of a grant that differ in one field of the caller', () => {
  const cases = STORIES.flatMap(([title, story]) =>
    pathsIn(story.by)
      .filter((path) => String(path) !== 'type' || story.by.type !== 'AWSAccount') // this type states nothing
      .map((path) => [`${title}: ${path.join('.')}`, story, path] as const),
  );

  it.each(cases)('give one answer in any order, and name nobody for certain: %s', (_, story, path) => {
    const { by, grantOf } = story;
    const forged = withValue(by, path, another);
    const [first, ...others] = answersOf(story, copy(grantOf(by), 'true'), copy(grantOf(forged), 'forged'));
    for (const other of others) expect(other).toEqual(first);
    expect(first?.flags).toContain('conflicting-grant-copies');
    expect(first && isCertain(first)).toBe(false);
    const { status } = first ?? {};
    const alone = [by, forged].map((each) =>
      answerOf({ event: story.event, records: [grantOf(each), ...(story.known ?? [])] }),
    );
    const ids = new Set(alone.map(({ actor }) => actor?.id));
    if (ids.size === 2 && !ids.has(undefined) && alone.every((each) => each.method === first?.method))
      expect(status).toBe('ambiguous');
  });

  it.each(cases)('are as the one that states more if the other one lacks the field: %s', (_, story, path) => {
    const { by, grantOf, event, known = [] } = story;
    const leaner = withValue(by, path, () => undefined);
    const full = copy(grantOf(by), 'true');
    const [first, ...others] = answersOf(story, full, copy(grantOf(leaner), 'leaner'));
    for (const other of others) expect(other).toEqual(first);
    const alone = answerOf({ event, records: [full, ...known] });
    expect(first && { ...first, chain: undefined }).toEqual({ ...alone, chain: undefined });
    expect(first?.flags).not.toContain('conflicting-grant-copies');
  });
});

describe('copies of a grant that differ in what was requested', () => {
  const bySubject = webIdentityUser('repo:company/shop', 'token.actions.githubusercontent.com');
  const exchanged = (fields: JsonObject, request: JsonObject = {}) =>
    copy(grant({ by: bySubject, eventName: 'AssumeRoleWithWebIdentity', request, fields }), JSON.stringify(fields));
  const crossing = (user: string) =>
    exchanged({
      additionalEventData: { crossPartitionData: { sourcePrincipalArn: `arn:aws:iam::${ACCOUNT}:user/${user}` } },
    });

  it('leave the actor open if they name two principals of a token', () => {
    const answers = answersOf({ ...SESSION, by: bySubject }, crossing('alice'), crossing('mallory'));
    for (const answer of answers) {
      expect(answer.candidates?.map(({ actor }) => actor.name).sort()).toEqual(['alice', 'mallory']);
      expect(answer.flags).toEqual(['conflicting-grant-copies']);
    }
  });

  it('leave the workload open if they name two pods', () => {
    const inPod = (pod: string) =>
      copy(
        grant({
          by: awsService('pods.eks.amazonaws.com'),
          request: {
            tags: [
              { key: 'kubernetes-namespace', value: 'shop' },
              { key: 'kubernetes-pod-name', value: pod },
            ],
          },
        }),
        pod,
      );
    const [first, ...others] = answersOf({ ...SESSION, by: bySubject }, inPod('web-0'), inPod('web-1'));
    expect(first?.candidates?.map(({ actor }) => actor.workload).sort()).toEqual(['shop/web-0', 'shop/web-1']);
    for (const other of others) expect(other).toEqual(first);
  });
});

describe('a forged copy', () => {
  const records = [copy(grant(), 'true'), copy(grant({ by: iamUser('mallory') }), 'forged')];

  it('makes a grant of its own for each version, with the event IDs of all', () => {
    const grants = [...knownFrom(records).grants()];
    expect(grants.map(({ eventIds }) => eventIds)).toEqual([
      ['forged', 'true'],
      ['forged', 'true'],
    ]);
  });

  it('that names an owner whom the true copy of another account does not know leaves both open', () => {
    const owners = copy(grant({ by: accountOnly(OTHER_ACCOUNT, userId('bob')) }), 'true');
    const { principalId: _, arn: _arn, accountId: _account, ...understated } = iamUser('alice');
    const [first, ...others] = answersOf(
      { ...SESSION, by: understated },
      owners,
      copy(grant({ by: understated }), 'forged'),
    );
    expect(first).toMatchObject({ status: 'ambiguous', candidates: [{}, {}] });
    for (const other of others) expect(other).toEqual(first);
  });

  it('leaves a limited number of actors open, however many copies there are', () => {
    const by = (at: number) => iamUser(`user${at}`, { principalId: `AIDA${String(at).padStart(17, '0')}` });
    const forged = Array.from({ length: 500 }, (_, at) => copy(grant({ by: by(at) }), `forged-${at}`));
    const answer = answerOf({ event: eventBy(roleUser()), records: [copy(grant(), 'true'), ...forged] });
    expect(answer).toMatchObject({ status: 'ambiguous', flags: ['conflicting-grant-copies'] });
    expect(answer.candidates).toHaveLength(20);
  });

  it('does not push out the true one, however many copies agree on somebody else', () => {
    const answers = ordersOfTrue(leanCopiesOf('alice', 30)).map((records) =>
      answerOf({ event: eventBy(roleUser()), records }),
    );
    const [first, ...others] = answers;
    expect(first).toMatchObject({ status: 'ambiguous', flags: ['conflicting-grant-copies'] });
    expect(first?.candidates?.map(({ actor }) => actor.name)).toEqual(['mallory', 'alice']);
    for (const other of others) expect(other).toEqual(first);
  });

  it('is in doubt if so many state different parts of one story, even without the true one', () => {
    const answerFor = (many: number) => answerOf({ event: eventBy(roleUser()), records: leanCopiesOf('alice', many) });
    expect(answerFor(19)).toMatchObject({ status: 'attributed', flags: [] });
    expect(answerFor(20)).toMatchObject({ status: 'attributed', flags: ['conflicting-grant-copies'] });
    expect(answerFor(30)).toMatchObject({ status: 'attributed', flags: ['conflicting-grant-copies'] });
  });
});

/** Returns copies that name one user. Each states three of seven further values, so that no copy states all that another does. */
function leanCopiesOf(name: string, many: number): JsonObject[] {
  const { arn, accessKeyId, ...by } = iamUser(name);
  return threesOf(7)
    .slice(0, many)
    .map((threes, at) => {
      const stated = <T>(place: number, value: T) => (threes.includes(place) ? value : undefined);
      const attributes = { mfaAuthenticated: stated(0, 'true'), creationDate: stated(1, utc('11:00:00')) };
      const sessionContext = { attributes, sourceIdentity: stated(2, name) };
      const caller = { ...by, arn: stated(3, arn), accessKeyId: stated(4, 'AKIAFORGED0000000001'), sessionContext };
      const request = { serialNumber: stated(5, 'device'), tags: stated(6, POD_TAGS) };
      const record = grant({ by: caller, request });
      return copy(JSON.parse(JSON.stringify(record)) as JsonObject, `forged-${String(at).padStart(2, '0')}`);
    });
}

const POD_TAGS = [
  { key: 'kubernetes-namespace', value: 'shop' },
  { key: 'kubernetes-pod-name', value: 'web-0' },
];

/** Returns every three of the numbers below this one. */
function threesOf(many: number): number[][] {
  const all = Array.from({ length: many }, (_, at) => at);
  return all.flatMap((a) => all.slice(a + 1).flatMap((b) => all.slice(b + 1).map((c) => [a, b, c])));
}

/** Returns the forged copies with the true one of mallory's grant before, between and behind them. */
function ordersOfTrue(forged: readonly JsonObject[]): JsonObject[][] {
  const mallorys = copy(grant({ by: iamUser('mallory') }), 'true');
  return [0, 10, 19, 20, 21, forged.length].map((place) => forged.toSpliced(place, 0, mallorys));
}

describe('a forged copy of another time', () => {
  const YEAR_BEFORE = { at: '2025-03-10T12:00:00Z', until: '2025-03-10T13:00:00Z' };
  const DAY_AFTER = { at: '2026-03-11T12:00:00Z', until: '2026-03-11T13:00:00Z' };
  const mallorys = { by: iamUser('mallory') };

  it.each([
    ['before', YEAR_BEFORE],
    ['after', DAY_AFTER],
  ])('does not take the event out of the time of the grant that issued its key: %s', (_, times) => {
    const [first, ...others] = answersOf(
      { ...SESSION, by: mallorys.by },
      copy(grant(mallorys), 'true'),
      copy(grant({ ...mallorys, ...times }), 'forged'),
    );
    expect(first).toMatchObject({ status: 'attributed', method: 'access-key', actor: { name: 'mallory' } });
    for (const other of others) expect(other).toEqual(first);
  });

  it('does not leave the only other grant of the name', () => {
    const alices = grant({ key: 'ASIAALICESSESSION001', at: utc('12:01:00'), id: 'alices' });
    const records = [copy(grant(mallorys), 'true'), alices, copy(grant({ ...mallorys, ...YEAR_BEFORE }), 'forged')];
    for (const order of [records, records.toReversed()]) {
      const answer = answerOf({ event: eventBy(roleUser({ key: null })), records: order });
      expect(answer).toMatchObject({ status: 'ambiguous', candidates: [{ actor: { name: 'alice' } }, {}] });
    }
  });
});
