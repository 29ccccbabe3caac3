import { deliveryOf, newDay, SEED } from '../world/day.ts';

const RECEIVED_ONCE = { ApproximateReceiveCount: '1', SentTimestamp: '1773100800000' };

/**
 * Returns the first event for each function. In this order nothing is due: a grant, a delivery of an event of its
 * session, and a question about its key.
 */
export function firstEvents(): Readonly<Record<string, object>> {
  const day = newDay(SEED, 1);
  const [grant] = [...day.records];
  const issued = (grant as { responseElements: { credentials: { accessKeyId: string } } }).responseElements.credentials;
  const delivery = { awslogs: { data: deliveryOf(1, () => day.event({ system: 0, unknownKey: 0 })) } };
  return {
    grants: { Records: [{ messageId: '1', attributes: RECEIVED_ONCE, body: JSON.stringify(forwarded(grant)) }] },
    ingest: delivery,
    settle: {},
    api: queryEvent('/whois', `accessKeyId=${issued.accessKeyId}&at=2026-03-10T00:10:00Z`),
    subscribe: {},
    'hand-over': delivery,
    console: queryEvent('/', ''),
  };
}

/** Returns the event as EventBridge forwards a CloudTrail record. */
function forwarded(detail: unknown): object {
  return { 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.sts', account: '111122223333', detail };
}

/** Returns the event of a request to API Gateway. */
export function queryEvent(path: string, rawQueryString: string): object {
  return {
    version: '2.0',
    routeKey: `GET ${path}`,
    rawPath: path,
    rawQueryString,
    headers: {},
    requestContext: { requestId: 'bench' },
  };
}
