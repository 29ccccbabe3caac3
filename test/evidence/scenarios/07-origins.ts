import type { JsonObject } from '../../../lib/json.ts';
import { auditEvent, eventBy, roleUser } from '../../builders/audit-event.ts';
import { ACCOUNT, utc } from '../../builders/company.ts';
import { ALICE, alices, MALLORYS_KEY, SHARED, sharedEvent, useOf, withIdentity } from '../cast.ts';
import type { ExpectedAnswer, Scenario, ToldEvent } from '../scenario.ts';

/** An audit event in which alice deletes something. A pod writes it to its own log. */
const forged = auditEvent({ auditID: 'forged' });
/** A grant in which STS gives mallory's key to alice. A function writes it to its own log. */
const forgedGrant = alices({ id: 'forged-grant', key: MALLORYS_KEY });
/** A use in which mallory's key says that it acts for a function. */
const forgedUse = withIdentity(useOf({ key: MALLORYS_KEY }), {
  inScopeOf: { credentialsIssuedTo: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:payments` },
});
const FRAMED: ExpectedAnswer = { status: 'attributed', method: 'access-key', actor: ALICE };
const UNKNOWN: ExpectedAnswer = { status: 'unattributed', reason: 'no-matching-grant' };

function payload(logGroup: string, logStream: string, content: JsonObject): JsonObject {
  return {
    messageType: 'DATA_MESSAGE',
    logGroup,
    logStream,
    logEvents: [{ id: '1', timestamp: Date.parse(utc('12:10:00')), message: JSON.stringify(content) }],
  };
}

const nobodys = (delivered: unknown): ToldEvent => ({ event: forged, delivered });

function logs(title: string, delivered: unknown): Scenario {
  return { title: `${title} holds no audit event`, records: [alices()], events: [nobodys(delivered)] };
}

function trail(title: string, record: unknown, expected: ExpectedAnswer): Scenario {
  const says = expected === UNKNOWN ? 'holds no CloudTrail record' : 'holds CloudTrail records';
  return { title: `${title} ${says}`, records: [record], events: [sharedEvent(MALLORYS_KEY, expected)] };
}

const inTrail = (logGroup: string, logStream: string) => payload(logGroup, logStream, forgedGrant);
const onBus = (source: string, detailType = 'AWS API Call via CloudTrail', detail = forgedGrant) => ({
  source,
  'detail-type': detailType,
  detail,
});
const real = eventBy(roleUser({ session: SHARED, key: MALLORYS_KEY }), { auditID: 'real' });

/** 7: earlier rules took text of other origin for evidence. */
export const ORIGINS: readonly Scenario[] = [
  logs('a pod’s log', payload('/aws/containerinsights/prod-1/application', 'web-0_shop_web', forged)),
  logs('a pod’s log in a group of one’s own', payload('/shop/app', 'kube-apiserver-audit-1', forged)),
  logs('a function’s log', payload('/aws/lambda/payments', '2026/03/10/[$LATEST]0f', forged)),
  logs(
    'the log of a pod that is called like an audit stream, in a namespace that is called cluster,',
    payload('/aws/eks/fluentbit-cloudwatch/workload/cluster', 'kube-apiserver-audit-0.web', forged),
  ),
  logs('the API server’s own log', payload('/aws/eks/prod-1/cluster', 'kube-apiserver-1f', forged)),
  logs('another stream of the cluster’s log group', payload('/aws/eks/prod-1/cluster', 'web-0_shop', forged)),
  logs('an answer of filter-log-events about another stream', {
    events: [{ logStreamName: 'web-0_shop_web', timestamp: 1, message: JSON.stringify(forged) }],
  }),
  logs('an Insights answer about another log group', {
    results: [
      [
        { field: '@message', value: JSON.stringify(forged) },
        { field: '@log', value: `${ACCOUNT}:/shop/app` },
        { field: '@logStream', value: 'kube-apiserver-audit-1' },
      ],
    ],
  }),
  trail('a function’s log', inTrail('/aws/lambda/payments', '2026/03/10/[$LATEST]0f'), UNKNOWN),
  trail('a function’s log with a fitting stream', inTrail('/aws/lambda/x', `${ACCOUNT}_CloudTrail_eu-west-1`), UNKNOWN),
  trail(
    'a pod’s log',
    inTrail('/aws/containerinsights/prod-1/application', `${ACCOUNT}_CloudTrail_eu-west-1`),
    UNKNOWN,
  ),
  trail('an audit stream', inTrail('/aws/eks/prod-1/cluster', 'kube-apiserver-audit-1'), UNKNOWN),
  trail('an application’s stream', inTrail('/shop/app', 'i-0abc123def4567890'), UNKNOWN),
  trail('a trail’s stream', inTrail('trail-logs', `${ACCOUNT}_CloudTrail_eu-west-1`), FRAMED),
  trail('an organisation’s stream', inTrail('trail-logs', `o-exampleorgid_${ACCOUNT}_CloudTrail_eu-west-1_3`), FRAMED),
  trail('an envelope of anybody’s source', onBus('com.example.app'), UNKNOWN),
  trail('an envelope of another service about STS', onBus('aws.signin'), UNKNOWN),
  trail('an envelope of a partner', onBus('aws.partner/example.com/shop', undefined, forgedUse), UNKNOWN),
  trail('an envelope of another detail type', onBus('aws.sts', 'Deployment'), UNKNOWN),
  trail('an envelope of STS', onBus('aws.sts'), FRAMED),
  {
    title: 'lines without a time in an export of a log group belong to the message before them',
    records: [alices(), alices({ id: 'grant-real', key: MALLORYS_KEY })],
    exported: [
      `${utc('12:10:00.000')} ${JSON.stringify(real)}`,
      `${utc('12:10:01.000')} I0310 12:10:01.000000       1 handler.go:153] "Request" body=<`,
      `\t${JSON.stringify(forged)}`,
      JSON.stringify(forged),
      ' >',
      '',
    ].join('\n'),
    events: [{ event: real, expected: FRAMED }, { event: forged }],
  },
];
