import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certaintyText } from '../../cli/incident/report-document.ts';
import { type Actor, identified, sameActor } from '../../lib/attribution/actor.ts';
import type { Attribution, ChainLink } from '../../lib/attribution/attribution.ts';
import type { StatedActor } from '../../lib/attribution/stated-actor.ts';
import { type IncidentParty, incidentParties } from '../../lib/usecases/incident/whom.ts';
import type { SessionFound } from '../../lib/usecases/query/anything/outcomes.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, utc } from '../builders/company.ts';
import { Reads } from '../builders/counted-reads.ts';

const { caller, ...record } = recordOf({ event: auditEvent({}) });
const RANGE = { from: 0, to: 1 };

/** Those behind an audit id, each of whose requests has one of the attributions, by a session of its own where `sessions`. */
function behind(
  attributions: readonly Attribution[],
  session: (at: number) => string = () => 'one',
): readonly IncidentParty[] {
  const records = attributions.map((attribution, at) => ({
    ...record,
    caller: { kind: caller.kind, username: session(at) },
    attribution,
  }));
  const [first] = records;
  if (first === undefined) return [];
  const outcome = { kind: 'attributed', attribution: first.attribution, caller: first.caller, records } as const;
  const found = [{ subject: { by: 'audit-id', auditId: 'x', circumstances: {} } as const, outcome }];
  return incidentParties({ as: '', notes: [], found, isOne: true, left: 0 }, RANGE);
}

function by(actor: Actor, chain: readonly ChainLink[] = []) {
  return { status: 'attributed', method: 'access-key', provisional: false, flags: [], actor, chain } as const;
}

const NOBODY: Attribution = { status: 'unattributed', provisional: false, reason: 'no-matching-grant', flags: [] };

const ANA = identified({ kind: 'iam-user', name: 'ana' });

it('the party of an answer that was not checked says so', () => {
  const subject = { by: 'caller', question: {}, circumstances: {} } as const;
  const partiesOf = (isComplete: false | undefined) => {
    const attribution = by(ANA);
    const outcome = { kind: 'attributed', attribution, caller, isComplete } as const;
    return incidentParties({ as: '', notes: [], found: [{ subject, outcome }], isOne: true, left: 0 }, RANGE);
  };
  expect(partiesOf(false)).toMatchObject([{ actor: { name: 'ana' }, complete: false }]);
  expect(partiesOf(undefined)[0]).not.toHaveProperty('complete');
});

it('the report says of a party that was not checked what whois says', () => {
  const direct: Attribution = { status: 'attributed', method: 'direct', provisional: false, flags: [], actor: ANA };
  const section = {
    standing: 'actor',
    attribution: direct,
    chain: [],
    accessKeyId: KEY,
    sessions: [],
    sessionsLeft: 0,
  };
  const words = (complete?: false) =>
    certaintyText({ ...section, standing: 'actor', ...(complete === false && { complete }) });
  expect(words()).toMatch(/^Certain: /);
  expect(words(false)).toMatch(/^Likely, but not proven: .* the access key was not checked/);
});

/** Those behind a name that has these sessions. */
function behindName(sessions: readonly Partial<SessionFound>[], range = RANGE): readonly IncidentParty[] {
  const found = sessions.map((each) => ({ attribution: by(ANA), records: 1, ...each }));
  const outcome = { kind: 'sessions', sessions: found, left: 0 } as const;
  const subject = { by: 'request', circumstances: {} } as const;
  return incidentParties({ as: '', notes: [], found: [{ subject, outcome }], isOne: true, left: 0 }, range);
}

function namesOf(parties: readonly IncidentParty[]): readonly (string | undefined)[] {
  return parties.map(({ actor, session }) => actor?.name ?? session);
}

/** A session that was used at that minute after 10:00. */
function usedAt(minute: number, fields: Partial<SessionFound>): Partial<SessionFound> {
  const time = utc(`10:${String(minute).padStart(2, '0')}:00`);
  return { from: time, to: time, ...fields };
}

describe('the sections of a report begin with the suspicious ones', () => {
  const HOUR_OF_ALL = { from: Date.parse(utc('10:00:00')), to: Date.parse(utc('11:00:00')) };
  const BEN = identified({ kind: 'iam-user', name: 'ben' });
  const CARLA = identified({ kind: 'iam-user', name: 'carla' });
  const issuedAt = utc('09:59:00');
  const grantFrom = (sourceIp: string): ChainLink => ({
    eventIds: ['g'],
    eventName: 'AssumeRole',
    joinedBy: 'access-key',
    issuedAt,
    expiresAt: utc('11:00:00'),
    sourceIp,
  });

  it('an unidentified key comes before the person in the middle of the range, the earliest first', () => {
    const parties = behindName(
      [
        usedAt(30, {}),
        usedAt(58, { accessKeyId: ANOTHER_KEY, attribution: NOBODY }),
        usedAt(5, { accessKeyId: KEY, attribution: NOBODY }),
      ],
      HOUR_OF_ALL,
    );
    expect(namesOf(parties)).toEqual([KEY, ANOTHER_KEY, 'ana']);
  });

  it('a flag that can raise an alert comes before none, and a harmless one does not', () => {
    const parties = behindName(
      [
        usedAt(1, { attribution: { ...by(ANA), flags: ['impersonation'] } }),
        usedAt(2, { attribution: by(BEN) }),
        usedAt(3, { attribution: { ...by(CARLA), flags: ['access-key-mismatch'] } }),
      ],
      HOUR_OF_ALL,
    );
    expect(namesOf(parties)).toEqual(['carla', 'ana', 'ben']);
  });

  it('credentials that were used from another source IP come first', () => {
    const of = (actor: Actor) => by(actor, [grantFrom('203.0.113.12')]);
    const parties = behindName(
      [
        usedAt(1, { attribution: of(ANA), ips: ['203.0.113.12'] }),
        usedAt(2, { attribution: of(BEN), ips: ['45.83.64.11'] }),
      ],
      HOUR_OF_ALL,
    );
    expect(namesOf(parties)).toEqual(['ben', 'ana']);
  });

  it('an actor has one section, with the flags of the suspicious session', () => {
    const flagged: Attribution = { ...by(ANA), flags: ['access-key-mismatch'] };
    const parties = behindName([usedAt(1, {}), usedAt(50, { attribution: flagged })], HOUR_OF_ALL);
    expect(parties.map(({ attribution: { flags } }) => flags)).toEqual([['access-key-mismatch']]);
  });

  it('of harmless sessions, the one nearest to the middle of the range stands for the actor', () => {
    const parties = behindName(
      [usedAt(1, { accessKeyId: ANOTHER_KEY }), usedAt(29, { accessKeyId: KEY })],
      HOUR_OF_ALL,
    );
    expect(parties.map(({ accessKeyId }) => accessKeyId)).toEqual([KEY]);
  });

  it('a session outside the time range comes last, however suspicious it is', () => {
    const before = { from: utc('08:00:00'), to: utc('08:00:00'), accessKeyId: KEY, attribution: NOBODY };
    expect(namesOf(behindName([before, usedAt(30, {})], HOUR_OF_ALL))).toEqual(['ana', KEY]);
  });
});

describe('those who are, or may be, behind an incident', () => {
  const actor = fc
    .record({
      kind: fc.constantFrom('iam-user', 'aws-service'),
      name: fc.option(fc.constantFrom('ana', 'ben'), { nil: undefined }),
      accountId: fc.option(fc.constant('111122223333'), { nil: undefined }),
      principalId: fc.option(fc.constantFrom('AIDAANA', 'AIDABEN'), { nil: undefined }),
      arn: fc.option(fc.constantFrom('arn:a', 'arn:b'), { nil: undefined }),
    })
    .map((stated) => identified(stated as StatedActor));

  it('are each reported once, the first of those that are equal', () => {
    fc.assert(
      fc.property(fc.array(actor, { maxLength: 12 }), (actors) => {
        const each: Actor[] = [];
        for (const one of actors) if (!each.some((other) => sameActor(other, one))) each.push(one);
        expect(behind(actors.map((each) => by(each))).map((whom) => whom.actor)).toEqual(each);
      }),
    );
  });

  it('count an Identity Center user of two accounts once, but only if both records state the user ID and the directory', () => {
    const inAccount = (accountId: string, proof: Partial<StatedActor>) =>
      by(
        identified({
          kind: 'identity-center-user',
          name: 'ana@example.com',
          provider: `arn:aws:iam::${accountId}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE`,
          ...proof,
        }),
      );
    const partiesWith = (proof: Partial<StatedActor>) =>
      behind([inAccount('111122223333', proof), inAccount('444455556666', proof)]);
    expect(partiesWith({ userId: '906b', directory: 'd-1234567890' })).toHaveLength(1);
    expect(partiesWith({})).toHaveLength(2);
  });

  it('include unidentified sessions, each once', () => {
    const attributions = [NOBODY, by(identified({ kind: 'iam-user', name: 'ana' })), NOBODY, NOBODY];
    const session = (at: number) => (at === 2 ? 'two' : 'one');
    expect(namesOf(behind(attributions, session))).toEqual(['one', 'two', 'ana']);
  });

  it('take twice the work if there are twice as many: one audit ID can belong to all', () => {
    const effort = (count: number) => {
      const reads = new Reads();
      const actors = Array.from({ length: count }, (_, at) =>
        reads.of(identified({ kind: 'iam-user', accountId: '111122223333', principalId: `AIDA${at}` })),
      );
      expect(behind(actors.map((each) => by(each)))).toHaveLength(count);
      return reads.count;
    };
    expect(effort(300)).toBeGreaterThan(300);
    expect(effort(600) / effort(300)).toBeLessThan(2.1); // pair by pair it would be 4
  });
});
