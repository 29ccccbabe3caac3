import { describe, expect, it } from 'vitest';
import { subscriptionsOf } from '../../infra/subscriptions.ts';
import { actionOf, attribute } from '../../lib/attribution/attribute.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { ALERT_CAUSES, type AlertCause, causesOf, DEFAULT_ALERT_CAUSES } from '../../lib/claims/alert.ts';
import type { JsonObject } from '../../lib/json.ts';
import { knownFrom, parsedEvent, recordOf } from '../builders/answer.ts';
import { auditEvent, eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY } from '../builders/company.ts';
import { awsService, iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { deployed } from '../functions/deployed.ts';
import { CORPORA, recordsIn } from './corpus.ts';
import { parseLogFilterPattern } from './log-filter-pattern.ts';

/** The filter that the template's defaults put on a cluster's audit log. */
const [SUBSCRIPTION] = subscriptionsOf(deployed({ clusters: 'prod' }));
const FILTER = parseLogFilterPattern(SUBSCRIPTION?.filterPattern ?? '');
const passes = (event: JsonObject) => FILTER.matches(JSON.stringify(event), false);

const NODE = { roleName: 'node', roleId: 'AROANODE0000000000001', session: 'i-0123456789abcdef0' };
const NAMED = { key: null, session: 'alice-session' };
const bob = grant({ by: iamUser('bob'), session: 'bob-session', key: ANOTHER_KEY });

/** One event for each cause, with what CloudTrail says. */
const STORIES: Readonly<Record<AlertCause, readonly [JsonObject, readonly JsonObject[]]>> = {
  unattributed: [auditEvent(), []],
  ambiguous: [eventBy(roleUser(NAMED)), [grant(), grant({ by: iamUser('bob'), key: ANOTHER_KEY })]],
  partial: [
    eventBy({ username: 'system:serviceaccount:ops:impersonator' }, { impersonatedUser: { username: 'carol' } }),
    [],
  ],
  'access-key-mismatch': [
    eventBy(roleUser({ session: 'alice@example.com', key: ANOTHER_KEY })),
    [
      grant({
        by: { type: 'SAMLUser', principalId: 'x:alice@example.com', userName: 'alice@example.com' },
        eventName: 'AssumeRoleWithSAML',
        session: 'alice@example.com',
        path: '/aws-reserved/sso.amazonaws.com/',
      }),
    ],
  ],
  'name-chosen-by-caller': [eventBy(roleUser(NAMED)), [grant()]],
  'node-role-used-by-person': [
    eventBy(roleUser({ ...NODE, username: 'system:node:ip-10-0-0-1.ec2.internal' })),
    [grant({ ...NODE, by: iamUser('alice') })],
  ],
  'eks-name-used-by-person': [
    eventBy(roleUser({ ...NODE, username: 'eks:node-manager' })),
    [grant({ ...NODE, by: iamUser('alice') })],
  ],
  'session-name-claims-other-actor': [eventBy(roleUser({ session: 'bob' })), [grant({ session: 'bob' }), bob]],
  'source-identity-claims-other-actor': [auditEvent(), [grant({ response: { sourceIdentity: 'bob' } }), bob]],
};

describe('through the subscription as deployed by default', () => {
  it.each(ALERT_CAUSES)('an event can come that gives cause to alert about %s', (cause) => {
    const [event, records] = STORIES[cause];
    expect(causesOf(recordOf({ event, records }).attribution, [cause])).toEqual([cause]);
    expect(passes(event)).toBe(true);
  });

  it('a node’s own kubelet cannot', () => {
    const user = roleUser({ ...NODE, username: 'system:node:ip-10-0-0-1.ec2.internal' });
    const event = eventBy(user, { userAgent: 'kubelet/v1.33.1 (linux/amd64)' });
    expect(
      recordOf({ event, records: [grant({ ...NODE, by: awsService('ec2.amazonaws.com') })] }).attribution.status,
    ).toBe('system');
    expect(passes(event)).toBe(false);
  });

  for (const { name, audit, trail, skip } of CORPORA) {
    it.skipIf(skip)(`every event comes of which ${name} give cause to alert by default`, async () => {
      const index = knownFrom((await recordsIn(trail)).trail);
      const alarming = (await recordsIn(audit)).audit.filter((event) => {
        if (event.user === undefined) return false;
        const known = { index, settings: DEFAULT_SETTINGS, settled: true };
        return causesOf(attribute(actionOf(parsedEvent(event)), known).attribution, DEFAULT_ALERT_CAUSES).length > 0;
      });
      expect(alarming.length).toBeGreaterThan(0);
      for (const event of alarming) expect(passes(event), JSON.stringify(event).slice(0, 2_000)).toBe(true);
    });
  }
});
