import { describe, expect, it } from 'vitest';
import { knownSite } from '../../lib/audit/event-site.ts';
import { type ClusterFields, clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { JsonObject } from '../../lib/json.ts';
import { readBatch, readHandedOver } from '../../lib/usecases/ingest/batch.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { piecesOf } from '../builders/pieces.ts';

/** The cluster of an event and the log that had it come from the envelope and from AWS, and from nothing else. */

const inflate = (data: string) => ({ ok: true, text: data, bytes: new TextEncoder().encode(data) }) as const;
const MESSAGE = JSON.stringify(auditEvent({}));
const LOG = { logGroup: '/aws/eks/prod/cluster', logStream: 'kube-apiserver-audit-1' };
const ONE = '111122223333';
const NINE = '999900001111';
const arnOf = (account: string, region: string) => `arn:aws:eks:${region}:${account}:cluster/prod`;

const payload = (entry: JsonObject = {}): JsonObject => ({
  messageType: 'DATA_MESSAGE',
  owner: ONE,
  ...LOG,
  logEvents: [{ id: '1', timestamp: 1, message: MESSAGE, ...entry }],
});

const keyOf = (site: ClusterFields | undefined) => site && clusterKeyOf(site);
const siteIn = (value: unknown, counted?: string) =>
  piecesOf(value, counted === undefined ? [] : [{ names: counted, content: 'audit' }]).audit[0]?.site;
const delivered = (value: unknown, region?: string) =>
  readBatch(value, 'delivery', { inflate, region }).events[0]?.site;

describe('the cluster and the log of an event', () => {
  it('are those of the log group, its owner and the Region of the function that a subscription delivers to', () => {
    expect(delivered(payload(), 'eu-west-1')).toEqual({
      cluster: 'prod',
      clusterArn: arnOf(ONE, 'eu-west-1'),
      origin: { ...LOG, owner: ONE },
    });
    expect(delivered(payload(), 'cn-north-1')?.clusterArn).toBe(`arn:aws-cn:eks:cn-north-1:${ONE}:cluster/prod`);
  });

  it('are of the account and Region of the system fields in a centralized log group, not of those of the copy', () => {
    const copied = { extractedFields: { '@aws.account': NINE, '@aws.region': 'us-east-1' } };
    expect(delivered(payload(copied), 'eu-west-1')).toEqual({
      cluster: 'prod',
      clusterArn: arnOf(NINE, 'us-east-1'),
      origin: { ...LOG, owner: ONE },
      isFirstWritten: true,
    });
    const half = { extractedFields: { '@aws.account': NINE } };
    expect(delivered(payload(half), 'eu-west-1')).toMatchObject({ clusterArn: undefined, accountId: NINE });
    const region = { extractedFields: { '@aws.region': 'us-east-1' } };
    expect(keyOf(delivered(payload(region), 'eu-west-1'))).toBe('name:prod');
  });

  it('have no ARN in files that do not state the Region, but the account, which tells two clusters of a name apart', () => {
    const ofOne = { cluster: 'prod', clusterArn: undefined, accountId: ONE, origin: { ...LOG, owner: ONE } };
    expect(siteIn(payload())).toEqual(ofOne);
    const row = { '@message': MESSAGE, '@log': `${ONE}:${LOG.logGroup}`, '@logStream': LOG.logStream };
    expect(siteIn(row)).toEqual(ofOne);
    expect(keyOf(siteIn(payload()))).toBe(`name:${ONE}/prod`);
    expect(keyOf(siteIn({ ...payload(), owner: NINE }))).toBe(`name:${NINE}/prod`);
    expect(keyOf(siteIn({ ...payload(), owner: 'CloudwatchLogs' }))).toBe('name:prod');
  });

  it('have the ARN of a log group that is named by its own ARN', () => {
    const entry = {
      message: MESSAGE,
      timestamp: 1,
      logGroupIdentifier: `arn:aws:logs:eu-west-1:${ONE}:log-group:${LOG.logGroup}:*`,
      logStreamName: LOG.logStream,
    };
    expect(siteIn(entry)).toMatchObject({ clusterArn: arnOf(ONE, 'eu-west-1'), origin: { ...LOG, owner: ONE } });
  });

  it('have no ARN if two accounts are stated, or an account that is none', () => {
    const other = { ...payload(), logGroup: `${NINE}:${LOG.logGroup}` };
    expect(delivered(other, 'eu-west-1')?.clusterArn).toBeUndefined();
    expect(delivered({ ...payload(), owner: 'CloudwatchLogs' }, 'eu-west-1')?.clusterArn).toBeUndefined();
    expect(delivered(payload(), 'x:eks')?.clusterArn).toBeUndefined();
  });

  it('are of the account that hands a delivery over, in the Region that it states', () => {
    const handedOver = (entry: JsonObject, region?: string) => {
      const data = JSON.stringify(payload(entry));
      const batch = readHandedOver({ account: ONE, region, data }, 'delivery', { inflate, region: 'us-west-2' });
      return 'reason' in batch ? batch.reason : batch.events[0]?.site;
    };
    const origin = { ...LOG, owner: ONE, handedOverBy: ONE };
    expect(handedOver({}, 'eu-west-1')).toEqual({ cluster: 'prod', clusterArn: arnOf(ONE, 'eu-west-1'), origin });
    expect(handedOver({})).toEqual({ cluster: 'prod', clusterArn: undefined, accountId: ONE, origin });
    const copied = { extractedFields: { '@aws.account': NINE, '@aws.region': 'us-east-1' } };
    const foreign = { cluster: 'prod', clusterArn: undefined, origin, isFirstWritten: true };
    expect(handedOver(copied, 'eu-west-1')).toEqual(foreign);
  });
});

describe('what the user says of the cluster', () => {
  const clusterArn = arnOf(ONE, 'eu-west-1');

  it('names the cluster of events that name none', () => {
    expect(knownSite({}, { cluster: 'prod' })).toEqual({ cluster: 'prod', clusterArn: undefined });
    expect(knownSite({}, { clusterArn })).toEqual({ cluster: 'prod', clusterArn });
    expect(knownSite({ cluster: 'test' }, { cluster: 'prod' })).toEqual({ cluster: 'test' });
  });

  it('gives the ARN to events of that name, and to no other', () => {
    expect(knownSite({ cluster: 'prod' }, { clusterArn })).toEqual({ cluster: 'prod', clusterArn });
    expect(knownSite({ cluster: 'test' }, { clusterArn })).toEqual({ cluster: 'test' });
    const stated = { cluster: 'prod', clusterArn: arnOf(NINE, 'eu-west-1') };
    expect(knownSite(stated, { clusterArn })).toEqual(stated);
  });

  it('names the cluster of an account, where the log group of another name states its owner', () => {
    const ofNine = siteIn({ ...payload(), owner: NINE, logGroup: '/central/audit' }, '/central/audit');
    const ofOne = siteIn({ ...payload(), logGroup: '/central/audit' }, '/central/audit');
    expect(keyOf(ofNine)).toBe(`name:${NINE}/`);
    expect(keyOf(ofNine && knownSite(ofNine, { cluster: 'prod' }))).toBe(`name:${NINE}/prod`);
    expect(keyOf(ofOne && knownSite(ofOne, { clusterArn }))).toBe(clusterArn);
    expect(keyOf(ofNine && knownSite(ofNine, { clusterArn }))).toBe(`name:${NINE}/`);
    expect(keyOf(ofNine && knownSite(ofNine, { clusterArn, copiedTo: NINE }))).toBe(clusterArn);
  });

  it('never joins the clusters of two owners, and reports the one that it leaves', () => {
    const left: string[] = [];
    const known = { clusterArn, leave: (owner: string) => void left.push(owner) };
    const [ofOne = {}, ofNine = {}] = [payload(), { ...payload(), owner: NINE }].map((each) => siteIn(each));
    expect(keyOf(knownSite(ofOne, known))).toBe(clusterArn);
    expect(left).toEqual([]);
    expect(knownSite(ofNine, known)).toBe(ofNine);
    expect(left).toEqual([NINE]);
    const twoOwners = siteIn({ ...payload(), logGroup: `${NINE}:${LOG.logGroup}` }) ?? {};
    expect(knownSite(twoOwners, known)).toBe(twoOwners);
    const test = siteIn({ ...payload(), owner: NINE, logGroup: '/aws/eks/test/cluster' }) ?? {};
    expect(knownSite(test, known)).toBe(test);
    expect(left).toEqual([NINE]);
  });

  it('says which log groups hold copies, but for events that state who wrote them first', () => {
    const known = { clusterArn, copiedTo: NINE };
    const copy = { ...payload(), owner: NINE };
    expect(keyOf(knownSite(siteIn(copy) ?? {}, known))).toBe(clusterArn);
    const read = delivered(copy, 'us-east-1') ?? {};
    expect(keyOf(read)).toBe(arnOf(NINE, 'us-east-1'));
    expect(keyOf(knownSite(read, known))).toBe(clusterArn);
    const own = { extractedFields: { '@aws.account': NINE, '@aws.region': 'us-east-1' } };
    expect(keyOf(knownSite(siteIn({ ...payload(own), owner: NINE }) ?? {}, known))).toBe(arnOf(NINE, 'us-east-1'));
  });
});
