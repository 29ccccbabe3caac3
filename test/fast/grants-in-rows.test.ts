import { describe, expect, it } from 'vitest';
import { actorLabel } from '../../lib/attribution/actor-names.ts';
import { attribute } from '../../lib/attribution/attribute.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { ActingCaller } from '../../lib/audit/caller.ts';
import { type Grant, sessionKeyOf } from '../../lib/cloudtrail/grant.ts';
import { looksLikeTrailRecord, parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { AnswersByKey } from '../../lib/fast/answers-by-key.ts';
import { GrantsInRows } from '../../lib/fast/grants-in-rows.ts';
import { recordsIn } from '../../lib/fast/records-document.ts';
import { senderOf } from '../../lib/fast/sender.ts';
import { TrailFactsInBytes } from '../../lib/fast/trail-facts.ts';
import { type JsonObject, objectAt } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { cases } from '../builders/thoroughness.ts';
import { type Draw, drawFrom } from '../oracle/draw.ts';
import { generateWorld } from '../oracle/world.ts';

type World = ReturnType<typeof generateWorld>;

const FILLER = {
  eventSource: 'ec2.amazonaws.com',
  eventName: 'DescribeVpcs',
  requestParameters: 'x'.repeat(16 * 1024),
};

/** The world's CloudTrail records, some of them twice, most grants with nothing about them and a key of their own. */
function recordsOf({ cloudtrail }: World, draw: Draw): unknown[] {
  const records = cloudtrail.filter(looksLikeTrailRecord).map((record, at) => plainer(record, at, draw));
  return draw.shuffle([...records, ...records.filter(() => draw.below(5) === 0)]);
}

function plainer(record: JsonObject, at: number, draw: Draw): JsonObject {
  const response = objectAt(record, 'responseElements');
  const credentials = objectAt(response, 'credentials');
  if (record.eventName !== 'AssumeRole' || credentials === undefined || draw.below(5) === 0) return record;
  const accessKeyId = `ASIA${String(at).padStart(16, '0')}`;
  return {
    ...record,
    ...{ sharedEventID: undefined, userIdentity: callerDrawn(record, at, draw) },
    requestParameters: { ...objectAt(record, 'requestParameters'), sourceIdentity: undefined, tags: undefined },
    responseElements: {
      ...{ ...response, sourceIdentity: undefined, credentials: { ...credentials, accessKeyId } },
      ...(draw.below(4) > 0 && { assumedRoleUser: { assumedRoleId: SESSION.principalId } }),
    },
  };
}

/** The one that is there, a user, or the session of the record before. */
function callerDrawn(record: JsonObject, at: number, draw: Draw): unknown {
  const accessKeyId = `ASIA${String(at - 1).padStart(16, '0')}`;
  return [record.userIdentity, USER, { ...(record.userIdentity as object), ...SESSION, accessKeyId }][draw.below(3)];
}

const SESSION = { type: 'AssumedRole', principalId: 'AROAEXAMPLEROLEID1234:build-7' };
const USER = {
  type: 'IAMUser',
  principalId: 'AIDAEXAMPLEUSERID1234',
  arn: 'arn:aws:iam::111122223333:user/bob',
  accountId: '111122223333',
};

function plainIndex(records: readonly unknown[]): KnownGrants {
  const index = new KnownGrants();
  for (const record of records) {
    const facts = looksLikeTrailRecord(record) ? parseTrailRecord(record) : 'no record';
    if (typeof facts !== 'string') index.add(facts);
  }
  return index;
}

function indexInRows(records: readonly unknown[]): GrantsInRows {
  const index = new GrantsInRows(new KnownGrants(), records.length);
  const document = recordsIn(Buffer.from(JSON.stringify({ Records: [FILLER, ...records] })));
  const reading = new TrailFactsInBytes(index);
  for (const [at, record] of [FILLER, ...records].entries()) {
    if (document !== undefined && reading.add(document, at)) continue;
    const facts = looksLikeTrailRecord(record) ? parseTrailRecord(record) : 'no record';
    if (typeof facts !== 'string') index.add(facts);
  }
  return index;
}

/** What else is known of keys, roles and users. */
function expectSameFacts(rows: GrantsInRows, plain: KnownGrants): void {
  for (const { accessKeyId, caller, roleId } of plain.grants()) {
    for (const key of [accessKeyId, caller.accessKeyId]) {
      if (key !== undefined)
        expect(rows.usesOfKey(key).map(allOf).sort()).toEqual(plain.usesOfKey(key).map(allOf).sort());
    }
    if (roleId !== undefined) expect(rows.rolesOf(roleId)).toEqual(plain.rolesOf(roleId));
    if (caller.principalId !== undefined)
      expect(rows.userOf(caller.principalId)).toEqual(plain.userOf(caller.principalId));
  }
}

function allOf(value: object): string {
  return JSON.stringify(value);
}

/** Asks for each of the grants by its key and its session, in any order. */
function expectSameGrants(rows: GrantsInRows, plain: KnownGrants, draw: Draw): void {
  const questions = [...plain.grants()].flatMap((grant) => [
    () => expect(rows.grantsOfKey(grant.accessKeyId ?? ('' as never))).toEqual(keyed(grant, plain)),
    () => expectSameSession(grant, rows, plain, draw),
  ]);
  for (const ask of draw.shuffle(questions)) {
    expect(rows.size).toBe(plain.size);
    ask();
  }
}

function keyed({ accessKeyId }: Grant, plain: KnownGrants): unknown {
  return expect.toSatisfy((found: readonly Grant[]) => {
    const wanted = accessKeyId === undefined ? [] : plain.grantsOfKey(accessKeyId);
    return JSON.stringify(found.map(allOf).sort()) === JSON.stringify(wanted.map(allOf).sort());
  });
}

function expectSameSession(grant: Grant, rows: GrantsInRows, plain: KnownGrants, draw: Draw): void {
  const [key, name = ''] = [sessionKeyOf(grant), grant.sessionName];
  if (key === undefined) return;
  const isNamed = ({ granted, sessionName }: Grant) => granted === 'role' && sessionName === name;
  const found = rows.grantsOfSession(key, name, 'whether-any');
  expect(found.some(isNamed)).toBe(plain.grantsOfSession(key).some(isNamed));
  if (draw.below(2) === 0) return;
  expect(rows.grantsOfSession(key, name).map(allOf)).toEqual(plain.grantsOfSession(key).map(allOf));
}

describe('grants as rows', () => {
  it('are what they are as grants, in whatever order they are asked for', () => {
    const draw = drawFrom(11);
    let rows = 0;
    for (let seed = 0; seed < cases(30, 2_000); seed += 1) {
      const records = recordsOf(generateWorld(seed), draw);
      const index = indexInRows(records);
      rows += index.rows.size;
      expectSameFacts(index, plainIndex(records));
      expectSameGrants(index, plainIndex(records), draw);
    }
    expect(rows).toBeGreaterThan(30);
  });

  it('give the answers that the rules give', () => {
    const draw = drawFrom(12);
    let answered = 0;
    for (let seed = 0; seed < cases(40, 2_000); seed += 1) {
      const records = recordsOf(generateWorld(seed), draw);
      answered += answeredAlike(indexInRows(records), plainIndex(records), draw).length;
    }
    expect(answered).toBeGreaterThan(10);
  });

  it('give the answer of a chain of roles, where each is by its key and in its time', () => {
    const user = assumeRole({ key: 'ASIAEXAMPLEUSERGRANT', hour: 8, caller: USER });
    const session = { type: 'AssumedRole', principalId: 'AROAEXAMPLEROLEID1234:build-7', accountId: '111122223333' };
    const called = { ...session, accessKeyId: 'ASIAEXAMPLEUSERGRANT' };
    const chained = (caller: object, hour = 8) => [user, assumeRole({ key: 'ASIAEXAMPLEOFSESSION', hour, caller })];
    const answersTo = (records: JsonObject[]) => {
      const given = answeredAlike(indexInRows(records), plainIndex(records), drawFrom(1), 'in time');
      return given.map((text) => text.split('"AssumeRole"').length - 1).sort();
    };
    expect(answersTo(chained(called))).toEqual([1, 2]);
    expect(answersTo(chained(called, 10))).toEqual([1]);
    for (const other of [
      { principalId: 'AROAEXAMPLEROLEID1234:build-8' },
      { principalId: 'AROAEXAMPLEROLEID9999:build-7' },
      { principalId: 'AROAEXAMPLEROLEID1234' },
      { accessKeyId: 'ASIAEXAMPLEOFNOGRANT' },
      { accessKeyId: 'ASIAEXAMPLEOFSESSION' },
      { sessionContext: { sourceIdentity: 'alice' } },
    ]) {
      expect(answersTo(chained({ ...called, ...other })), JSON.stringify(other)).toEqual([1]);
    }
    expect(answersTo(chained({ ...called, invokedByDelegate: { accountId: '444455556666' } }))).toEqual([]);
  });
});

/** The answers that events with a grant's key, or about that, got at once, each as by the rules. */
function answeredAlike(index: GrantsInRows, plain: KnownGrants, draw: Draw, when?: 'in time'): string[] {
  const answers = new AnswersByKey({ index, settings: DEFAULT_SETTINGS, settled: true }, index);
  const grants = [...plain.grants()];
  const given: string[] = [];
  for (const grant of grants) {
    const { accessKeyId, issuedAt, expiresAt } = grant;
    const { roleId, sessionName } = when === undefined && draw.below(4) === 0 ? draw.pick(grants) : grant;
    if (roleId === undefined || sessionName === undefined || accessKeyId === undefined) continue;
    const at =
      when === 'in time'
        ? issuedAt
        : draw.pick([issuedAt, issuedAt + 1, issuedAt - 60_001, expiresAt + 600_000, expiresAt + 600_001]);
    const answer = answers.of(`${roleId}\n${sessionName}\n${accessKeyId}\n`, at);
    if (answer === undefined) continue;
    const action = { caller: callerOf({ roleId, sessionName, accessKeyId }), moment: epochMillis(at) };
    const ruled = attribute(action, { index: plain, settings: DEFAULT_SETTINGS, settled: true });
    expect(answer.attribution).toBe(JSON.stringify(ruled.attribution));
    expect(answer.label).toBe(ruled.attribution.actor && actorLabel(ruled.attribution.actor));
    expect(ruled.learnt).toBe(undefined);
    given.push(answer.attribution);
  }
  return given;
}

function callerOf(session: Pick<ActingCaller, 'roleId' | 'sessionName' | 'accessKeyId'>): ActingCaller {
  const { caller } = senderOf([session.roleId, session.sessionName, session.accessKeyId, 'uid', 'name'].join('\n'));
  return caller;
}

function assumeRole({ key, hour, caller }: { key: string; hour: number; caller: object }): JsonObject {
  const at = (hours: number) => `2026-03-10T${String(hours).padStart(2, '0')}:00:00Z`;
  return {
    ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', awsRegion: 'eu-west-1', eventTime: at(hour) },
    ...{ eventID: `event-${key}`, userIdentity: caller },
    requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/build', roleSessionName: 'build-7' },
    responseElements: {
      credentials: { accessKeyId: key, expiration: at(hour + 1) },
      assumedRoleUser: { assumedRoleId: 'AROAEXAMPLEROLEID1234:build-7' },
    },
  };
}
