import { describe, expect, it } from 'vitest';
import { subscriptionsOf } from '../../infra/subscriptions.ts';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { ALERT_CAUSES, type AlertCause, causesOf, DEFAULT_ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import type { JsonObject } from '../../lib/json.ts';
import { knownFrom, parsedEvent, recordOf } from '../builders/answer.ts';
import { auditEvent, eventBy, roleUser } from '../builders/audit-event.ts';
import { awsService } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { SCENARIOS } from '../evidence/scenarios/all.ts';
import { givesCause } from '../evidence/verdict.ts';
import { deployed } from '../functions/deployed.ts';
import { CORPORA, recordsIn } from './corpus.ts';
import { parseLogFilterPattern } from './log-filter-pattern.ts';

/** Returns whether the filter that a deployment puts on a cluster's audit log, by default the template's own, lets an event through. */
function passes(event: JsonObject, serviceAccounts = 'none'): boolean {
  const [subscription] = subscriptionsOf(deployed({ clusters: 'prod', serviceAccounts }));
  return parseLogFilterPattern(subscription?.filterPattern ?? '').matches(JSON.stringify(event), false);
}

const NODE = { roleName: 'node', roleId: 'AROANODE0000000000001', session: 'i-0123456789abcdef0' };

/** Returns the events of the stories in which the contract's answer has this cause. */
function eventsOf(cause: AlertCause): readonly JsonObject[] {
  return SCENARIOS.flatMap(([, scenarios]) => scenarios.flatMap(({ events }) => events)).flatMap(
    ({ event, expected }) => (expected !== undefined && givesCause(expected, cause) ? [event] : []),
  );
}

describe('the subscription as deployed by default', () => {
  it.each(ALERT_CAUSES)('passes an event that raises an alert about %s (tokens: by serviceAccounts)', (cause) => {
    const events = eventsOf(cause);
    expect(events.some((event) => passes(event))).toBe(cause !== 'token-of-service-account');
    expect(events.some((event) => passes(event, 'tokens'))).toBe(true);
  });

  it('passes every event that issued a token', () => {
    const issuing = auditEvent({
      verb: 'create',
      objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'deployer' },
      annotations: { 'authentication.kubernetes.io/issued-credential-id': 'JTI=0b1e3c1c-31c1-4f62-8f2e-1f0f9c0b9e11' },
    });
    expect(passes(issuing)).toBe(true);
  });

  it('does not pass the requests of a node’s own kubelet', () => {
    const user = roleUser({ ...NODE, username: 'system:node:ip-10-0-0-1.ec2.internal' });
    const event = eventBy(user, { userAgent: 'kubelet/v1.33.1 (linux/amd64)' });
    expect(
      recordOf({ event, records: [grant({ ...NODE, by: awsService('ec2.amazonaws.com') })] }).attribution.status,
    ).toBe('system');
    expect(passes(event)).toBe(false);
  });

  for (const { name, audit, trail, skip } of CORPORA) {
    it.skipIf(skip)(`passes every event of ${name} that raises an alert by default`, async () => {
      const index = knownFrom((await recordsIn(trail)).trail);
      const alarming = (await recordsIn(audit)).audit.filter((event) => {
        if (event.user === undefined) return false;
        const known = { index, settings: DEFAULT_SETTINGS, settled: true };
        return (
          causesOf(attribute(actionOf(parsedEvent(event), {}), known).attribution, DEFAULT_ALERT_CAUSES).length > 0
        );
      });
      expect(alarming.length).toBeGreaterThan(0);
      for (const event of alarming) expect(passes(event), JSON.stringify(event).slice(0, 2_000)).toBe(true);
    });
  }
});
