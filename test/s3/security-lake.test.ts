import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { attributeFiles, Folder } from '../builders/command.ts';
import { lakeAudit, lakeFile, lakeTrail } from '../builders/security-lake.ts';
import { iamUser, roleSession, samlUser } from '../builders/trail-callers.ts';
import { callBy, grant } from '../builders/trail-records.ts';
import type { Codec, Pages } from '../stand-ins/parquet/writer.ts';

let folder: Folder;
beforeEach(() => {
  folder = new Folder();
});
afterEach(() => folder[Symbol.dispose]());

const EXEC = auditEvent({
  auditID: '7a0e1c5e-0000-4000-8000-000000000009',
  requestReceivedTimestamp: '2026-03-10T12:10:00.123456Z',
  verb: 'create',
  requestURI: '/api/v1/namespaces/shop/pods/web-0/exec?command=sh',
  objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
  sourceIPs: ['10.0.0.1', '203.0.113.9'],
  annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': 'RBAC: allowed' },
});
const READ = auditEvent({
  auditID: '7a0e1c5e-0000-4000-8000-00000000000a',
  requestURI: '/apis/apps/v1/namespaces/shop/deployments?limit=500',
  objectRef: { resource: 'deployments', namespace: 'shop', apiGroup: 'apps', apiVersion: 'v1' },
  user: roleUser({ session: 'alice,with-comma' }),
});

async function recordsOf(audit: string, cloudtrail: string) {
  const ran = await attributeFiles(folder, { audit: [audit], cloudtrail: [cloudtrail] });
  return { records: ran.records, rejects: ran.rejects, errors: ran.errors };
}

/** Returns the results for the same events as JSON lines, and as Security Lake's Parquet. */
async function bothWays(events: readonly JsonObject[], trail: readonly JsonObject[], codec: Codec = 'ZSTD') {
  const lines = (values: readonly JsonObject[]) => values.map((value) => JSON.stringify(value)).join('\n');
  const asJson = await recordsOf(folder.file('audit.jsonl', lines(events)), folder.file('trail.jsonl', lines(trail)));
  const asLake = await recordsOf(
    folder.file('audit.gz.parquet', lakeFile([events.map(lakeAudit)], codec)),
    folder.file('trail.gz.parquet', lakeFile([trail.map(lakeTrail)], codec)),
  );
  return { asJson, asLake };
}

describe("Security Lake's Parquet", () => {
  it.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD'] as const)(
    'in %s, with dictionaries, checksums and pages of the second version, has the same content',
    async (codec) => {
      const [events, grants] = [[EXEC, READ].map(lakeAudit), [lakeTrail(grant())]];
      const read = async (pages: Pages) =>
        await recordsOf(
          folder.file('audit.parquet', lakeFile([events, events], codec, pages)),
          folder.file('trail.parquet', lakeFile([grants], codec, pages)),
        );
      const [first, second] = [await read('first'), await read('second')];
      expect(second.records).toHaveLength(2);
      expect([second.records, second.rejects]).toEqual([first.records, []]);
    },
  );

  it.each(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD'] as const)('in %s has the content of the logs', async (codec) => {
    const { asJson, asLake } = await bothWays([EXEC, READ], [grant()], codec);
    expect(asJson.records).toHaveLength(2);
    expect(asJson.records[0]?.attribution).toMatchObject({ status: 'attributed', method: 'access-key' });
    expect(asLake.records).toEqual(asJson.records);
    expect(asLake.rejects).toEqual([]);
  });

  it('has a role chain up to its beginning, with its source identity', async () => {
    const first = grant({
      session: 'first',
      roleId: 'AROAFIRSTROLE00000001',
      roleName: 'first-role',
      key: 'ASIAFIRSTSESSION0001',
      id: 'e-1',
      response: { sourceIdentity: 'alice' },
    });
    const chained = grant({
      by: roleSession({
        roleId: 'AROAFIRSTROLE00000001',
        session: 'first',
        key: 'ASIAFIRSTSESSION0001',
        sourceIdentity: 'alice',
      }),
      at: '2026-03-10T12:05:00Z',
      id: 'e-2',
    });
    const { asJson, asLake } = await bothWays([EXEC], [first, chained]);
    expect(asJson.records[0]?.attribution.chain).toHaveLength(2);
    expect(asLake.records).toEqual(asJson.records);
  });

  it("has Identity Center's people, and sessions by session start", async () => {
    const role = { roleName: 'AWSReservedSSO_Admin_0123456789abcdef', path: '/aws-reserved/sso.amazonaws.com/' };
    const signIn = grant({
      ...role,
      by: samlUser('jane@example.com'),
      eventName: 'AssumeRoleWithSAML',
      key: 'ASIAOTHERKEY00000001',
    });
    const { asJson, asLake } = await bothWays([EXEC], [signIn, callBy(iamUser('bob'))]);
    expect(asLake.records).toEqual(asJson.records);
  });

  it('reports a grant without the issued key, and names nobody for it', async () => {
    const { api, ...event } = lakeTrail(grant());
    const bare = { ...event, api: { ...(api as JsonObject), response: {} } };
    const trail = folder.file('trail.parquet', lakeFile([[bare]]));
    const { records, rejects, errors } = await recordsOf(folder.file('audit', JSON.stringify(EXEC)), trail);
    expect(records[0]?.attribution.status).toBe('unattributed');
    expect(rejects).toMatchObject([{ file: trail, place: 'row 1', reason: 'security-lake-grant-without-response' }]);
    expect(errors).toContain('security-lake-grant-without-response');
  });

  it('has the issued session in its own fields if the response is missing (OCSF 1.5)', async () => {
    const { lakeEvent } = await import('../../lib/envelopes/security-lake/event.ts');
    const { api, ...event } = lakeTrail(grant());
    const session = {
      credential_uid: 'ASIAALICESESSION0001',
      uid: 'arn:aws:sts::1:assumed-role/r/s',
      uid_alt: 'AROA1:s',
    };
    expect(lakeEvent({ ...event, api: { ...(api as JsonObject), response: {} }, session })).toMatchObject({
      lacksIssued: false,
      record: {
        responseElements: {
          credentials: { accessKeyId: 'ASIAALICESESSION0001' },
          assumedRoleUser: { assumedRoleId: 'AROA1:s', arn: 'arn:aws:sts::1:assumed-role/r/s' },
        },
      },
    });
  });

  it('of other products is left out and counted', async () => {
    const flow = { metadata: { product: { name: 'Amazon VPC' } } };
    const audit = folder.file('in.parquet', lakeFile([[flow], [lakeAudit(EXEC)]]));
    const { records, errors } = await recordsOf(audit, folder.file('trail', JSON.stringify(grant())));
    expect(records).toHaveLength(1);
    expect(errors).toMatch(/ignored: 1 event of another product/);
  });

  it('in a damaged file is read row group by row group, as far as these are whole', async () => {
    const second = { ...READ, auditID: 'second' };
    const bytes = lakeFile([[lakeAudit(EXEC)], [lakeAudit(second)]], 'GZIP');
    bytes.fill(0xff, 60, 90);
    const audit = folder.file('in.parquet', bytes);
    const { records, rejects } = await recordsOf(audit, folder.file('trail', JSON.stringify(grant())));
    expect(records.map(({ auditId }) => auditId)).toEqual(['second']);
    expect(rejects).toMatchObject([{ file: audit, place: 'row group 1', reason: 'damaged-parquet' }]);
  });

  it('in a cut file, and in one within gzip, is reported with the reason', async () => {
    const bytes = lakeFile([[lakeAudit(EXEC)]]);
    const cut = folder.file('1.parquet', bytes.subarray(0, bytes.length - 20));
    const packed = folder.file('2.parquet.gz', gzipSync(bytes));
    const ran = await attributeFiles(folder, { audit: [cut, packed] });
    expect(ran.rejects.map(({ file, reason }) => [file, reason])).toEqual([
      [cut, 'damaged-parquet'],
      [packed, 'unreadable-file'],
    ]);
  });

  it('is refused if a row group states more than memory may have', async () => {
    const { boundedCompressors } = await import('../../lib/adapters/parquet/parquet-rows.ts');
    const { Budget } = await import('../../lib/adapters/parquet/budget.ts');
    const { GZIP } = boundedCompressors(new Budget(1_000, 'bytes'));
    const packed = gzipSync(Buffer.alloc(600));
    expect(GZIP?.(packed, 600)).toHaveLength(600);
    expect(() => GZIP?.(packed, 600)).toThrow('more than 1000 bytes');
  });
});
