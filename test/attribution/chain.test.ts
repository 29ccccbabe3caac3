import { describe, expect, it } from 'vitest';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf, knownFrom, parsedEvent, verdictOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, OTHER_ACCOUNT, utc } from '../builders/company.ts';
import { countedIndex, Reads } from '../builders/counted-reads.ts';
import { accountOnly, iamUser, type RoleSessionOptions, roleSession, userId } from '../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../builders/trail-records.ts';

const JUMP = { roleId: 'AROAJUMP0000000000001', session: 'jumping', roleName: 'jump' };

/** The grant that the cluster saw, called by the jump role's session; the session's own grant was at 11:00. */
function clusterGrant(caller: Pick<RoleSessionOptions, 'key' | 'began' | 'fields'> = {}): JsonObject {
  return grant({ id: 'second', by: roleSession({ ...JUMP, key: ANOTHER_KEY, began: utc('11:00:00'), ...caller }) });
}

function jumpGrant(options: GrantOptions = {}): JsonObject {
  return grant({ id: 'first', ...JUMP, key: ANOTHER_KEY, at: utc('11:00:00'), until: utc('12:30:00'), ...options });
}

/** A caller whose role only its ID names, and a record that gives that ID its role. */
const ROLE_UNSTATED = { arn: undefined, sessionContext: { attributes: { creationDate: utc('11:00:00') } } };
const OF_JUMP = callBy(roleSession({ ...JUMP, session: 'another', began: null }));

const FOUND = 'attributed access-key iam-user alice';
const LOST = 'partial access-key upstream-grant-not-found role-session';

describe('a role session that assumed the role', () => {
  it('is followed to its own grant, and the chain runs from the actor to the cluster', () => {
    const { actor, chain } = answerOf({ event: auditEvent(), records: [clusterGrant(), jumpGrant()] });
    expect(actor?.name).toBe('alice');
    expect(chain?.map(({ eventIds }) => eventIds[0])).toEqual(['first', 'second']);
  });

  it.each<[string, JsonObject, GrantOptions, string]>([
    ['by the key that signed', clusterGrant({ began: null }), {}, FOUND],
    ['by its beginning where it has no key', clusterGrant({ key: null }), {}, FOUND],
    ['by its beginning where no grant lists its key', clusterGrant(), { key: null }, FOUND],
    ['not by a beginning a second apart', clusterGrant({ key: null, began: utc('11:00:01') }), {}, LOST],
    ['not by name alone', clusterGrant({ key: null, began: null }), {}, LOST],
    [
      'not to a grant of the key for another role',
      clusterGrant({ began: null }),
      { roleId: 'AROAOTHER000000000001' },
      LOST,
    ],
    ['not to a grant of the key for another name', clusterGrant({ began: null }), { session: 'other' }, LOST],
    [
      'not to a grant of the key for another name than its ARN has, without a principal',
      clusterGrant({ fields: { principalId: undefined } }),
      { session: 'other' },
      LOST,
    ],
    [
      'not to a grant of the key for another role than its ARN has, without a principal',
      clusterGrant({ fields: { principalId: undefined } }),
      { roleName: 'other' },
      LOST,
    ],
    ['to the grant of its ARN, without a principal', clusterGrant({ fields: { principalId: undefined } }), {}, FOUND],
    ['not to a grant that had ended', clusterGrant(), { until: utc('11:15:00') }, LOST],
    ['to a grant that ended 10 min before', clusterGrant(), { until: utc('11:50:00') }, FOUND],
    [
      'to a grant without assumedRoleUser by role and name',
      clusterGrant({ key: null }),
      { namesRoleUser: false },
      FOUND,
    ],
    [
      'to a grant without assumedRoleUser by the role that a record gives its ID',
      clusterGrant({ key: null, fields: ROLE_UNSTATED }),
      { namesRoleUser: false },
      FOUND,
    ],
  ])('is found %s', (_, cluster, options, expected) => {
    expect(verdictOf({ event: auditEvent(), records: [cluster, jumpGrant(options), OF_JUMP] })).toBe(expected);
  });

  it('is shown by its session, ARN and principal if its grant is not known, never by a name', () => {
    expect(answerOf({ event: auditEvent(), records: [clusterGrant()] })).toMatchObject({
      status: 'partial',
      reason: 'upstream-grant-not-found',
      actor: {
        kind: 'role-session',
        sessionName: 'jumping',
        principalId: 'AROAJUMP0000000000001:jumping',
        arn: 'arn:aws:sts::111122223333:assumed-role/jump/jumping',
      },
    });
  });

  it('says nothing itself if the grant of its session is known and had ended, by the role that a record gives its ID', () => {
    const inScopeOf = { credentialsIssuedTo: 'arn:aws:lambda:eu-west-1:111122223333:function:cleanup' };
    const cluster = clusterGrant({ key: null, fields: { ...ROLE_UNSTATED, inScopeOf } });
    const ended = jumpGrant({ namesRoleUser: false, until: utc('11:15:00') });
    expect(verdictOf({ event: auditEvent(), records: [cluster, ended, OF_JUMP] })).toBe(LOST);
  });

  it('makes both people candidates if two grants may have issued it', () => {
    const records = [clusterGrant(), jumpGrant(), jumpGrant({ id: 'other', by: iamUser('bob') })];
    expect(verdictOf({ event: auditEvent(), records })).toBe('ambiguous alice or bob');
  });

  it('may also be the one on whose behalf a service acted', () => {
    const fields = { fields: { invokedBy: 'cloudformation.amazonaws.com' } };
    const cluster = grant({ by: roleSession({ ...JUMP, key: ANOTHER_KEY, ...fields }) });
    expect(verdictOf({ event: auditEvent(), records: [cluster, jumpGrant()] })).toBe(FOUND);
  });
});

/** alice → r1 → r2 → … → the cluster's role, by keys. */
function chainOf(hops: number): JsonObject[] {
  const session = (hop: number) => ({
    roleId: `AROAHOP${String(hop).padStart(14, '0')}`,
    roleName: `hop-${hop}`,
    session: 'alice',
    key: `ASIAHOP${String(hop).padStart(13, '0')}`,
  });
  return Array.from({ length: hops }, (_, hop) => {
    const by = hop === 0 ? iamUser('alice') : roleSession({ ...session(hop - 1), began: null });
    return hop === hops - 1 ? grant({ by }) : grant({ ...session(hop), by });
  });
}

describe('a chain', () => {
  it('may have 10 grants', () => {
    const answer = answerOf({ event: auditEvent(), records: chainOf(10) });
    expect([answer.status, answer.actor?.name, answer.chain?.length]).toEqual(['attributed', 'alice', 10]);
  });

  it('is cut at 11 grants, and ends at the session that called the first remaining grant', () => {
    expect(answerOf({ event: auditEvent(), records: chainOf(11) })).toMatchObject({
      status: 'partial',
      reason: 'chain-too-long',
      actor: { kind: 'role-session', sessionName: 'alice', principalId: 'AROAHOP00000000000000:alice' },
      chain: { length: 10 },
    });
  });

  it('is not too long with 10 grants, even if the grant before the first is not known', () => {
    const records = chainOf(11).slice(1);
    expect(verdictOf({ event: auditEvent(), records })).toBe(LOST);
  });

  it('ends where it comes back to itself', () => {
    const one = grant({ ...JUMP, key: ANOTHER_KEY, by: roleSession({ ...CLUSTER, key: KEY, began: null }) });
    const two = grant({ by: roleSession({ ...JUMP, key: ANOTHER_KEY, began: null }) });
    const answer = answerOf({ event: auditEvent(), records: [one, two] });
    expect([answer.status, answer.reason, answer.chain?.length]).toEqual(['partial', 'chain-loop', 2]);
  });

  it('ends at once if a grant calls itself', () => {
    const self = grant({ by: roleSession({ ...CLUSTER, key: KEY, began: null }) });
    const answer = answerOf({ event: auditEvent(), records: [self] });
    expect([answer.reason, answer.chain?.length, answer.actor?.kind]).toEqual(['chain-loop', 1, 'role-session']);
  });

  it('continues past a loop if there is another way', () => {
    const self = grant({ id: 'loop', by: roleSession({ ...CLUSTER, key: KEY, began: null }) });
    expect(verdictOf({ event: auditEvent(), records: [self, grant({ at: utc('11:59:59') })] })).toBe(FOUND);
  });

  it('is followed in few steps, even with many forged ways', () => {
    const records = Array.from({ length: 12 }, (_, hop) =>
      Array.from({ length: 10 }, (_, copy) => {
        const session = (level: number) => ({
          roleId: `AROAWIDE${level}`,
          session: 'x',
          key: `ASIAWIDE000000000${level}`,
        });
        const by = roleSession({ ...session(hop + 1), began: null });
        return grant({
          ...(hop === 0 ? {} : session(hop)),
          by,
          at: utc(`12:00:${String(copy % 60).padStart(2, '0')}`),
        });
      }),
    ).flat();
    const reads = new Reads(2_000_000);
    const index = countedIndex(knownFrom(records), reads);
    attribute(actionOf(parsedEvent(auditEvent()), {}), { index, settings: DEFAULT_SETTINGS, settled: true });
    expect(reads.count).toBeGreaterThan(records.length);
  });
});

const CLUSTER = { roleId: 'AROAPROJECTADMIN00001', session: 'alice-session', roleName: 'project-admin' };

describe('a source identity', () => {
  it.each<[string, JsonObject[]]>([
    ['that a grant sets', [clusterGrant(), jumpGrant({ response: { sourceIdentity: 'alice' } })]],
    [
      'that only the later session shows',
      [grant({ by: roleSession({ ...JUMP, key: ANOTHER_KEY, sourceIdentity: 'alice' }) }), jumpGrant()],
    ],
  ])('%s is carried to the actor', (_, records) => {
    expect(answerOf({ event: auditEvent(), records }).actor).toMatchObject({ name: 'alice', sourceIdentity: 'alice' });
  });

  it('is carried to the end of a chain that is cut', () => {
    const records = [grant({ by: roleSession({ ...JUMP, sourceIdentity: 'alice' }) })];
    expect(answerOf({ event: auditEvent(), records }).actor).toMatchObject({
      kind: 'role-session',
      sourceIdentity: 'alice',
    });
  });
});

describe('a call from another account', () => {
  const fromElsewhere = (principalId: string) =>
    grant({ by: accountOnly(OTHER_ACCOUNT, principalId), fields: { sharedEventID: 's' } });

  it('is partial if the trail of that account is not known', () => {
    expect(answerOf({ event: auditEvent(), records: [fromElsewhere('AROACALLER0001:alice')] })).toMatchObject({
      status: 'partial',
      reason: 'caller-account-not-logged',
      actor: { kind: 'aws-account-principal', accountId: OTHER_ACCOUNT, principalId: 'AROACALLER0001:alice' },
    });
  });

  it('is by an IAM user if another record names the AIDA ID', () => {
    const elsewhere = callBy(iamUser('alice', { accountId: OTHER_ACCOUNT }), { errorCode: 'AccessDenied' });
    const records = [fromElsewhere(userId('alice')), elsewhere];
    expect(answerOf({ event: auditEvent(), records })).toMatchObject({
      status: 'attributed',
      actor: { kind: 'iam-user', name: 'alice', accountId: OTHER_ACCOUNT, principalId: userId('alice') },
    });
  });

  it("is followed on by the caller's own copy", () => {
    const jumped = { ...JUMP, accountId: OTHER_ACCOUNT, key: ANOTHER_KEY };
    const callersCopy = grant({ by: roleSession({ ...jumped, began: null }), fields: { sharedEventID: 's' } });
    const records = [fromElsewhere('AROAJUMP0000000000001:jumping'), callersCopy, jumpGrant(jumped)];
    expect(verdictOf({ event: auditEvent(), records })).toBe(FOUND);
  });
});
