import { randomUUID } from 'node:crypto';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeSubscriptionFiltersCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { JsonObject } from '../../lib/json.ts';
import type { CloudTrailServer } from '../../local/cloudtrail/server.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { awsService, iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { logsEvent } from '../functions/deployed.ts';
import type { Accounts, Place } from './accounts.ts';
import type { Functions } from './functions.ts';

export interface Cluster extends Place {
  readonly name: string;
  readonly arn: string;
}

/** An audit event of a cluster, and who did it. */
export interface SentEvent {
  readonly auditId: string;
  readonly person: string;
  readonly cluster: string;
}

const MINUTE = 60_000;
const timeOf = (at: number) => new Date(at).toISOString();
const groupOf = ({ name }: Cluster) => `/aws/eks/${name}/cluster`;

/** Creates a cluster with its audit log. */
export async function createCluster(accounts: Accounts, name: string, place: Place): Promise<Cluster> {
  const eks = await accounts.client(EKSClient, place);
  const { cluster } = await eks.send(
    new CreateClusterCommand({
      name,
      roleArn: `arn:aws:iam::${place.account}:role/cluster`,
      resourcesVpcConfig: { subnetIds: [], securityGroupIds: [] },
      logging: { clusterLogging: [{ types: ['audit'], enabled: true }] },
    }),
  );
  const created = { ...place, name, arn: cluster?.arn ?? '' };
  const logs = await accounts.client(CloudWatchLogsClient, place);
  await logs.send(new CreateLogGroupCommand({ logGroupName: groupOf(created) }));
  return created;
}

/** People at work in the clusters: they assume roles, which CloudTrail notes, and send requests, which the audit log notes. */
export class Traffic {
  readonly #accounts: Accounts;
  readonly #functions: Functions;
  readonly #cloudtrail: CloudTrailServer;
  #sessions = 0;

  constructor(accounts: Accounts, functions: Functions, cloudtrail: CloudTrailServer) {
    this.#accounts = accounts;
    this.#functions = functions;
    this.#cloudtrail = cloudtrail;
  }

  /** Begins a session in the account of the cluster; returns so many of its requests, and who makes them. */
  async session(cluster: Cluster, now: number, requests: number): Promise<Session> {
    this.#sessions += 1;
    const id = String(this.#sessions);
    const { account, region } = cluster;
    const person = `person-${account.slice(-2)}-${id}`;
    const roleId = `AROA${account.padStart(17, 'A')}`;
    const of = { accountId: account, roleId, session: person, key: `ASIA${id.padStart(16, 'A')}` };
    const by = iamUser(person, {
      accountId: account,
      arn: `arn:aws:iam::${account}:user/${person}`,
      principalId: `AIDA${id.padStart(17, 'A')}`,
    });
    const at = timeOf(now - 5 * MINUTE).replace(/\.\d+Z$/, 'Z');
    const fields = { awsRegion: region, eventID: randomUUID(), recipientAccountId: account };
    const record = grant({ ...of, by, at, until: timeOf(now + 55 * MINUTE), fields });
    const events = Array.from({ length: requests }, (_, nth) => {
      const [received, done] = [timeOf(now - 2 * MINUTE + nth), timeOf(now - 2 * MINUTE + nth + 5)];
      const times = { requestReceivedTimestamp: received, stageTimestamp: done };
      return auditEvent({ auditID: randomUUID(), user: roleUser(of), ...times });
    });
    return { cluster, person, record, events };
  }

  /** Lambda assumes the role of a function of this account and Region. */
  async startFunction({ account, region }: Place, now: number): Promise<void> {
    const fields = { awsRegion: region, eventID: randomUUID(), recipientAccountId: account };
    const at = timeOf(now - 5 * MINUTE).replace(/\.\d+Z$/, 'Z');
    const record = grant({ accountId: account, by: awsService('lambda.amazonaws.com'), at, fields });
    await this.#note({ account, region }, record);
  }

  note({ cluster, record }: Session): Promise<void> {
    return this.#note(cluster, record);
  }

  /** CloudTrail notes the record, and EventBridge gets it in the account and Region. */
  async #note(place: Place, record: JsonObject): Promise<void> {
    this.#cloudtrail.add([record]);
    const events = await this.#accounts.client(EventBridgeClient, place);
    const entry = { Source: 'aws.sts', DetailType: 'AWS API Call via CloudTrail', Detail: JSON.stringify(record) };
    await events.send(new PutEventsCommand({ Entries: [entry] }));
  }

  /** CloudWatch Logs delivers the events to each destination of the log group's filters. Returns what was delivered. */
  async deliver({ cluster, person, events }: Session): Promise<readonly SentEvent[]> {
    const logs = await this.#accounts.client(CloudWatchLogsClient, cluster);
    const of = { logGroupName: groupOf(cluster) };
    const { subscriptionFilters = [] } = await logs.send(new DescribeSubscriptionFiltersCommand(of));
    for (const { destinationArn = '' } of subscriptionFilters)
      await this.#functions.invoke(destinationArn, delivery(cluster, events));
    if (subscriptionFilters.length === 0) return [];
    return events.map(({ auditID }) => ({ auditId: String(auditID), person, cluster: cluster.arn }));
  }
}

/** Returns what CloudWatch Logs delivers of the cluster's log group. */
export function delivery(cluster: Cluster, events: readonly JsonObject[], owner = cluster.account) {
  const logStream = 'kube-apiserver-audit-0123456789abcdef0123456789abcdef';
  return logsEvent({ logGroup: groupOf(cluster), logStream, owner }, events);
}

export interface Session {
  readonly cluster: Cluster;
  readonly person: string;
  /** CloudTrail's record of the grant. */
  readonly record: JsonObject;
  readonly events: readonly JsonObject[];
}
