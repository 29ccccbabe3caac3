import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import type { Alert } from '../../lib/claims/alert.ts';
import type { AlertCause } from '../../lib/claims/alert-cause.ts';
import { type AlertGroup, classOf, groupId, groupOf } from '../../lib/claims/alert-group.ts';
import {
  type AlertLedger,
  dueOf,
  EMPTY_LEDGER,
  goesAtOnce,
  isDigestDue,
  MOST_AN_HOUR,
  MOST_IN_ALL,
  noteDigest,
  noteMessage,
  type PlannedNotice,
} from '../../lib/claims/alert-ledger.ts';
import type { ClaimCaller } from '../../lib/claims/claim.ts';
import { EMPTY_SUMMARY } from '../../lib/claims/summary.ts';
import { roleIdOf } from '../../lib/identity/arn.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { ACCOUNT, ROLE_ID } from '../builders/company.ts';

const WINDOW = { window: 15 * MINUTE, digest: sha256 };
const NOON = Date.UTC(2026, 2, 10, 12);
const at = (minutes: number) => epochMillis(NOON + minutes * MINUTE);
const CALLER: ClaimCaller = { kind: 'role-session', roleId: ROLE_ID, accountId: ACCOUNT, sessionName: 'nightly' };

function alert(more: Partial<Alert> = {}): Alert {
  return {
    kind: 'alert',
    claimId: 'claim',
    causes: ['unattributed'],
    caller: { kind: 'role-session' },
    clusters: ['prod-1'],
    count: 1,
    verbs: [],
    namespaces: [],
    reasons: ['no-matching-grant'],
    actors: [],
    nextStep: '',
    query: '',
    summary: { ...EMPTY_SUMMARY, senders: [ACCOUNT] },
    ...more,
  };
}

const group = (more: Partial<Alert> = {}, caller = CALLER) => groupOf(alert(more), caller);
const ofRole = (
  number: number,
  causes: readonly AlertCause[] = ['unattributed'],
  senders: readonly string[] = [ACCOUNT],
) => group({ causes, summary: { ...EMPTY_SUMMARY, senders } }, { ...CALLER, roleId: roleIdOf(`AROA${number}`) });
const of = (one: AlertGroup, claimId = 'claim of another moment'): PlannedNotice => ({ group: one, claimId });

describe('a group of alerts', () => {
  it("is the causes, the reason, the cluster and the role, without the caller's name", () => {
    const same = group({ claimId: 'other', count: 9, actors: ['iam-user alice'] }, { ...CALLER, sessionName: 'x' });
    expect(groupId(same)).toBe(groupId(group()));
    const others: readonly AlertGroup[] = [
      group({ kind: 'resolved' }),
      group({ causes: ['ambiguous'] }),
      group({ reasons: ['access-key-contradicts-session'] }),
      group({ clusters: ['prod-2'] }),
      group({ clusters: ['prod-1', 'prod-2'] }),
      group({}, { ...CALLER, roleId: roleIdOf('AROAOTHER') }),
      group({ summary: { ...EMPTY_SUMMARY, senders: ['444455556666'] } }),
    ];
    expect(new Set([group(), ...others].map(groupId))).toHaveProperty('size', 8);
  });

  it('is one for all malformed identities of a cluster, because anybody can write a uid', () => {
    const malformed = (uid: string): ClaimCaller => ({ kind: 'malformed', uid, username: uid });
    const reasons = ['malformed-identity'] as const;
    expect(groupId(group({ reasons }, malformed('a')))).toBe(groupId(group({ reasons }, malformed('b'))));
  });

  it('is serious if it has an unusual cause, or if the sources contradict each other', () => {
    for (const cause of ['unattributed', 'ambiguous', 'partial', 'key-not-listed', 'through-agent'] as const)
      expect(classOf(group({ causes: [cause] }))).toBe('usual');
    expect(classOf(group({ causes: ['session-name-claims-other-actor'] }))).toBe('grave');
    expect(classOf(group({ reasons: ['access-key-contradicts-session'] }))).toBe('grave');
    expect(classOf(group({ causes: ['unattributed', 'eks-name-used-by-person'] }))).toBe('grave');
    expect(classOf(group({ kind: 'resolved', causes: ['eks-name-used-by-person'] }))).toBe('resolved');
  });
});

describe('an alert', () => {
  it('is sent at once if nothing of its group was sent within the window', () => {
    const ledger = noteMessage(EMPTY_LEDGER, of(group()), WINDOW, at(0));
    expect(goesAtOnce(EMPTY_LEDGER, of(group(), 'another'), WINDOW, at(0))).toBe(true);
    expect(goesAtOnce(ledger, of(group(), 'another'), WINDOW, at(14))).toBe(false);
    expect(goesAtOnce(ledger, of(ofRole(1), 'another'), WINDOW, at(14))).toBe(true);
    expect(goesAtOnce(ledger, of(group(), 'another'), WINDOW, at(15))).toBe(true);
  });

  it('is always sent at once with a window of 0', () => {
    const ledger = noteMessage(EMPTY_LEDGER, of(group()), { ...WINDOW, window: 0 }, at(0));
    expect(goesAtOnce(ledger, of(group(), 'another'), { ...WINDOW, window: 0 }, at(0))).toBe(true);
  });

  it('is held for another window if a digest reported its group', () => {
    const ledger = noteDigest(noteMessage(EMPTY_LEDGER, of(group()), WINDOW, at(0)), [group()], WINDOW, at(15));
    expect(goesAtOnce(ledger, of(group(), 'another'), WINDOW, at(29))).toBe(false);
    expect(goesAtOnce(ledger, of(group(), 'another'), WINDOW, at(30))).toBe(true);
  });

  it("is held if the hour's limit is reached, unless it is serious and the others are not", () => {
    let ledger: AlertLedger = EMPTY_LEDGER;
    let sent = 0;
    for (let number = 0; number < 400; number += 1) {
      if (!goesAtOnce(ledger, of(ofRole(number), 'another'), WINDOW, at(number / 10))) continue;
      ledger = noteMessage(ledger, of(ofRole(number)), WINDOW, at(number / 10));
      sent += 1;
    }
    expect(sent).toBe(MOST_AN_HOUR.usual);
    const grave = group({ causes: ['session-name-claims-other-actor'] });
    expect(goesAtOnce(ledger, of(grave, 'another'), WINDOW, at(40))).toBe(true);
    expect(goesAtOnce(ledger, of(ofRole(999), 'another'), WINDOW, at(59))).toBe(false);
    expect(goesAtOnce(ledger, of(ofRole(999), 'another'), WINDOW, at(60))).toBe(true);
  });

  it('of an account that used up its limit is held, while those of the others are sent at once', () => {
    const [flooding, other] = ['444455556666', '777788889999'];
    let ledger: AlertLedger = EMPTY_LEDGER;
    for (let number = 0; number < MOST_AN_HOUR.grave; number += 1) {
      const forged = ofRole(number, ['anonymous-access'], [flooding]);
      expect(goesAtOnce(ledger, of(forged), WINDOW, at(1))).toBe(true);
      ledger = noteMessage(ledger, of(forged), WINDOW, at(1));
    }
    expect(goesAtOnce(ledger, of(ofRole(99, ['anonymous-access'], [flooding])), WINDOW, at(2))).toBe(false);
    expect(goesAtOnce(ledger, of(ofRole(99, ['anonymous-access'], [other])), WINDOW, at(2))).toBe(true);
    expect(goesAtOnce(ledger, of(ofRole(99, ['anonymous-access'], [flooding, other])), WINDOW, at(2))).toBe(true);
  });

  it('is held if all accounts together reach their limit', () => {
    let ledger: AlertLedger = EMPTY_LEDGER;
    let sent = 0;
    for (let number = 0; number < 100; number += 1) {
      const one = ofRole(number, ['unattributed'], [`account ${number}`]);
      if (!goesAtOnce(ledger, of(one), WINDOW, at(1))) continue;
      ledger = noteMessage(ledger, of(one), WINDOW, at(1));
      sent += 1;
    }
    expect(sent).toBe(MOST_IN_ALL * MOST_AN_HOUR.usual);
  });

  it('goes at once again if its claim was interrupted after it was noted, and then counts once', () => {
    const once = noteMessage(EMPTY_LEDGER, of(group(), 'interrupted'), WINDOW, at(0));
    expect(goesAtOnce(once, of(group(), 'interrupted'), WINDOW, at(1))).toBe(true);
    expect(goesAtOnce(once, of(group(), 'another'), WINDOW, at(1))).toBe(false);
    expect(noteMessage(once, of(group(), 'interrupted'), WINDOW, at(1)).notices).toHaveLength(1);
  });

  it('leaves nothing unneeded in the ledger, however many groups a digest has', () => {
    const many = Array.from({ length: 5_000 }, (_, number) => ofRole(number));
    const ledger = noteDigest(EMPTY_LEDGER, many, WINDOW, at(0));
    expect(ledger.notices).toHaveLength(50);
    expect(noteMessage(ledger, of(group()), WINDOW, at(61)).notices).toHaveLength(1);
    const long = { ...WINDOW, window: 2 * HOUR };
    expect(goesAtOnce(noteMessage(ledger, of(group()), long, at(61)), of(ofRole(0), 'another'), long, at(62))).toBe(
      false,
    );
  });

  it('remembers a limited number of groups, however many digests follow one another', () => {
    let ledger = EMPTY_LEDGER;
    for (let number = 0; number < 30; number += 1)
      ledger = noteDigest(
        ledger,
        Array.from({ length: 50 }, (_, group) => ofRole(50 * number + group)),
        WINDOW,
        at(0),
        true,
      );
    expect(ledger.notices).toHaveLength(200);
    expect(goesAtOnce(ledger, of(ofRole(1_499)), WINDOW, at(0))).toBe(false);
    expect(isDigestDue(ledger, at(0), WINDOW, at(0))).toBe(true);
  });

  it('fits into one item, whatever accounts make alerts about in half a day', () => {
    const halfDay = { ...WINDOW, window: 12 * HOUR };
    const causes = ['unattributed', 'conflicting-copies', 'ambiguous', 'anonymous-access'] as const;
    const conflictPlaces = Array.from({ length: 20 }, (_, at) => sha256(`place ${at}`));
    let ledger = EMPTY_LEDGER;
    for (let number = 0; number < 12 * 72; number += 1) {
      const summary = {
        ...EMPTY_SUMMARY,
        senders: [ACCOUNT],
        conflictPlaces: [...conflictPlaces, sha256(`${number}`)],
      };
      ledger = noteMessage(ledger, of(group({ causes, summary }), sha256('claim')), halfDay, at((number * 60) / 72));
    }
    ledger = noteDigest(
      ledger,
      Array.from({ length: 50 }, (_, number) => ofRole(number)),
      halfDay,
      at(720),
    );
    expect(ledger.notices.length).toBeGreaterThan(900);
    expect(JSON.stringify(ledger).length).toBeLessThan(400_000);
  });
});

describe('a digest', () => {
  it('is due when the window of a group ends, or a window after the first held alert of a new group', () => {
    const ledger = noteMessage(EMPTY_LEDGER, of(group()), WINDOW, at(0));
    expect(dueOf(ledger, group(), WINDOW, at(10))).toBe(at(15));
    expect(dueOf(ledger, ofRole(1), WINDOW, at(10))).toBe(at(25));
    expect(isDigestDue(ledger, at(15), WINDOW, at(14))).toBe(false);
    expect(isDigestDue(ledger, at(15), WINDOW, at(15))).toBe(true);
  });

  it('is sent at most once a window, and at once if the window was set to 0', () => {
    const ledger = noteDigest(EMPTY_LEDGER, [], WINDOW, at(10));
    expect(isDigestDue(ledger, at(15), WINDOW, at(24))).toBe(false);
    expect(isDigestDue(ledger, at(15), WINDOW, at(25))).toBe(true);
    expect(isDigestDue(ledger, at(15), { ...WINDOW, window: 0 }, at(11))).toBe(true);
  });
});
