import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certaintyText } from '../../cli/incident/report-document.ts';
import { type Actor, identified, sameActor } from '../../lib/attribution/actor.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import type { StatedActor } from '../../lib/attribution/stated-actor.ts';
import { type IncidentParty, incidentParties } from '../../lib/usecases/incident/whom.ts';
import { recordOf } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { KEY } from '../builders/company.ts';
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

function by(actor: Actor): Attribution {
  return { status: 'attributed', method: 'access-key', provisional: false, flags: [], actor, chain: [] };
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
        expect(behind(actors.map(by)).map((whom) => whom.actor)).toEqual(each);
      }),
    );
  });

  it('include unidentified sessions, each once', () => {
    const attributions = [NOBODY, by(identified({ kind: 'iam-user', name: 'ana' })), NOBODY, NOBODY];
    const session = (at: number) => (at === 2 ? 'two' : 'one');
    expect(behind(attributions, session).map((whom) => whom.actor?.name ?? whom.session)).toEqual([
      'one',
      'ana',
      'two',
    ]);
  });

  it('take twice the work if there are twice as many: one audit ID can belong to all', () => {
    const effort = (count: number) => {
      const reads = new Reads();
      const actors = Array.from({ length: count }, (_, at) =>
        reads.of(identified({ kind: 'iam-user', accountId: '111122223333', principalId: `AIDA${at}` })),
      );
      expect(behind(actors.map(by))).toHaveLength(count);
      return reads.count;
    };
    expect(effort(300)).toBeGreaterThan(300);
    expect(effort(600) / effort(300)).toBeLessThan(2.1); // pair by pair it would be 4
  });
});
