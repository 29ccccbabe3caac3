import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { answerOf } from '../builders/answer.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { roleSession, samlUser } from '../builders/trail-callers.ts';
import { callBy, type GrantOptions, grant } from '../builders/trail-records.ts';
import { ALICES_KEY, JUMP, SSO_PROVIDER } from '../evidence/cast.ts';

const OWN = 'arn:aws:identitystore::111122223333:identitystore/d-1234567890';
const FOREIGN = 'arn:aws:identitystore::444455556666:identitystore/d-0987654321';
const BOB = 'bob@example.com';
const FOREIGN_BOB = `${BOB} (d-0987654321 of 444455556666)`;

/** A directory has a bob, and he acts by a session of this key. */
function bobOf(identityStoreArn: string, key: string): readonly object[] {
  const onBehalfOf = { userId: '92a51494-6011-70e5-b0b0-0000000000b0', identityStoreArn };
  const session = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session: 's', key });
  return [
    callBy({ type: 'IdentityCenterUser', userName: BOB, onBehalfOf }, { eventTime: utc('11:00:00') }),
    callBy({ ...session, onBehalfOf }),
  ];
}
const TRAIL = [...bobOf(OWN, KEY), ...bobOf(FOREIGN, ANOTHER_KEY)];
const EVENTS = [KEY, ANOTHER_KEY].map((key) => eventBy(roleUser({ session: 's', key }), { auditID: key }));

async function run(folder: Folder, options: readonly string[], records: readonly object[] = TRAIL) {
  const lines = (values: readonly object[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const audit = folder.file('audit.jsonl', lines(EVENTS));
  const cloudtrail = folder.file('trail.jsonl', lines(records));
  return runCommand(['attribute', '--audit', audit, '--cloudtrail', cloudtrail, ...options]);
}

/** Returns the audit IDs of the records, after the exit status: 3 if a name means several people. */
async function idsBy(...options: readonly string[]): Promise<readonly (number | string)[]> {
  using folder = new Folder();
  const { output, status } = await run(folder, options);
  const ids = output.split('\n').flatMap((line) => (line === '' ? [] : String(JSON.parse(line).auditId)));
  return [Number(status), ...ids];
}

const THIRD_KEY = 'ASIAEXAMPLETHIRDKEY1';
/** Records in which a user of the directory assumes the role, signs in through Identity Center, or requests a token. */
const WAYS: readonly (readonly [way: string, records: (identityStoreArn: string) => readonly JsonObject[]])[] = [
  ['an Identity Center user', (store) => [grant({ by: centerUser(store), key: THIRD_KEY })]],
  [
    'the caller of a first hop',
    (store) => [
      grant({ id: 'hop', by: centerUser(store), ...JUMP, key: ALICES_KEY }),
      grant({ by: roleSession({ ...JUMP, key: ALICES_KEY }), key: THIRD_KEY }),
    ],
  ],
  ['a sign-in through Identity Center', (store) => [grant({ ...SIGN_IN, by: samlBob(store), key: THIRD_KEY })]],
];

function centerUser(identityStoreArn: string): JsonObject {
  return {
    type: 'IdentityCenterUser',
    accountId: ACCOUNT,
    userName: BOB,
    onBehalfOf: { userId: 'b0', identityStoreArn },
  };
}

function samlBob(identityStoreArn: string): JsonObject {
  return { ...samlUser(BOB, SSO_PROVIDER), onBehalfOf: { userId: 'b0', identityStoreArn } };
}

const SIGN_IN: GrantOptions = {
  eventName: 'AssumeRoleWithSAML',
  path: '/aws-reserved/sso.amazonaws.com/',
  request: { principalArn: SSO_PROVIDER },
};

describe.each(WAYS)('%s', (way, recordsOf) => {
  const isSignIn = way.startsWith('a sign-in');
  const answer = (store: string, stores: readonly string[]) =>
    answerOf({ event: eventBy(roleUser({ key: THIRD_KEY })), records: recordsOf(store), stores });
  const withDirectory = { name: BOB, knownAs: FOREIGN_BOB, directory: 'd-0987654321' };

  it('of another account’s directory is shown with it, and flagged if you listed yours', () => {
    const foreign = answer(FOREIGN, [OWN]);
    expect(foreign).toMatchObject({ status: 'attributed', actor: withDirectory, flags: ['foreign-identity-store'] });
    expect(answer(FOREIGN, ['d-1234567890']).flags).toEqual(['foreign-identity-store']);
  });

  it('of your own directory is shown by name, without a flag', () => {
    const own = answer(OWN, [OWN]);
    expect(own).toMatchObject({ status: 'attributed', actor: { name: BOB, directory: 'd-1234567890' }, flags: [] });
    expect(own.actor?.knownAs).toBeUndefined();
  });

  it('is shown with the directory if you listed none, unless only your organization can have it', () => {
    const { actor, flags } = answer(FOREIGN, []);
    expect([actor?.knownAs, flags]).toEqual([isSignIn ? undefined : FOREIGN_BOB, []]);
  });
});

describe('your own directories of Identity Center, over files', () => {
  it('share names with people of other directories, who are searched by the name with the directory, or by the flag', async () => {
    for (const store of ['d-1234567890', OWN]) {
      const own = ['--identity-store', store];
      expect(await idsBy(...own, '--actor', BOB)).toEqual([3, KEY, ANOTHER_KEY]);
      expect(await idsBy(...own, '--actor', FOREIGN_BOB)).toEqual([0, ANOTHER_KEY]);
      expect(await idsBy(...own, '--flag', 'foreign-identity-store')).toEqual([0, ANOTHER_KEY]);
    }
  });

  it('must be configured: otherwise each person is called with the directory', async () => {
    expect(await idsBy('--actor', BOB)).toEqual([3, KEY, ANOTHER_KEY]);
    expect(await idsBy('--actor', FOREIGN_BOB)).toEqual([0, ANOTHER_KEY]);
    expect(await idsBy('--flag', 'foreign-identity-store')).toEqual([0]);
  });

  it.each(['table', 'wide', 'csv'])('have no strangers: one stands with the directory, as %s', async (format) => {
    using folder = new Folder();
    const trail = [grant({ by: centerUser(FOREIGN), session: 's', key: KEY })];
    const { output } = await run(folder, ['--identity-store', OWN, '-o', format], trail);
    expect(output).toContain('d-0987654321');
  });

  it('are read from the file of a deployment', async () => {
    using folder = new Folder();
    const config = folder.file('eks-whois.yaml', `identityStores: [${OWN}]\n`);
    const { output } = await run(folder, ['--config', config, '--flag', 'foreign-identity-store']);
    expect(output.trim().split('\n')).toHaveLength(1);
  });

  it('have people who are counted by name, and are in the printed commands', async () => {
    using folder = new Folder();
    const { output, errors } = await run(folder, ['--identity-store', OWN, '--actor', BOB, '-o', 'table']);
    expect(output).toContain(BOB);
    expect(output).not.toContain('d-1234567890');
    expect(errors).toMatch(
      /eks-whois incident .*--identity-store arn:aws:identitystore::111122223333:identitystore\/d-1234567890/,
    );
  });

  it.each(['d-12', 'D-1234567890', 'arn:aws:identitystore::1:identitystore/d-1234567890'])(
    'are refused if they are not valid: %s',
    async (store) => {
      using folder = new Folder();
      const { status, errors } = await run(folder, ['--identity-store', store]);
      expect([status, errors]).toEqual([
        2,
        expect.stringContaining(`"${store}" is not the ID of an identity store. Give the ID (d-1234567890)`),
      ]);
    },
  );
});
