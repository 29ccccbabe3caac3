import { expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { auditRecord } from '../../lib/attribution/record.ts';
import { ecsEvent } from '../../lib/ecs/ecs-event.ts';
import { apiActivity } from '../../lib/ocsf/api-activity.ts';
import { CSV_COLUMNS } from '../../lib/words/record-csv.ts';
import { parsedEvent } from '../builders/answer.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { schemaFlaws } from './schema-flaws.ts';

/** The cluster of a record, in every form of export. */

const ACCOUNT = '999900001111';
const CLUSTER_ARN = `arn:aws:eks:us-east-1:${ACCOUNT}:cluster/prod`;
const ORIGIN = { logGroup: '/aws/eks/prod/cluster', logStream: 'kube-apiserver-audit-1', owner: '111122223333' };
const record = (site: object) =>
  auditRecord(
    parsedEvent(auditEvent()),
    { attribution: { status: 'system', provisional: false, flags: [] } },
    { cluster: 'prod', ...site },
  );
const producer = { version: '1.2.3', schema: '1.3.0', digest: sha256 } as const;

const known = record({ clusterArn: CLUSTER_ARN, origin: ORIGIN });
const named = record({});

it('OCSF has the cluster as destination, and its account and Region as the cloud', () => {
  const event = apiActivity(known, producer);
  expect(event).toMatchObject({
    cloud: { provider: 'AWS', account: { type: 'AWS Account', type_id: 10, uid: ACCOUNT }, region: 'us-east-1' },
    dst_endpoint: { name: 'prod', uid: CLUSTER_ARN },
    unmapped: { clusterArn: CLUSTER_ARN, 'origin.logGroup': ORIGIN.logGroup, 'origin.owner': ORIGIN.owner },
  });
  expect(schemaFlaws(event)).toEqual([]);
  expect(apiActivity(named, producer).cloud).toEqual({ provider: 'AWS' });
});

it('ECS has the cluster as orchestrator, and its account and Region as the cloud', () => {
  expect(ecsEvent(known, sha256)).toMatchObject({
    orchestrator: { cluster: { name: 'prod', id: CLUSTER_ARN } },
    cloud: { provider: 'aws', account: { id: ACCOUNT }, region: 'us-east-1' },
    eks_whois: { origin: ORIGIN },
  });
  expect(ecsEvent(named, sha256).cloud).toEqual({ provider: 'aws', service: { name: 'eks' } });
});

it('CSV has both name and ARN', () => {
  expect([...CSV_COLUMNS.keys()].slice(0, 3)).toEqual(['time', 'cluster', 'clusterArn']);
  expect(CSV_COLUMNS.get('clusterArn')?.(known)).toBe(CLUSTER_ARN);
});

it('CSV has the account of the cluster, and the account that handed the event over, which can forge the rest', () => {
  const handedOver = record({ origin: { handedOverBy: '444455556666' } });
  const cells = (of: typeof known) => ['accountId', 'handedOverBy'].map((name) => CSV_COLUMNS.get(name)?.(of));
  expect([known, handedOver, named].map(cells)).toEqual([
    [ACCOUNT, undefined],
    [undefined, '444455556666'],
    [undefined, undefined],
  ]);
});
