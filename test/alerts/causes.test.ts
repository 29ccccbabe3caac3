import { describe, expect, it } from 'vitest';
import { identified } from '../../lib/attribution/actor.ts';
import type { Attribution } from '../../lib/attribution/attribution.ts';
import { FLAGS, type Flag } from '../../lib/attribution/flags.ts';
import { STATUSES } from '../../lib/attribution/reasons.ts';
import {
  ALERT_CAUSES,
  type AlertCause,
  causesOf,
  DEFAULT_ALERT_CAUSES,
  nextStep,
  rowOfCause,
} from '../../lib/claims/alert-cause.ts';

const ALICE = { actor: identified({ kind: 'iam-user', name: 'alice' }), method: 'access-key', chain: [] } as const;
const named = (flag: Flag): Attribution => ({ ...ALICE, status: 'attributed', provisional: false, flags: [flag] });

describe('a cause of alerts', () => {
  it('is each flag that is switched on, except impersonation', () => {
    for (const flag of FLAGS) {
      expect(causesOf(named(flag), ALERT_CAUSES)).toEqual(flag === 'impersonation' ? [] : [flag]);
    }
  });

  it('is by default a changed identity provider, and not what every console session or agent shows', () => {
    const flags = ['identity-provider-changed', 'key-not-listed', 'token-of-service-account', 'through-agent'] as const;
    const causes = flags.flatMap((flag) => causesOf(named(flag), DEFAULT_ALERT_CAUSES));
    expect(causes).toEqual(['identity-provider-changed']);
  });

  it('is absent while the answer may still change', () => {
    expect(causesOf({ ...named('identity-provider-changed'), provisional: true }, ALERT_CAUSES)).toEqual([]);
  });

  it('is partial, if somebody acts by delegation', () => {
    const reason = 'acts-by-delegation';
    const attribution = { ...ALICE, status: 'partial', reason, provisional: false, flags: [] } as const;
    expect(causesOf(attribution, ALERT_CAUSES)).toEqual(['partial']);
    expect(causesOf(attribution, DEFAULT_ALERT_CAUSES)).toEqual([]);
  });
});

it.each(ALERT_CAUSES)(
  'the commands of a digest find the sessions of cause %s by the status or the flag of this name',
  (cause) => {
    const words = { status: STATUSES, sessions: FLAGS, records: FLAGS }[rowOfCause(cause).foundBy];
    expect(words, 'lib/claims/group-queries.ts asks by this word').toContain(cause);
  },
);

describe('the next step of an alert', () => {
  it.each<[readonly AlertCause[], RegExp]>([
    [['identity-provider-changed', 'key-not-listed'], /who changed Identity Center's SAML provider/],
    [['key-not-listed'], /source IP and user agent/],
    [['token-of-service-account'], /where it is kept/],
    [['through-agent'], /what they told the agent/],
    [['session-name-claims-other-actor'], /whether they intended this/],
    [['ambiguous', 'key-not-listed'], /Ask the people listed/],
  ])('for %j', (causes, step) => {
    expect(nextStep(causes, { reasons: [] })).toMatch(step);
  });

  it('depends on the reason of a partial or unattributed answer', () => {
    expect(nextStep(['partial'], { reasons: ['acts-by-delegation'] })).toMatch(/product provider/);
    expect(nextStep(['partial'], { reasons: ['chain-too-long'] })).toMatch(/at the start of the chain/);
    expect(nextStep(['unattributed'], { reasons: ['no-matching-grant'] })).toMatch(/doctor/);
  });
});
