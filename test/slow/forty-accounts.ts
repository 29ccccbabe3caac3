import { readdirSync } from 'node:fs';
import type { APIGatewayProxyStructuredResultV2, Context, SQSBatchResponse } from 'aws-lambda';
import { stsEventPattern } from '../../infra/sts-events.ts';
import { DEFAULT_REGIONS } from '../../lib/adapters/cloudtrail/regions.ts';
import { AwsClusterLogs } from '../../lib/adapters/eks/cluster-logs.ts';
import { mapConcurrently } from '../../lib/concurrency.ts';
import { readSubscribing } from '../../lib/config.ts';
import { eventPatternTakes } from '../../lib/doctor/event-pattern.ts';
import { isJsonObject, type JsonObject, objectAt, parseJson, textAt } from '../../lib/json.ts';
import { subscribe } from '../../lib/usecases/subscribe/subscribe.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { busEvent, context, deployed, queueEvent, subscriptionEvent } from '../functions/deployed.ts';
import { clusterOf } from './loopback-clusters.ts';

/**
 * What happens in forty accounts and in their hub, in one process that may open few files: clusters are found and subscribed
 * twice, grants are forwarded, batches are handed over and taken in, some of them twice, and all records are read. Tells on
 * standard output what came of it.
 */
const ACCOUNTS = Array.from({ length: Number(process.env.ACCOUNTS) }, (_, at) => String(555500000000 + at));
const SCOPES = ACCOUNTS.flatMap((account) => DEFAULT_REGIONS.map((region) => ({ account, region })));
/** Of the batches that were handed over the hub takes one in so many in: each is some forty requests to a DynamoDB of this machine. */
const TAKEN_ONE_IN = 10;
const HOUR = 3_600_000;
const NOW = Date.now();
const timeOf = (at: number) => new Date(at).toISOString();

type Handler<T> = (event: unknown, context: Context) => Promise<T>;
let mostFiles = 0;

/** Descriptors that are open now; Linux lists them. */
function countFiles(): void {
  mostFiles = Math.max(mostFiles, readdirSync('/proc/self/fd').length);
}

/** Each account's finder in each of its Regions, as its own credentials let it; how it stands with the clusters, counted. */
async function findClusters(): Promise<Record<string, number>> {
  const standings: Record<string, number> = {};
  for (const account of ACCOUNTS) {
    process.env.AWS_ACCESS_KEY_ID = `AKIA${account}`;
    const found = await Promise.all(DEFAULT_REGIONS.map(findIn));
    for (const { standing } of found.flat()) standings[standing] = (standings[standing] ?? 0) + 1;
    countFiles();
  }
  return standings;
}

function findIn(region: string) {
  const { choice, filter } = readSubscribing({ ...process.env, AWS_REGION: region });
  return subscribe({
    choice,
    filter,
    logs: new AwsClusterLogs(region, filter.destination),
  });
}

/** Everybody's session of one account and Region: its grant, and the event of its key. */
function sessionAt({ account, region }: { readonly account: string; readonly region: string }, at: number) {
  const person = `person-${at}`;
  const roleId = `AROA${String(at).padStart(17, 'A')}`;
  const of = { accountId: account, roleId, session: person, key: `ASIA${String(at).padStart(16, 'A')}` };
  const by = iamUser(person, {
    accountId: account,
    arn: `arn:aws:iam::${account}:user/${person}`,
    principalId: `AIDA${String(at).padStart(17, 'A')}`,
  });
  const issuedAt = timeOf(NOW - HOUR / 2).replace(/\.\d+Z$/, 'Z');
  const fields = { awsRegion: region, eventID: `grant-${at}`, recipientAccountId: account };
  const [requestReceivedTimestamp, stageTimestamp] = [timeOf(NOW - HOUR / 4), timeOf(NOW - HOUR / 4 + 10)];
  return {
    cluster: clusterOf(`${account} ${region}`),
    grant: grant({ ...of, by, at: issuedAt, until: timeOf(NOW + HOUR / 2), fields }),
    event: auditEvent({ auditID: `audit-${at}`, user: roleUser(of), requestReceivedTimestamp, stageTimestamp }),
    person,
  };
}

const standings = [await findClusters(), await findClusters()];

process.env.AWS_ACCESS_KEY_ID = 'AKIA111122223333';
const HUB = deployed({ clusters: 'prod', regions: [...DEFAULT_REGIONS] });
const sessions = SCOPES.map(sessionAt);
const envelopes = sessions.map(({ grant: detail }) => ({
  source: 'aws.sts',
  'detail-type': 'AWS API Call via CloudTrail',
  detail,
}));
const forwarded = envelopes.filter((envelope) => eventPatternTakes(stsEventPattern(HUB), envelope)).length;

const handlerOf = async <T>(name: string) =>
  ((await import(`../../functions/${name}.ts`)) as { handler: Handler<T> }).handler;
const [grants, handOver, ingest, api] = [
  await handlerOf<SQSBatchResponse>('grants'),
  await handlerOf<undefined>('hand-over'),
  await handlerOf<SQSBatchResponse>('ingest'),
  await handlerOf<APIGatewayProxyStructuredResultV2>('api'),
];

let failedMessages = 0;
for (let from = 0; from < envelopes.length; from += 100) {
  const { batchItemFailures } = await grants(queueEvent(envelopes.slice(from, from + 100)), context(600));
  failedMessages += batchItemFailures.length;
  countFiles();
}

/** Lambda runs again what failed, with the same event. */
let refusedBatches = 0;
async function handOverWhole(event: object): Promise<void> {
  try {
    await handOver(event, context(600));
  } catch {
    refusedBatches += 1;
    await handOverWhole(event);
  }
}
await mapConcurrently(sessions, async ({ cluster, event }) => {
  await handOverWhole(subscriptionEvent(cluster, [event]));
  countFiles();
});

const received = await fetch(`${process.env.HUB_EVENTS_URL}`, {
  headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
});
const messages = (await received.json()) as string[];
const taken = messages.filter((_, at) => at % TAKEN_ONE_IN === 0);
const again = taken.slice(0, 20); // a queue delivers at least once
await mapConcurrently([...taken, ...again], async (message) => {
  const event = queueEvent([busEvent(JSON.parse(message))], 'eks-whois-dev-spoke-batches');
  failedMessages += (await ingest(event, context(600))).batchItemFailures.length;
  countFiles();
});

/** All records, page by page, as whoever asks the hub reads them. */
const records: JsonObject[] = [];
let cursor: string | undefined;
do {
  const rawQueryString = String(
    new URLSearchParams({ from: timeOf(NOW - HOUR), limit: '200', ...(cursor !== undefined && { cursor }) }),
  );
  const answer = await api({ rawPath: '/records', rawQueryString, requestContext: { requestId: 'q' } }, context(600));
  const body = parseJson(answer.body ?? '');
  const page = body.ok && isJsonObject(body.value) ? body.value : {};
  records.push(...((page.records ?? []) as JsonObject[]));
  cursor = textAt(page, 'cursor');
} while (cursor !== undefined);

const actors = new Map(
  records.map((record) => [record.auditId, objectAt(objectAt(record, 'attribution'), 'actor')?.name]),
);
const handedOver = new Set(messages).size;
const reported = { standings, forwarded, failedMessages, refusedBatches, handedOver, taken: taken.length };
const named = sessions.filter(({ event, person }) => actors.get(event.auditID) === person).length;
process.stdout.write(`${JSON.stringify({ ...reported, records: records.length, named, mostFiles })}\n`);
