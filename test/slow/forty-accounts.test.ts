import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionName } from '../../infra/parameters.ts';
import { cases } from '../builders/chance.ts';
import { deployed, environment, tablesOf } from '../functions/deployed.ts';
import { type LoopbackAws, startLoopbackAws } from '../functions/loopback-aws.ts';
import { type LoopbackClusters, startLoopbackClusters } from './loopback-clusters.ts';

const SCRIPT = new URL('forty-accounts.ts', import.meta.url).pathname;
/** Accounts and Regions: more than the process may open files, so that one of each that stays open is one too many. */
const ACCOUNTS = cases(20, 40);
const EACH = ACCOUNTS * 17;
const FILES = 256;
const HUB = deployed({ clusters: 'prod', findClusters: 'prod-*' });

let clusters: LoopbackClusters;
let hub: LoopbackAws;
let reported: {
  readonly standings: readonly Readonly<Record<string, number>>[];
  readonly forwarded: number;
  readonly failedMessages: number;
  readonly refusedBatches: number;
  readonly handedOver: number;
  readonly taken: number;
  readonly records: number;
  readonly named: number;
  readonly mostFiles: number;
};

beforeAll(async () => {
  [clusters, hub] = await Promise.all([startLoopbackClusters(), startLoopbackAws(tablesOf(HUB))]);
  const functions: readonly FunctionName[] = ['subscribe', 'grants', 'ingest', 'api'];
  const settings = {
    ...Object.assign({}, ...functions.map((name) => environment(HUB, name))),
    HOME: '/nonexistent',
    ACCOUNTS: String(ACCOUNTS),
    PATH: process.env.PATH ?? '',
    AWS_ENDPOINT_URL: hub.url,
    AWS_ENDPOINT_URL_EKS: clusters.url,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: clusters.url,
    AWS_REGION: 'eu-west-1',
    AWS_SECRET_ACCESS_KEY: 'local',
    AUDIT_FILTER_DESTINATION: 'arn:aws:lambda:eu-west-1:111122223333:function:eks-whois-dev-ingest',
    HUB_EVENTS_URL: clusters.url,
    HUB_BUS_ARN: 'arn:aws:events:eu-west-1:111122223333:event-bus/eks-whois-dev-spokes',
    HUB_REGION: 'eu-west-1',
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  const limited = `ulimit -n ${FILES} && exec "$0" "$1"`;
  const child = spawn('/bin/sh', ['-c', limited, process.execPath, SCRIPT], { env: settings });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (piece) => {
      output += piece;
    });
  await once(child, 'close');
  const line = output.split('\n').find((each) => each.startsWith('{"standings"'));
  if (line === undefined) throw new Error(output.slice(-4_000));
  reported = JSON.parse(line);
});

afterAll(async () => {
  await clusters?.stop();
  await hub?.stop();
});

describe(`${ACCOUNTS} accounts × 17 Regions`, () => {
  it('have each of their clusters found and subscribed once, even if AWS throttles, and not changed afterwards', () => {
    expect(reported.standings).toEqual([{ subscribed: EACH }, { kept: EACH }]);
    expect(clusters.filters()).toBe(EACH);
    expect(clusters.throttled()).toBeGreaterThan(ACCOUNTS / 2);
    expect(Object.fromEntries(clusters.answered)).toMatchObject({
      ListClusters: 2 * EACH,
      DescribeCluster: 2 * EACH,
      DescribeSubscriptionFilters: 2 * EACH,
      PutSubscriptionFilter: EACH,
    });
  });

  it('have their grants forwarded, and each batch of their clusters once in the hub’s queue, including refused ones', () => {
    expect(reported).toMatchObject({ forwarded: EACH, failedMessages: 0, handedOver: EACH });
    expect(reported.refusedBatches).toBeGreaterThan(0);
    expect(clusters.answered.get('PutEvents')).toBe(EACH);
  });

  it("are recorded once each, with the name of the session's owner", () => {
    expect(reported.taken).toBe(EACH / 10);
    expect(reported).toMatchObject({ records: reported.taken, named: reported.taken });
    // Each grant also costs requests: about 22 if all take a minute, some more if heartbeats are written in two.
    expect(hub.calls.length).toBeLessThan(60 * reported.taken + 30 * EACH);
  });

  it('use few open files and sockets', () => {
    expect(reported.mostFiles).toBeLessThan(FILES);
    expect(clusters.mostSockets()).toBeLessThanOrEqual(17 * 4 + 32); // clusters described at once, and batches
  });
});
