import type { JsonObject } from '../../../lib/json.ts';
import { auditEvent, eventBy, iamUserOfCluster } from '../../builders/audit-event.ts';
import { ACCOUNT, utc } from '../../builders/company.ts';
import {
  ALICES_KEY,
  alices,
  SSO_KEY,
  sharedEvent,
  signIn,
  ssoEvent,
  ssoUse,
  useOf,
  withContext,
  withIdentity,
} from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

const PERSON = 'alice@example.com';
const VENDED_KEY = 'ASIAAWSLOGINVENDED01';
const NEXT_KEY = 'ASIAAWSLOGINVENDED02';
const AGENT = 'aws-mcp.amazonaws.com';
const SIGN_IN_SESSION = `arn:aws:signin:eu-west-1:${ACCOUNT}:session/0b0c5a2e-0000-4000-8000-000000000001`;

const inSignIn = (record: JsonObject) => withContext(record, { signInSessionArn: SIGN_IN_SESSION });
const byAgent = (record: JsonObject, fields: JsonObject = {}) => ({
  ...withIdentity(record, { invokedBy: AGENT }),
  eventSource: 'eks.amazonaws.com',
  eventName: 'DescribeCluster',
  ...fields,
});
const SIGNED_IN: ExpectedAnswer = {
  status: 'attributed',
  method: 'session-start',
  actor: { kind: 'identity-center-user', name: PERSON },
  joinedBy: ['session-start'],
};

/** New: sign-ins, agents and staff that came in 2025. */
export const SINCE_2025: readonly Scenario[] = [
  {
    title: 'a key of aws login belongs to the console’s sign-in, in whose second its session began',
    records: [
      signIn(PERSON),
      {
        ...ssoUse(PERSON, SSO_KEY),
        eventID: 'oauth-token',
        eventTime: utc('12:08:00'),
        eventSource: 'signin.amazonaws.com',
        eventName: 'CreateOAuth2Token',
        responseElements: null,
      },
      ssoUse(PERSON, VENDED_KEY),
    ],
    events: [ssoEvent(PERSON, VENDED_KEY, { ...SIGNED_IN, provisionalAtFirst: false })],
  },
  {
    title: 'aws login of an IAM user is the user',
    records: [],
    events: [
      {
        event: eventBy(iamUserOfCluster('ASIAAWSLOGINUSER0001')),
        expected: { status: 'attributed', method: 'direct', actor: { kind: 'iam-user', name: 'alice' } },
      },
    ],
  },
  {
    title: 'an agent that signs with the event’s key is reported, and the person stays the actor',
    records: [signIn(PERSON), byAgent(ssoUse(PERSON, VENDED_KEY))],
    events: [ssoEvent(PERSON, VENDED_KEY, { ...SIGNED_IN, flags: ['through-agent'] })],
  },
  {
    title: 'an agent within the same sign-in session is reported, whatever key it signs with',
    records: [
      signIn(PERSON),
      inSignIn(ssoUse(PERSON, VENDED_KEY)),
      byAgent(inSignIn(ssoUse(PERSON, NEXT_KEY)), { eventID: 'agent-call' }),
    ],
    events: [ssoEvent(PERSON, VENDED_KEY, { ...SIGNED_IN, flags: ['through-agent'] })],
  },
  {
    title: 'an agent of another sign-in session is not reported',
    records: [
      signIn(PERSON),
      inSignIn(ssoUse(PERSON, VENDED_KEY)),
      byAgent(withContext(ssoUse(PERSON, NEXT_KEY), { signInSessionArn: `${SIGN_IN_SESSION}f` })),
    ],
    events: [ssoEvent(PERSON, VENDED_KEY, SIGNED_IN)],
  },
  {
    title: 'an agent that requested the session is reported',
    records: [withIdentity(alices(), { invokedBy: AGENT })],
    events: [
      sharedEvent(ALICES_KEY, {
        status: 'attributed',
        method: 'access-key',
        flags: ['through-agent'],
        actor: { kind: 'iam-user', name: 'alice' },
      }),
    ],
  },
  {
    title: 'a use by an ordinary service is no agent',
    records: [alices(), withIdentity(useOf({ key: ALICES_KEY }), { invokedBy: 'cloudformation.amazonaws.com' })],
    events: [
      sharedEvent(ALICES_KEY, {
        status: 'attributed',
        method: 'access-key',
        actor: { kind: 'iam-user', name: 'alice' },
      }),
    ],
  },
  {
    title: 'AWS’s own staff is the cluster’s own work',
    records: [],
    events: [{ event: auditEvent({ user: { username: 'eks:support-engineer' } }), expected: { status: 'system' } }],
  },
];
