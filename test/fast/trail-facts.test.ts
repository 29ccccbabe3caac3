import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../lib/attribution/facts.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import { unwrapElement } from '../../lib/envelopes/unwrap.ts';
import { GrantsInRows } from '../../lib/fast/grants-in-rows.ts';
import { recordsIn } from '../../lib/fast/records-document.ts';
import { TrailFactsInBytes } from '../../lib/fast/trail-facts.ts';
import { cases } from '../builders/thoroughness.ts';
import { CORPORA, recordsIn as recordsOfCorpus } from '../infra/corpus.ts';
import { drawFrom } from '../oracle/draw.ts';
import { generateWorld } from '../oracle/world.ts';
import { mutated } from './mutations.ts';

const FILLED = JSON.stringify({ filled: 'x'.repeat(16 * 1024) });

/** By whatever envelope it may be; undefined where it is no CloudTrail record. */
function plainWay(text: string): ReturnType<typeof parseTrailRecord> | undefined {
  const told: ReturnType<typeof parseTrailRecord>[] = [];
  const no = () => undefined;
  unwrapElement(JSON.parse(text), { key: 'Records', index: 0, header: new Map() }, () => 'line 1', {
    trail: (record) => told.push(parseTrailRecord(record)),
    ...{ audit: no, ignored: no, reject: no, inflate: () => ({ ok: false, reason: 'invalid-json' }) },
  });
  return told[0];
}

/** Keeps what it was told last. */
class Told extends GrantsInRows {
  last: Facts = {};

  override add(facts: Facts): void {
    this.last = facts;
    super.add(facts);
  }
}

/** How many of the records were taken; what was read of each is what the plain way reads of it, field by field in order. */
function taken(records: readonly string[]): number {
  const bytes = Buffer.from(`{"Records":[${[FILLED, ...records].join(',')}]}`);
  const document = recordsIn(bytes);
  let count = 0;
  for (let record = 1; document !== undefined && record < document.count; record += 1) {
    const known = new Told(new KnownGrants());
    if (!new TrailFactsInBytes(known).add(document, record)) continue;
    count += 1;
    const text = bytes.toString('utf8', document.startOf(record), document.endOf(record));
    const plain = plainWay(text);
    const key = typeof plain === 'object' ? plain.grant?.accessKeyId : undefined;
    expect(known.size, text).toBe(key === undefined ? 0 : 1);
    const read = { ...known.last, grant: key && known.grantsOfKey(key)[0] };
    expect(read, text).toEqual(plain);
    for (const [name, value] of Object.entries(plain ?? {})) {
      expect(JSON.stringify(read[name as keyof Facts]), text).toBe(JSON.stringify(value));
    }
  }
  return count;
}

const IDENTITY = {
  type: 'IAMUser',
  principalId: 'AIDAEXAMPLEUSERID1234',
  arn: 'arn:aws:iam::111122223333:user/alice',
  accountId: '111122223333',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  userName: 'alice',
};
const ASSUME_ROLE = {
  eventVersion: '1.11',
  userIdentity: IDENTITY,
  eventTime: '2026-03-10T08:00:00Z',
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  awsRegion: 'eu-west-1',
  requestParameters: {
    roleArn: 'arn:aws:iam::111122223333:role/dev',
    roleSessionName: 'EKSGetTokenAuth',
    durationSeconds: 3600,
  },
  responseElements: {
    credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', expiration: 'Mar 10, 2026, 9:00:00\u202fAM' },
    assumedRoleUser: {
      assumedRoleId: 'AROAEXAMPLEROLEID1234:EKSGetTokenAuth',
      arn: 'arn:aws:sts::111122223333:assumed-role/dev/EKSGetTokenAuth',
    },
  },
  eventID: '45803108-e57e-70dc-8df0-dfe7fcdc3416',
};
const LINE = JSON.stringify(ASSUME_ROLE);
const OTHER_CALL = JSON.stringify({ ...ASSUME_ROLE, eventName: 'DescribeCluster', responseElements: null });

describe('a CloudTrail record read where it lies', () => {
  it('tells what it tells when it is parsed, also where its caller and role came before', () => {
    const records = [
      LINE,
      LINE.replaceAll('EKSGetTokenAuth', 'bob'),
      LINE.replace('AROAEXAMPLEROLEID1234', 'AROAEXAMPLEROLEID9999'),
      LINE.replace('"durationSeconds"', '"serialNumber":"arn:aws:iam::111122223333:mfa/alice","durationSeconds"'),
      OTHER_CALL,
      OTHER_CALL.replace(
        '"AKIAIOSFODNN7EXAMPLE"',
        '"ASIAIOSFODNN7EXAMPLE","inScopeOf":{"credentialsIssuedTo":"arn:aws:lambda:eu-west-1:111122223333:function:f"}',
      ),
    ];
    expect(taken([...records, ...records, ...records])).toBe(3 * records.length);
  });

  it('is left alone where it is read in a way of its own', () => {
    const odd = [
      LINE.replace('"durationSeconds"', '"sourceIdentity":"alice","durationSeconds"'),
      LINE.replace('"eventID"', '"sharedEventID":"c0ffee","eventID"'),
      LINE.replace('EKSGetTokenAuth"}', 'Zoë"}').replace(':EKSGetTokenAuth', ':Zoë'),
      LINE.replace('"AssumeRole"', '"AssumeRoleWithSAML"'),
      LINE.replace('"eventID"', '"errorCode":"AccessDenied","eventID"'),
      LINE.replace('"sts.amazonaws.com"', '"iam.amazonaws.com"'),
      LINE.replace('"durationSeconds"', '"tags":[],"durationSeconds"'),
      LINE.replace('"accountId":"111122223333"', '"invokedBy":"rolesanywhere.amazonaws.com"'),
      LINE.replace(':00\u202fAM', ''),
      LINE.replace('"2026-03-10T08:00:00Z"', '"yesterday"'),
      LINE.replace('"eventName"', '"eventName":"x","eventName"'),
      LINE.replace('"eventName"', '"event\\u004eame"'),
      LINE.replace('{', '{"auditID":"a",'),
      LINE.replace('AROAEXAMPLEROLEID1234:', 'AIDAEXAMPLEROLEID1234:'),
      OTHER_CALL.replace('"DescribeCluster"', '"UpdateSAMLProvider"'),
    ];
    for (const record of odd) expect(taken([record]), record).toBe(0);
  });

  it.each(CORPORA)('tells the same for each record of $name', async ({ trail, skip }) => {
    if (skip || !trail.every((path) => existsSync(path))) return;
    const records = (await recordsOfCorpus(trail)).trail.map((record) => JSON.stringify(record));
    if (records.length > 0) expect(taken(records)).toBeGreaterThan(0);
  });

  it('tells the same in generated worlds', () => {
    let count = 0;
    for (let seed = 0; seed < cases(30, 1_000); seed += 1) {
      const { cloudtrail } = generateWorld(seed);
      count += taken(cloudtrail.map((record) => JSON.stringify(record)));
    }
    expect(count).toBeGreaterThan(50);
  });

  it('tells the same whatever is changed in it', () => {
    const draw = drawFrom(20_260_310);
    const lines = [LINE, OTHER_CALL, ...generateWorld(7).cloudtrail.map((value) => JSON.stringify(value))];
    let count = 0;
    for (let tried = 0; tried < cases(300, 30_000); tried += 1) {
      const once = mutated(draw.pick(lines), draw);
      count += taken([draw.below(2) === 0 ? once : mutated(once, draw)]);
    }
    expect(count).toBeGreaterThan(20);
  });
});
