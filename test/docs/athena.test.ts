import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/adapters/digest.ts';
import { recordItem } from '../../lib/adapters/dynamodb/record-item.ts';
import { recordIdentity } from '../../lib/attribution/copies.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { isJsonObject } from '../../lib/json.ts';
import { recordOf } from '../builders/answer.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { attributeFiles, Folder, REPOSITORY } from '../builders/command.ts';
import { KEY, ROLE_ID, ROLE_NAME } from '../builders/company.ts';
import { roleSession } from '../builders/trail-callers.ts';
import { callBy } from '../builders/trail-records.ts';
import { columnsOf, VIEW } from './athena-view.ts';
import { codeBlocks, documentOf, sectionsOf } from './document.ts';

const DOCUMENT = documentOf('docs/athena.md');
const STATEMENTS = codeBlocks(DOCUMENT, 'sql');
const OCSF = documentOf('docs/ocsf-export.sql');

/** DynamoDB's JSON: each value under the letter of its type. */
function typed(value: unknown): unknown {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(typed) };
  return { M: Object.fromEntries(Object.entries(value ?? {}).map(([key, field]) => [key, typed(field)])) };
}

function reaches(value: unknown, path: string): boolean {
  let at = value;
  for (const key of path.replace('[0]', '.0').split('.').slice(1))
    at = isJsonObject(at) || Array.isArray(at) ? Reflect.get(at, key) : undefined;
  return at !== undefined;
}

/** The example day has no answer by a use, and nobody of a directory. */
function byUse(says: JsonObject): AuditRecord {
  const session = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 'alice-session', key: KEY });
  return recordOf({ event: eventBy(roleUser()), records: [callBy({ ...session, ...says })] });
}
const IN_SCOPE = { inScopeOf: { credentialsIssuedTo: 'arn:aws:lambda:eu-west-1:111122223333:function:f' } };
const ON_BEHALF = { onBehalfOf: { userId: 'u-1', identityStoreArn: 'arn:aws:identitystore::1:identitystore/d-1' } };

describe('Athena over the export', () => {
  let items: readonly unknown[];
  beforeAll(async () => {
    using folder = new Folder();
    const [audit, cloudtrail] = ['audit', 'cloudtrail'].map((name) => join(REPOSITORY, 'examples', name));
    const { records } = await attributeFiles(folder, { audit: [String(audit)], cloudtrail: [String(cloudtrail)] });
    const clusterArn = 'arn:aws:eks:eu-west-1:444455556666:cluster/prod';
    const binding = { ...byUse(IN_SCOPE), action: { role: 'ClusterRole/edit', subjects: ['User/eve'] } };
    items = [...records, { ...byUse(IN_SCOPE), clusterArn }, byUse(IN_SCOPE), byUse(ON_BEHALF), binding].map(
      (record) => {
        const id = sha256(recordIdentity(record));
        return { Item: (typed(recordItem({ id, record }, 0, 0)) as { M: unknown }).M };
      },
    );
  });

  it('reads only fields that the items of the table have, under the letter of their type', () => {
    const paths = [...DOCUMENT.matchAll(/'(\$\.Item\.[^']+)'/g)].map(([, path]) => String(path));
    expect(paths.length).toBeGreaterThan(35);
    expect(paths.filter((path) => !items.some((item) => reaches(item, path)))).toEqual([]);
  });

  it('reads only fields of a grant that the items have', () => {
    const paths = [...DOCUMENT.matchAll(/\(link, '\$\.M\.(\w+)\.([SL])'\)/g)].map(
      ([, field, type]) => `"${field}":{"${type}":`,
    );
    expect(paths).toHaveLength(4);
    const all = JSON.stringify(items);
    for (const path of paths) expect(all).toContain(path);
  });

  it('names each column as docs/ocsf-export.sql does', () => {
    const [ours, theirs] = [columnsOf(VIEW), columnsOf(OCSF)];
    expect(ours.size).toBeGreaterThan(35);
    const shared = [...ours.keys()].filter((name) => theirs.has(name));
    expect(shared.length).toBeGreaterThan(30);
    for (const name of shared) expect(ours.get(name), name).toBe(theirs.get(name));
  });

  const queries = sectionsOf(DOCUMENT, 2).find(({ title }) => title === 'Ten queries')?.text ?? '';
  const TEN = sectionsOf(queries, 3).map(({ title, text }) => ({ title, sql: codeBlocks(text, 'sql')[0] ?? '' }));

  it('has ten queries', () => {
    expect(TEN).toHaveLength(10);
  });

  it.each(TEN)('$title asks for columns that the view has', ({ sql }) => {
    const columns = [...VIEW.matchAll(/ AS (\w+),?$/gm)].map(([, name]) => name);
    const made = [...sql.matchAll(/ AS (\w+)(?:\((\w+)(?:, (\w+))?\))?/g)].flatMap(([, ...names]) => names);
    const words = sql.replace(/'[^']*'/g, '').match(/\b[a-z_]+\b(?!\()/g) ?? [];
    const known = new Set([...columns, ...made, 'eks_whois_records']);
    expect(words.filter((word) => !known.has(word))).toEqual([]);
    expect(sql).toContain('FROM eks_whois_records');
  });

  it('keeps the form of a full export if incremental exports are added to it', () => {
    const latest = STATEMENTS.find((sql) => sql.includes('VIEW eks_whois_latest')) ?? '';
    for (const path of ['$.Item.id.S', '$.Item', '$.Keys.id.S', '$.NewImage', '$.Metadata.WriteTimestampMicros.N']) {
      expect(latest).toContain(`'${path}'`);
    }
    expect(latest).toContain(`'{"Item":' || image || '}' AS line`);
  });
});
