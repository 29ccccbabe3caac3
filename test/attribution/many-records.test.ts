import { describe, expect, it } from 'vitest';
import { actionOfCaller, attribute } from '../../lib/attribution/attribute.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { IssuedToken } from '../../lib/audit/issued-token.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { roleIdOf } from '../../lib/identity/arn.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import { epochMillis, MINUTE } from '../../lib/time.ts';
import { countedIndex, Reads } from '../builders/counted-reads.ts';
import { keyId } from '../builders/ids.ts';

const ROLE = roleIdOf('AROASHARED00000000001');

function shared(number: number): object {
  return {
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    eventTime: '2026-03-10T08:00:00Z',
    eventID: `event-${number}`,
    userIdentity: { type: 'IAMUser', principalId: 'AIDAONE', accountId: '111122223333', userName: 'one' },
    requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/shared', roleSessionName: 'EKSGetTokenAuth' },
    responseElements: {
      credentials: { accessKeyId: `ASIASHARED${String(number).padStart(8, '0')}` },
      assumedRoleUser: { assumedRoleId: `${ROLE}:EKSGetTokenAuth` },
    },
  };
}

describe('a name that everybody shares', () => {
  /** Returns how many steps the rules need for ten events with so many grants. */
  function readsOver(sessions: number): number {
    const reads = new Reads();
    const index = new KnownGrants();
    for (let number = 0; number < sessions; number += 1) {
      const facts = parseTrailRecord({ ...shared(number) });
      if (typeof facts !== 'string') index.add(facts);
    }
    const caller = {
      kind: 'role-session',
      roleId: ROLE,
      accountId: '111122223333',
      sessionName: 'EKSGetTokenAuth',
    } as const;
    const moment = epochMillis(Date.parse('2026-03-10T08:10:00Z'));
    for (let event = 0; event < 10; event += 1) {
      const { attribution } = attribute(actionOfCaller(caller, moment), {
        index: countedIndex(index, reads),
        settings: DEFAULT_SETTINGS,
        settled: true,
      });
      expect(attribution).toMatchObject({ status: 'attributed', method: 'session-name', actor: { name: 'one' } });
    }
    return reads.count;
  }

  /** Returns how many steps the rules need for one event, after the first, with a grant every five minutes for so long. */
  function readsOfOne({ grants, key, at }: { grants: number; key?: string; at: string }): number {
    const reads = new Reads();
    const index = new KnownGrants();
    for (let number = 0; number < grants; number += 1) {
      const eventTime = new Date(Date.parse('2026-03-10T08:00:00Z') - number * 5 * MINUTE).toISOString();
      const facts = parseTrailRecord({ ...shared(number), eventTime });
      if (typeof facts !== 'string') index.add(facts);
    }
    const use = {
      eventSource: 's3.amazonaws.com',
      eventName: 'ListBuckets',
      eventTime: at,
      userIdentity: {
        ...{ type: 'AssumedRole', principalId: `${ROLE}:EKSGetTokenAuth`, accessKeyId: 'ASIAUSED00000000001' },
        sessionContext: { attributes: { creationDate: '2026-03-10T08:00:00Z' } },
      },
    };
    const facts = parseTrailRecord(use);
    if (typeof facts !== 'string') index.add(facts);
    const counted = { index: countedIndex(index, reads), settings: DEFAULT_SETTINGS, settled: true };
    const caller = {
      kind: 'role-session',
      ...{ roleId: ROLE, accountId: '111122223333', sessionName: 'EKSGetTokenAuth' },
      ...(key !== undefined && { accessKeyId: keyId(key) }),
    } as const;
    const ask = () => attribute(actionOfCaller(caller, epochMillis(Date.parse(at))), counted).attribution.status;
    const first = ask();
    const before = reads.count;
    expect(ask()).toBe(first);
    return reads.count - before;
  }

  it.each([
    ['by its name', { at: '2026-03-10T08:10:00Z' }],
    ['by its name, long after its grants', { at: '2026-05-10T08:10:00Z' }],
    ['by its beginning', { at: '2026-03-10T08:10:00Z', key: 'ASIAUSED00000000001' }],
  ])('is not searched whole for each event, found %s: ten times the days are no more work', (_how, one) => {
    const [days, more] = [readsOfOne({ ...one, grants: 500 }), readsOfOne({ ...one, grants: 5_000 })];
    expect(days).toBeGreaterThan(0);
    expect(more - days).toBeLessThan(50); // four more halvings, each some reads
  });

  it('costs no more than its grants: twice as many sessions are twice the work for ten events', () => {
    const [half, whole] = [readsOver(1_000), readsOver(2_000)];
    expect(half).toBeGreaterThan(1_000);
    expect(whole / half).toBeLessThan(2.1); // pair by pair it would be 4
  });
});

describe('uses that state more or less of one session', () => {
  it('lead to the same answer in either order', () => {
    const began = '2026-03-10T08:00:00Z';
    const use = (arn: string | undefined) => ({
      eventSource: 's3.amazonaws.com',
      eventName: 'ListBuckets',
      eventTime: '2026-03-10T08:05:00Z',
      userIdentity: {
        type: 'AssumedRole',
        principalId: `${ROLE}:i-1`,
        accessKeyId: 'ASIAUSED00000000001',
        ...(arn && { arn }),
        sessionContext: { attributes: { creationDate: began } },
      },
    });
    const grant = {
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      eventTime: began,
      userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
      requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/nodes', roleSessionName: 'i-1' },
      responseElements: { credentials: { accessKeyId: 'ASIAOTHER0000000001' } },
    };
    const uses = [use(undefined), use('arn:aws:sts::111122223333:assumed-role/nodes/i-1')];
    const answers = [uses, uses.toReversed()].map((order) => {
      const index = new KnownGrants();
      for (const record of [...order, grant]) {
        const facts = parseTrailRecord(record);
        if (typeof facts !== 'string') index.add(facts);
      }
      const caller = {
        kind: 'role-session',
        roleId: ROLE,
        sessionName: 'i-1',
        accessKeyId: keyId('ASIAUSED00000000001'),
      } as const;
      const moment = epochMillis(Date.parse('2026-03-10T08:10:00Z'));
      return attribute(actionOfCaller(caller, moment), { index, settings: DEFAULT_SETTINGS, settled: true })
        .attribution;
    });
    expect(answers[0]).toMatchObject({ status: 'attributed', method: 'session-start' });
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe('a token’s ID that stands in many issuing events', () => {
  const issued = (at: number, serviceAccount: string, cluster: string): IssuedToken => ({
    credentialId: 'JTI=4c1f5b1e-0000-4000-8000-000000000001',
    serviceAccount,
    clusterKey: clusterKeyOf({ cluster }),
    auditId: auditIdOf(`issue-${at}`),
    issuedAt: epochMillis(at),
    caller: { kind: 'kubernetes-node' },
  });

  it('belongs to the earliest for each service account and cluster, in any order of the events', () => {
    const index = new KnownGrants();
    const early = [issued(1, 'shop:web', 'prod-1'), issued(2, 'shop:web', 'prod-2'), issued(3, 'shop:db', 'prod-1')];
    const late = early.map((token) => ({ ...token, issuedAt: epochMillis(9), auditId: auditIdOf('late') }));
    for (const token of [late[0], ...early, late[1], late[2]]) index.add({ token });
    const known = index.tokensIssued(early[0]?.credentialId ?? '');
    expect(known.map(({ auditId }) => auditId).toSorted()).toEqual(['issue-1', 'issue-2', 'issue-3']);
  });

  /** The nth user of another authenticator, who had the token of that number issued at once with others. */
  const issuedBy = (username: string, token = 1): IssuedToken => ({
    ...issued(0, 'shop:web', 'prod-1'),
    credentialId: `JTI=${token}`,
    auditId: auditIdOf('issuing'),
    caller: { kind: 'kubernetes-user', username },
  });
  const holder = (token: number) =>
    ({
      kind: 'kubernetes-service-account',
      username: 'system:serviceaccount:shop:web',
      credentialId: `JTI=${token}`,
    }) as const;
  const use = (token: number) => ({
    ...actionOfCaller(holder(token), epochMillis(5)),
    clusterKey: clusterKeyOf({ cluster: 'prod-1' }),
  });
  const users = Array.from({ length: 30 }, (_, at) => `user-${String(at).padStart(2, '0')}`);
  const answerTo = (index: KnownGrants, token: number) =>
    attribute(use(token), { index, settings: DEFAULT_SETTINGS, settled: true }).attribution;

  it('makes the callers of all copies candidates, at most the first twenty, in any order of the events', () => {
    for (const order of [users, users.toReversed()]) {
      const index = new KnownGrants();
      for (const username of order) index.add({ token: issuedBy(username) });
      const { status, candidates = [] } = answerTo(index, 1);
      expect(status).toBe('ambiguous');
      expect(candidates.map(({ actor }) => actor.name)).toEqual(users.slice(0, 20));
    }
  });

  it('names no single caller among many copies that state less than the first', () => {
    const index = new KnownGrants();
    const extras = users.map((name): IssuedToken => ({ ...issuedBy('alice'), auditId: auditIdOf(name) }));
    for (const token of [...extras, { ...issuedBy('bob'), auditId: auditIdOf('z') }]) index.add({ token });
    expect(answerTo(index, 1)).toMatchObject({ status: 'ambiguous' });
  });

  it('is followed by few ways, however many there are', () => {
    const known = new KnownGrants();
    for (let token = 1; token < 1024; token += 1) {
      if (token >= 512) known.add({ token: issuedBy('alice', token) });
      else
        for (const before of [2 * token, 2 * token + 1])
          known.add({ token: { ...issuedBy('', token), caller: holder(before) } });
    }
    const reads = new Reads(10_000);
    expect(answerTo(countedIndex(known, reads), 1)).toMatchObject({
      status: 'ambiguous',
      candidates: [{ actor: { name: 'alice' } }],
    });
  });
});
