import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { startLoopbackAws } from '../../test/functions/loopback-aws.ts';
import { json, startAws } from '../../test/stand-ins/aws/server.ts';
import { type Bundles, buildBundles } from '../cold/bundles.ts';
import { firstEvents } from '../cold/first-events.ts';
import { type Cost, inPairs, resultOf } from '../measure.ts';
import type { AllSizes } from '../options.ts';
import { type BenchLine, benchLine, figuresOf } from '../result.ts';
import { temporaryFolder } from '../world/kept.ts';

/**
 * Rows of the time from loading a function's bundle to its first answer, compared with a bundle of the same AWS clients
 * that makes as many requests.
 */

const TABLES = tableNames('eks-whois-bench');
const START = join(import.meta.dirname, '..', 'cold', 'start.ts');

export async function* coldStartRows({ starts }: AllSizes): AsyncGenerator<BenchLine> {
  using folder = temporaryFolder();
  const all = await buildBundles(folder.path);
  let requests = 0;
  const aws = await startLoopbackAws(TABLES, async () => {
    requests += 1;
  });
  // An EKS that has no clusters, and an event bus that takes every event.
  const other = await startAws(() => {
    requests += 1;
    return json({ clusters: [], FailedEntryCount: 0, Entries: [{ EventId: 'bench' }] });
  });
  try {
    const environment = environmentOf(aws.url, other.url);
    const countRequests = () => requests;
    const starting = { folder: folder.path, environment, countRequests, starts };
    for (const [name, event] of Object.entries(firstEvents())) {
      for (const bundles of all.filter((each) => each.name === name)) yield await rowOf(bundles, event, starting);
    }
  } finally {
    await other.close();
    await aws.stop();
  }
}

interface ColdStarts {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Number of requests so far. */
  readonly countRequests: () => number;
  readonly starts: number;
}

async function rowOf({ name, clients, ...of }: Bundles, first: object, starting: ColdStarts): Promise<BenchLine> {
  const { folder, environment, countRequests, starts } = starting;
  const [event, bareEvent] = [join(folder, `${name}.json`), join(folder, `${name}-bare.json`)];
  writeFileSync(event, JSON.stringify(first));
  const start = (bundle: string, given: string) =>
    resultOf<Cost>([START, bundle, given], join(folder, 'cost.json'), environment);
  await start(of.ours, event); // what is new today is written once
  const before = countRequests();
  await start(of.ours, event);
  const requests = countRequests() - before;
  writeFileSync(bareEvent, JSON.stringify({ requests, table: TABLES.sessions }));
  await start(of.bare, bareEvent);
  const cost = await inPairs(
    starts,
    () => start(of.ours, event),
    () => start(of.bare, bareEvent),
  );
  const isBare = clients.length > 0;
  return benchLine(`cold-start-${name}`, {
    ours: { ...figuresOf(cost.ours), kilobytes: Math.round(of.oursBytes / 1e3) },
    against: isBare
      ? {
          what: `a bundle of ${clients.join(', ')}`,
          ...figuresOf(cost.theirs),
          kilobytes: Math.round(of.bareBytes / 1e3),
        }
      : { what: 'nothing: it uses no client' },
    reach: isBare ? 'at most 1.2' : 'none',
    note: `${requests} requests each, to loopback servers; medians of ${starts} starts`,
  });
}

/** Returns the variables that a deployment gives to the functions. None of them leads off this machine. */
function environmentOf(aws: string, other: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: aws,
    AWS_ENDPOINT_URL_EKS: other,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIALOCAL00000000000',
    AWS_SECRET_ACCESS_KEY: 'local',
    SESSIONS_TABLE: TABLES.sessions,
    CLAIMS_TABLE: TABLES.claims,
    RECORDS_TABLE: TABLES.records,
    ALERT_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:alerts',
    LOOKUPS: 'off',
    CONSOLE_SIGN_IN: 'command',
    HUB_EVENTS_URL: other,
    HUB_BUS_ARN: 'arn:aws:events:eu-west-1:111122223333:event-bus/eks-whois-bench-spokes',
    HUB_REGION: 'eu-west-1',
    FIND_CLUSTERS: '*',
    AUDIT_FILTER_NAME: 'eks-whois-bench',
    AUDIT_FILTER_PATTERN: '{ $.user.uid = "aws-iam-authenticator:*" }',
    AUDIT_FILTER_DESTINATION: 'arn:aws:lambda:eu-west-1:111122223333:function:eks-whois-bench-ingest',
  };
}
