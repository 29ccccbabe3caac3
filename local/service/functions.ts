import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context, SQSEvent } from 'aws-lambda';

/** The service's handlers, loaded after the environment is set, and invoked as Lambda invokes them. */
export interface LocalFunctions {
  ingest(data: string): Promise<void>;
  grants(envelopes: readonly object[]): Promise<void>;
  settle(): Promise<void>;
  api(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2>;
}

/** How long an invocation may take, in milliseconds of real time. */
const TIME_LIMIT = 120_000;

export async function loadFunctions(): Promise<LocalFunctions> {
  const [{ handler: ingest }, { handler: grants }, { handler: settle }, { handler: api }] = await Promise.all([
    import('../../functions/ingest.ts'),
    import('../../functions/grants.ts'),
    import('../../functions/settle.ts'),
    import('../../functions/api.ts'),
  ]);
  return {
    async ingest(data) {
      await ingest({ awslogs: { data } }, context('ingest'));
    },
    async grants(envelopes) {
      const answer = await grants(queueEvent(envelopes), context('grants'));
      const failed = answer?.batchItemFailures.length ?? 0;
      if (failed > 0) throw new Error(`${failed} CloudTrail records could not be stored.`);
    },
    async settle() {
      const event = { time: new Date(Date.now()).toISOString() };
      await settle({ ...SCHEDULE, ...event, resources: [], id: randomUUID() }, context('settle'));
    },
    api: (event) => api(event, context('api')),
  };
}

const SCHEDULE = {
  version: '0',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '111122223333',
  region: 'us-east-1',
  detail: {},
} as const;

/** What Lambda's poller makes of a queue's messages. */
function queueEvent(envelopes: readonly object[]): SQSEvent {
  return {
    Records: envelopes.map((envelope) => ({
      messageId: randomUUID(),
      receiptHandle: 'local',
      body: JSON.stringify(envelope),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(Date.now()),
        SenderId: 'local',
        ApproximateFirstReceiveTimestamp: String(Date.now()),
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:local',
      awsRegion: 'us-east-1',
    })),
  };
}

function context(name: string): Context {
  const end = performance.now() + TIME_LIMIT;
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: `eks-whois-local-${name}`,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:111122223333:function:eks-whois-local-${name}`,
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/eks-whois-local-${name}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, end - performance.now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
