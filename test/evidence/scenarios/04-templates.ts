import type { JsonObject } from '../../../lib/json.ts';
import { bareRoleUser, eventBy } from '../../builders/audit-event.ts';
import { ACCOUNT, ROLE_ARN } from '../../builders/company.ts';
import { ALICE, ALICES_KEY, alices, MALLORY, MALLORYS_KEY, mallorys } from '../cast.ts';
import type { ExpectedAnswer, Scenario, ToldEvent } from '../scenario.ts';

/** A session name that reads like somebody's key by the template of another role. */
const LURE = `k-${ALICES_KEY}`;
const OTHER_ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy`;
const alicesOwn = alices({ session: 'alice-2026-03' });
const mallorysLure = mallorys({ session: LURE });
const UNPROVEN = { method: 'username', flags: ['name-chosen-by-caller'] };
const NO_KEY: JsonObject = { accessKeyId: null };

function eventOf(username: string, expected: ExpectedAnswer): ToldEvent {
  return { event: eventBy(bareRoleUser(username)), expected };
}

/** 4: a username template read for another role. */
export const TEMPLATES: readonly Scenario[] = [
  {
    title:
      'an unbound template reads a key from a chosen name: the key’s owner and whoever has the name are both possible',
    templates: ['k-{{AccessKeyID}}'],
    records: [alicesOwn, mallorysLure],
    events: [eventOf(LURE, { status: 'ambiguous', candidates: ['alice', 'mallory'], caller: NO_KEY })],
  },
  {
    title: 'a key read from a username names its owner with a warning, never as proof',
    templates: ['k-{{AccessKeyID}}'],
    records: [alicesOwn],
    events: [
      eventOf(LURE, {
        status: 'attributed',
        ...UNPROVEN,
        actor: ALICE,
        joinedBy: ['username'],
        caller: NO_KEY,
        provisionalAtFirst: true,
      }),
    ],
  },
  {
    title: 'a template that is bound to another role does not read this role’s usernames',
    templates: [`${OTHER_ROLE}=k-{{AccessKeyID}}`],
    records: [alicesOwn, mallorysLure],
    events: [eventOf(LURE, { status: 'attributed', ...UNPROVEN, actor: MALLORY, caller: NO_KEY })],
  },
  {
    title: 'a template that is bound to this role has no neighbors',
    templates: [`${ROLE_ARN}=k-{{AccessKeyID}}`],
    records: [alicesOwn, mallorysLure],
    events: [eventOf(LURE, { status: 'attributed', ...UNPROVEN, actor: ALICE, caller: NO_KEY })],
  },
  {
    title: 'a key read from a username is not the event’s key: if no grant issued it, nothing is known about a key',
    templates: [`${ROLE_ARN}=k-{{AccessKeyID}}`],
    records: [mallorys({ session: 'mallory-2026-03' })],
    events: [
      eventOf('k-ASIANOBODYKNOWSME001', {
        status: 'unattributed',
        reason: 'session-name-unknown',
        caller: NO_KEY,
      }),
    ],
  },
  {
    title: 'a key read from a username is not matched by session start',
    templates: [`${ROLE_ARN}=k-{{AccessKeyID}}`],
    records: [
      alices({ session: 'shared-2026-03' }),
      {
        ...mallorys(),
        eventID: 'use-of-lure',
        eventName: 'GetCallerIdentity',
        responseElements: null,
        userIdentity: {
          type: 'AssumedRole',
          principalId: 'AROAPROJECTADMIN00001:shared-2026-03',
          accountId: ACCOUNT,
          accessKeyId: 'ASIANOBODYKNOWSME001',
          sessionContext: { attributes: { creationDate: '2026-03-10T12:00:00Z', mfaAuthenticated: 'false' } },
        },
      },
    ],
    events: [eventOf('k-ASIANOBODYKNOWSME001', { status: 'unattributed', reason: 'session-name-unknown' })],
  },
  {
    title: 'a name by an unbound template and a namesake of the whole username are both possible',
    templates: ['ops-{{SessionName}}'],
    records: [alices({ session: 'alice-2026-03' }), mallorys({ session: 'ops-alice-2026-03' })],
    events: [eventOf('ops-alice-2026-03', { status: 'ambiguous', candidates: ['alice', 'mallory'] })],
  },
  {
    title: 'a neighbor of an unbound template’s reading never decides alone',
    templates: ['ops-{{SessionName}}'],
    records: [mallorys({ session: 'ops-alice-2026-03' })],
    events: [eventOf('ops-alice-2026-03', { status: 'ambiguous', candidates: ['mallory'] })],
  },
  {
    title: 'a name by a template of this role decides, whatever its neighbors are',
    templates: [`${ROLE_ARN}=ops-{{SessionName}}`],
    records: [alices({ session: 'alice-2026-03' }), mallorys({ session: 'ops-alice-2026-03' })],
    events: [
      eventOf('ops-alice-2026-03', {
        status: 'attributed',
        ...UNPROVEN,
        actor: ALICE,
        joinedBy: ['username'],
        caller: { sessionName: 'alice-2026-03' },
      }),
    ],
  },
  {
    title: 'a stated key has precedence over whatever a template reads',
    templates: ['k-{{AccessKeyID}}'],
    records: [alicesOwn, mallorysLure],
    events: [
      {
        event: eventBy(bareRoleUser(LURE, { key: MALLORYS_KEY })),
        expected: { status: 'attributed', method: 'access-key', actor: MALLORY, caller: { accessKeyId: MALLORYS_KEY } },
      },
    ],
  },
];
