import { type Draft, writeRecord, writeRoleGrant, writeUse } from './calls.ts';
import { BASE, callTime, iso, MINUTE, SECOND } from './clock.ts';
import type { Draw } from './draw.ts';
import { assumedRole, iamUser } from './identities.ts';
import {
  ACCOUNTS,
  AWS_SSO,
  FOREIGN_STORE,
  IDENTITY_STORE,
  type Json,
  NAMES,
  PEOPLE,
  RESERVED,
  USER_IDS,
  USERS,
} from './pools.ts';

/** Users are renamed, deleted and made again, and get names that others had: before the events, between them and after them. */

const MARRIED = 'married@example.com';
const OTHER_NAMES = ['alice', 'Alice', 'bob', 'eksgettokenauth', 'alice-2024', ...PEOPLE] as const;

/** Writes a change of users by IAM: with an ID of the pools where a user is made. Some calls are denied and change nothing. */
export function iamChangesUsers(draft: Draft): void {
  const { draw } = draft;
  const userName = draw.pick([...OTHER_NAMES, ...NAMES]);
  const newUserName = draw.pick(OTHER_NAMES);
  const user = { userName, userId: draw.pick(USERS.map(({ id }) => id)), path: '/' };
  const change = draw.pick<Json>([
    { eventName: 'CreateUser', requestParameters: { userName }, responseElements: { user } },
    { eventName: 'UpdateUser', requestParameters: { userName, newUserName }, responseElements: null },
    { eventName: 'UpdateUser', requestParameters: { userName, newUserName }, responseElements: null },
    { eventName: 'UpdateUser', requestParameters: { userName, newPath: '/people/' }, responseElements: null },
    { eventName: 'DeleteUser', requestParameters: { userName }, responseElements: null },
    { eventName: 'DeleteUser', requestParameters: { userName }, responseElements: null },
  ]);
  const recipient = draw.chance(0.7) ? { recipientAccountId: draw.pick(ACCOUNTS) } : {};
  const denied = draw.chance(0.1) ? { errorCode: 'AccessDenied' } : {};
  const by = { eventSource: 'iam.amazonaws.com', userIdentity: iamUser(draw) };
  writeRecord(draft, { ...by, ...change, ...recipient, ...denied, eventTime: changeTime(draw) });
}

/** Writes an IAM user's calls under the names that the user had. Perhaps the user is deleted then. */
export function userIsRenamed(draft: Draft): void {
  const { draw } = draft;
  const user = draw.pick(USERS);
  const names = [draw.pick([user.name, ...OTHER_NAMES]), draw.pick([user.name, ...OTHER_NAMES])];
  for (const name of names) {
    const userIdentity = iamUser(draw, { ...user, name });
    const call = { eventName: 'DescribeCluster', eventSource: 'eks.amazonaws.com', eventTime: changeTime(draw) };
    writeRecord(draft, { ...call, userIdentity });
  }
  if (!draw.chance(0.4)) return;
  const call = { eventName: 'DeleteUser', eventSource: 'iam.amazonaws.com', eventTime: iso(BASE + 3 * MINUTE) };
  const request = { requestParameters: { userName: draw.pick(names) }, recipientAccountId: user.account };
  writeRecord(draft, { ...call, ...request, userIdentity: iamUser(draw) });
}

/** Writes calls of a directory's user, to whom an administrator may give another's name between them. */
export function personIsRenamed(draft: Draft): void {
  const { draw } = draft;
  const userId = USER_IDS[draw.pick(PEOPLE)];
  for (let seen = 0; seen < 2; seen += 1) {
    const identityStoreArn = draw.pick([IDENTITY_STORE, IDENTITY_STORE, FOREIGN_STORE, undefined]);
    const userName = draw.pick([...PEOPLE, MARRIED]);
    writeSighting(draft, userName, { userId, ...(identityStoreArn && { identityStoreArn }) }, changeTime(draw));
  }
}

/** Writes a session whose person is renamed while it lasts. The grant states the former name, and a use of its key the ID. */
export function personIsRenamedInSession(draft: Draft): void {
  const { draw } = draft;
  const userName = draw.pick(PEOPLE);
  const onBehalfOf = { userId: USER_IDS[userName], identityStoreArn: IDENTITY_STORE };
  const caller = { type: 'SAMLUser', principalId: `kxq3vbzfakeprovider=:${userName}`, userName };
  const signIn = { eventName: 'AssumeRoleWithSAML', request: { principalArn: AWS_SSO } };
  const session = writeRoleGrant(draft, { caller, role: RESERVED, name: userName, ...signIn });
  const renamed = session.at + draw.pick([-1, 1, 30, 400]) * SECOND;
  writeSighting(draft, userName, onBehalfOf, iso(session.at - 300 * MINUTE));
  writeSighting(draft, draw.pick([MARRIED, MARRIED, ...PEOPLE]), onBehalfOf, iso(renamed));
  writeUse(draft, session, session.key);
  const use = draft.records.at(-1);
  if (use) use.userIdentity = { ...assumedRole(draw, session), onBehalfOf };
}

function writeSighting(draft: Draft, userName: string, onBehalfOf: Json, eventTime: string): void {
  const userIdentity = { type: 'IdentityCenterUser', userName, onBehalfOf };
  writeRecord(draft, { eventName: 'CreateToken', eventSource: 'sso.amazonaws.com', eventTime, userIdentity });
}

function changeTime(draw: Draw): string {
  if (draw.chance(0.03)) return 'noon';
  if (draw.chance(0.4)) return iso(callTime(draw) + draw.pick([0, 1, 30, 300]) * SECOND);
  return iso(BASE + draw.pick([-100_000, -90, -30, -20, -1, 0, 2, 4, 5, 20, 100_000]) * MINUTE);
}
