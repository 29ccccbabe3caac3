import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditRecordShape } from '../../lib/adapters/dynamodb/record-shape.ts';
import { read } from '../../lib/adapters/dynamodb/shape.ts';
import type { Actor } from '../../lib/attribution/actor.ts';
import {
  type GrantLink,
  METHODS,
  type ShowingUse,
  type TokenLink,
  type UseLink,
} from '../../lib/attribution/attribution.ts';
import { STATUSES } from '../../lib/attribution/reasons.ts';
import { ACTOR_KINDS } from '../../lib/attribution/stated-actor.ts';
import { CALLER_KINDS } from '../../lib/audit/caller.ts';
import type { KeptRecord, StoredAttribution } from '../../lib/claims/kept-record.ts';
import { roleIdOf } from '../../lib/identity/arn.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import { isJsonObject } from '../../lib/json.ts';
import { attributeFiles, Folder, REPOSITORY } from '../builders/command.ts';
import { keyId } from '../builders/ids.ts';
import { codeBlocks, documentOf, tableRows } from './document.ts';

const DOCUMENT = documentOf('docs/record.md');

/** The type checker holds it against the record's type: a new field must be here. */
type Whole<T> = T extends string | number | boolean
  ? T
  : T extends readonly (infer E)[]
    ? readonly [Whole<E>]
    : { readonly [K in keyof T]-?: Whole<Exclude<T[K], undefined>> };

const ACTOR: Whole<Actor> = {
  kind: 'iam-user',
  id: 'i',
  idBasis: 'principal',
  samePerson: ['i'],
  name: 'n',
  nameToday: 'n',
  accountId: '1',
  principalId: 'p',
  arn: 'a',
  sessionName: 's',
  sourceIdentity: 's',
  provider: 'p',
  nameIdFormat: 'f',
  userId: 'u',
  directory: 'd',
  roleArn: 'a',
  knownAs: 'k',
  workload: 'w',
  uid: 'u',
  delegate: { accountId: '1' },
};
const GRANT: Whole<GrantLink> = {
  eventName: 'AssumeRole',
  eventIds: ['e'],
  region: 'r',
  sourceIp: 'ip',
  userAgent: 'ua',
  roleArn: 'a',
  roleId: 'i',
  sessionName: 's',
  accessKeyId: 'k',
  callerAccessKeyId: 'l',
  issuedAt: 't',
  expiresAt: 't',
  joinedBy: 'access-key',
};
const TOKEN: Whole<TokenLink> = {
  eventName: 'TokenRequest',
  eventIds: ['e'],
  serviceAccount: 's',
  credentialId: 'c',
  issuedAt: 't',
  joinedBy: 'token',
};
const USE: Whole<UseLink> = { eventName: 'GetCallerIdentity', eventIds: ['e'], region: 'r', time: 't' };
const USES: readonly [Whole<ShowingUse>] = [{ shows: 'session-start', ...USE }];
/** All fields that an attribution can have: no single one has them all. */
const ATTRIBUTION: Whole<StoredAttribution> = {
  status: 'partial',
  method: 'access-key',
  provisional: false,
  reason: 'chain-loop',
  flags: ['impersonation'],
  actor: ACTOR,
  chain: [GRANT],
  use: USE,
  uses: USES,
  candidates: [{ actor: ACTOR, chain: [GRANT], use: USE, uses: USES }],
  candidatesLeftOut: 1,
};
const WHOLE: Whole<Omit<KeptRecord, 'attribution'>> & { readonly attribution: typeof ATTRIBUTION } = {
  schemaVersion: 1,
  auditId: auditIdOf('a'),
  stage: 's',
  time: 't',
  cluster: 'c',
  clusterArn: 'a',
  accountId: 'a',
  region: 'r',
  origin: { logGroup: 'g', logStream: 's', owner: 'o', handedOverBy: 'a' },
  request: { verb: 'v', uri: 'u', apiGroup: 'g', resource: 'r', subresource: 's', namespace: 'n', name: 'n' },
  action: {
    command: 'c',
    container: 'c',
    endedAt: 't',
    ports: [1],
    audiences: ['a'],
    expiresAt: 't',
    credentialId: 'c',
    boundTo: 'b',
    role: 'r',
    subjects: ['s'],
    subjectsLeftOut: 1,
  },
  response: { code: 200 },
  authorization: { decision: 'd', reason: 'r' },
  source: { ips: ['i'], userAgent: 'u' },
  caller: {
    kind: 'role-session',
    username: 'u',
    uid: 'u',
    groups: ['g'],
    accountId: '1',
    roleId: roleIdOf('r'),
    sessionName: 's',
    sessionNameFrom: 'username',
    accessKeyId: keyId('ASIAALICESESSION0001'),
    arn: 'a',
    canonicalArn: 'a',
    credentialId: 'c',
    pod: { name: 'n', uid: 'u', node: 'n' },
  },
  impersonated: { username: 'u', groups: ['g'], uid: 'u', first: { username: 'u', uid: 'u' }, original: 'o' },
  attribution: ATTRIBUTION,
};

/** Objects whose fields are documented each; `actor` and `chain` also have rows of their own. */
function pathsOf(value: unknown, path: string): string[] {
  const inner: unknown = Array.isArray(value) ? value[0] : value;
  if (path.startsWith('attribution.candidates.')) return [path];
  if (!isJsonObject(inner)) return [path];
  const own = path.startsWith('attribution.') ? [path] : [];
  return [
    ...own,
    ...Object.entries(inner).flatMap(([key, field]) => pathsOf(field, path === '' ? key : `${path}.${key}`)),
  ];
}

const words = (table: string) => tableRows(DOCUMENT, table).map(([word = '']) => word.replaceAll('`', ''));

test('the record in this test is valid, and has every field that its status can have', () => {
  const { candidates, candidatesLeftOut, ...partial } = ATTRIBUTION;
  expect(read(auditRecordShape, WHOLE, 'record')).toEqual({ ...WHOLE, attribution: partial });
  const { provisional, flags } = ATTRIBUTION;
  const ambiguous = { status: 'ambiguous', provisional, flags, candidates, candidatesLeftOut };
  const record = { ...WHOLE, attribution: { ...ATTRIBUTION, status: 'ambiguous' } };
  expect(read(auditRecordShape, record, 'record')).toEqual({ ...WHOLE, attribution: ambiguous });
});

test('every field of the record is in the document, and nothing else', () => {
  const documented = words('field');
  expect(documented.toSorted()).toEqual(pathsOf(WHOLE, '').toSorted());
  for (const row of tableRows(DOCUMENT, 'field')) expect(row, row[0]).toHaveLength(5);
  for (const row of tableRows(DOCUMENT, 'field'))
    expect(
      row.every((cell) => cell !== ''),
      row[0],
    ).toBe(true);
});

test('every field of a token in a chain is in the document, and nothing else', () => {
  expect(words('field of a token').toSorted()).toEqual(Object.keys(TOKEN).toSorted());
  for (const row of tableRows(DOCUMENT, 'field of a token')) expect(row, row[0]).toHaveLength(5);
});

test.each([
  ['attribution.status', STATUSES],
  ['attribution.method', METHODS],
  ['attribution.actor.kind', ACTOR_KINDS],
  ['caller.kind', CALLER_KINDS],
])('every value of %s is in the document, and no other', (table, values) => {
  expect(words(table).toSorted()).toEqual([...values].toSorted());
});

test('the whole record is what attribute prints, and the examples are taken from it', async () => {
  using folder = new Folder();
  const [audit, cloudtrail] = ['audit', 'cloudtrail'].map((name) => join(REPOSITORY, 'examples', name));
  const { records } = await attributeFiles(folder, { audit: [String(audit)], cloudtrail: [String(cloudtrail)] });
  const shown: unknown = JSON.parse(codeBlocks(DOCUMENT, 'json')[0] ?? '');
  expect(records).toContainEqual(shown);
  const hers = JSON.stringify(shown);
  for (const path of ['time', 'caller.username', 'source.ips', 'source.userAgent', 'caller.arn', 'request.uri']) {
    const [row] = tableRows(DOCUMENT, 'field').filter(([field]) => field === `\`${path}\``);
    const [, example = ''] = /`((?:20|cluster-|\[|kubectl|arn|\/api)[^`]+)`/.exec(row?.[2] ?? '') ?? [];
    expect(hers).toContain(example);
    expect(example).not.toBe('');
  }
});
