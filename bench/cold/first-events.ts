import { deliveryOf, newDay, SEED } from '../world/day.ts';

/** What each function is asked first, in an order in which nothing is due: a grant, a delivery of its session's event, who has its key. */
export function firstEvents(): Readonly<Record<string, object>> {
  const day = newDay(SEED, 1);
  const [grant] = [...day.records];
  const issued = (grant as { responseElements: { credentials: { accessKeyId: string } } }).responseElements.credentials;
  const delivery = { awslogs: { data: deliveryOf(1, () => day.event({ system: 0, unknownKey: 0 })) } };
  return {
    grants: { Records: [{ messageId: '1', body: JSON.stringify(forwarded(grant)) }] },
    ingest: delivery,
    settle: {},
    api: asked('/whois', `accessKeyId=${issued.accessKeyId}&at=2026-03-10T00:10:00Z`),
    subscribe: {},
    'hand-over': delivery,
    console: asked('/', ''),
  };
}

/** As EventBridge forwards a record of CloudTrail. */
function forwarded(detail: unknown): object {
  return { 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.sts', account: '111122223333', detail };
}

/** As API Gateway asks. */
export function asked(path: string, rawQueryString: string): object {
  return {
    version: '2.0',
    routeKey: `GET ${path}`,
    rawPath: path,
    rawQueryString,
    headers: {},
    requestContext: { requestId: 'bench' },
  };
}
