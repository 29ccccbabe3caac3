import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import { auditEvent, bareRoleUser, iamUserOfCluster, roleUser } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';
import { ACCOUNT, OTHER_ACCOUNT, ROLE_ARN, ROLE_ID, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { ALICES_KEY, alices, MALLORYS_KEY, mallorys, SHARED } from '../evidence/cast.ts';
import { auditPayload, recordsOverFiles } from '../evidence/over-files.ts';
import { settingsOf } from '../evidence/settings.ts';
import type { SeenRecord } from '../evidence/verdict.ts';
import { comparableRecords, fed } from '../model/feeding.ts';
import { instant } from '../usecases/service.ts';

/**
 * Two copies of an event that differ in one field of the caller or of the impersonated user. Whoever is named must not depend on
 * which copy comes first, unless both records say that they conflict.
 */

const CREDENTIAL = 'authentication.kubernetes.io/credential-id';
const PINNIPED = 'original-user-info.impersonation-proxy.concierge.pinniped.dev';
const OIDC_PROXY = 'originaluser.jetstack.io';
const PROXY = 'system:serviceaccount:pinniped:proxy';
const OTHER_ROLE = `arn:aws:iam::${OTHER_ACCOUNT}:role/project-admin`;
const SETTINGS = settingsOf({
  proxies: [PROXY, 'oidc-proxy', OTHER_ROLE],
  templates: [`${ROLE_ARN}=admin:{{SessionName}}`],
});
const ofRole = (account: string, session: string) => `arn:aws:sts::${account}:assumed-role/project-admin/${session}`;

/** CloudTrail's records: sessions of two people, by key and by name, and keys of direct callers. */
const TRAIL = [
  alices(),
  mallorys(),
  grant({ id: 'a', session: 'alice-2026-03', key: 'ASIAALICESECOND00001' }),
  grant({ id: 'm', by: iamUser('mallory'), session: 'mallory-2026', key: 'ASIAMALLORYSECOND001' }),
];

/** The values of each text field of a user block, by its path. Each value can lead to somebody. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  uid: [
    `aws-iam-authenticator:${ACCOUNT}:${ROLE_ID}`,
    `aws-iam-authenticator:${ACCOUNT}:AIDAALICE00000000001`,
    `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`,
    `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}:bob`,
    'oidc-carol',
  ],
  username: ['admin:alice-2026-03', 'admin:mallory-2026', 'carol@example.com', PROXY, 'system:serviceaccount:shop:web'],
  'extra.accessKeyId': [ALICES_KEY, MALLORYS_KEY, 'ASIAOTHER00000000001'],
  'extra.arn': [
    ofRole(ACCOUNT, SHARED),
    ofRole(ACCOUNT, 'mallory-2026'),
    ofRole(OTHER_ACCOUNT, SHARED),
    `arn:aws:iam::${ACCOUNT}:user/alice`,
    `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
  ],
  'extra.canonicalArn': [ROLE_ARN, OTHER_ROLE],
  'extra.sessionName': [SHARED, 'alice-2026-03', 'mallory-2026'],
  'extra.principalId': [ROLE_ID, 'AROAOTHER000000000001'],
  [`extra.${CREDENTIAL}`]: ['JTI=1', 'JTI=2'],
  'extra.authentication.kubernetes.io/pod-name': ['web-0', 'web-1'],
  'extra.authentication.kubernetes.io/pod-uid': ['p-1', 'p-2'],
  'extra.authentication.kubernetes.io/node-name': ['n-1', 'n-2'],
};
const userInfo = (username: string, fields: JsonObject = {}) => JSON.stringify({ username, uid: 'u-1', ...fields });
const IMPERSONATED: Readonly<Record<string, readonly string[]>> = {
  username: ['admin', 'carol@example.com', 'system:admin'],
  uid: ['u-1', 'u-2'],
  [`extra.${PINNIPED}`]: [
    userInfo('carol@example.com'),
    userInfo('dora@example.com'),
    userInfo('carol@example.com', { uid: 'u-2' }),
    userInfo('carol@example.com', { groups: ['staff'], extra: { email: ['carol@example.com'] } }),
  ],
  [`extra.${OIDC_PROXY}-user`]: ['carol@example.com', 'dora@example.com'],
  [`extra.${OIDC_PROXY}-uid`]: ['u-1', 'u-2'],
  [`extra.${OIDC_PROXY}-groups`]: ['staff', 'ops'],
};

/** Callers as clusters of several years write them. */
const USERS: readonly JsonObject[] = [
  roleUser({ session: SHARED, key: ALICES_KEY }),
  roleUser({ session: 'alice-2026-03', key: null }),
  { ...roleUser({ session: null, key: null }), extra: { sessionName: ['alice-2026-03'] } },
  bareRoleUser('admin:alice-2026-03'),
  bareRoleUser('admin:alice-2026-03', { key: ALICES_KEY }),
  iamUserOfCluster('AKIAALICE00000000001'),
  { uid: `aws-iam-authenticator:${ACCOUNT}:${ACCOUNT}`, username: 'admin' },
  { username: PROXY },
  { username: 'oidc-proxy' },
  { username: 'carol@example.com', uid: 'oidc-carol' },
  {},
];

interface Copies {
  readonly field: string;
  readonly events: readonly [JsonObject, JsonObject];
}

/** Returns the block with this value in the field. Behind `extra.` stands one key, which may contain dots. */
function withValue(user: JsonObject, field: string, value: string): JsonObject {
  if (!field.startsWith('extra.')) return { ...user, [field]: value };
  const extra = isJsonObject(user.extra) ? user.extra : {};
  return { ...user, extra: { ...extra, [field.slice('extra.'.length)]: [value] } };
}

function copiesOf(block: 'user' | 'impersonatedUser', values: Readonly<Record<string, readonly string[]>>) {
  const fields = fc.constantFrom(...Object.keys(values)).chain((field) => {
    const pair = fc.shuffledSubarray([...(values[field] ?? [])], { minLength: 2, maxLength: 2 });
    return fc.tuple(fc.constant(field), pair);
  });
  const impersonated = fc.constantFrom<JsonObject | undefined>(undefined, {}, { username: 'admin' });
  return fc
    .tuple(fields, fc.constantFrom(...USERS), impersonated)
    .map(([[field, [one = '', other = '']], user, impersonatedUser]): Copies => {
      const base = { user, impersonatedUser };
      const event = (value: string) =>
        auditEvent({ ...base, [block]: withValue(base[block] ?? { username: 'admin' }, field, value) });
      return { field: `${block}.${field}`, events: [event(one), event(other)] };
    });
}

const overFiles = (events: readonly JsonObject[]) =>
  recordsOverFiles({
    audit: events.map((event) => auditPayload([event], 'prod-1')),
    cloudtrail: TRAIL,
    settings: SETTINGS,
  });

async function overService(events: readonly JsonObject[]): Promise<readonly SeenRecord[]> {
  const steps = events.map((event, at) => ({ events: auditPayload([event], 'prod-1'), id: `delivery-${at}` }));
  const { stores } = await fed([{ trail: TRAIL }, ...steps], { settings: SETTINGS, start: instant(utc('12:21:00')) });
  return stores.records.all().map(({ record }) => JSON.parse(JSON.stringify(record)) as SeenRecord);
}

const isFlagged = ({ attribution }: SeenRecord) => attribution.flags.includes('conflicting-copies');
const attributionsOf = (records: readonly SeenRecord[]) =>
  comparableRecords(records.map(({ auditId, attribution }) => ({ auditId, attribution })));

it('copies that differ in one field name the same, whichever comes first, or both have the flag', async () => {
  const drawn = fc.oneof(copiesOf('user', VALUES), copiesOf('impersonatedUser', IMPERSONATED));
  await fc.assert(
    fc.asyncProperty(drawn, async ({ field, events: [one, other] }) => {
      for (const recordsOf of [overFiles, overService]) {
        const records = await recordsOf([one, other]);
        const turned = await recordsOf([other, one]);
        expect(attributionsOf(turned), field).toEqual(attributionsOf(records));
        expect(records.filter(isFlagged).length, field).toBe(records.length === 1 ? 0 : 2);
        const alone = await Promise.all([one, other].map((event) => recordsOf([event])));
        const [first, second] = alone.map(attributionsOf);
        if (records.length === 1) expect(first, field).toEqual(second);
      }
    }),
    { numRuns: cases(150) },
  );
});
