import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { anythingBody } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_NAME } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { namedIn, overFiles, overService } from './pasted-world.ts';

const OTHER_ROLE = { roleName: 'other', roleId: 'AROAOTHER00000000001' };
const ALICE = { session: 'alice', key: KEY };

/** The key of the line is of mallory's session. */
function worldOf(mallorys: { readonly session: string; readonly roleName?: string; readonly roleId?: string }) {
  const sessions = [ALICE, { ...mallorys, key: ANOTHER_KEY }];
  return {
    grants: [grant({ ...ALICE }), grant({ ...mallorys, key: ANOTHER_KEY, by: iamUser('mallory') })],
    events: sessions.map((session, at): JsonObject => eventBy(roleUser(session), { auditID: `audit-${at}` })),
  };
}

function line(name: string, session: string, key: string): string {
  return `${name}="arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/${session}" accessKeyId="${key}"`;
}

describe.each([
  ['files', overFiles],
  ['the service', overService],
])('a line with the ARN of a session, an access key and no uid, over %s', (_, over) => {
  it.each(['user', 'arn'])('names the person if the key is of that session, by %s', async (name) => {
    expect(namedIn(await over(worldOf({ session: 'mallory' }), line(name, 'alice', KEY)))).toEqual(['alice']);
  });

  it.each([
    ['another session', { session: 'mallory' }, 'alice'],
    ['another role', { session: 'alice', ...OTHER_ROLE }, 'alice'],
    ['a session whose name a username could show in another form', { session: 'mallory' }, 'alice-a'],
    ['a session of an unknown role', { session: 'mallory', ...OTHER_ROLE }, 'alice'],
  ])('names no single caller if the key is of %s', async (_what, mallorys, session) => {
    const answer = await over(worldOf(mallorys), line('user', session, ANOTHER_KEY));
    expect(namedIn(answer)).toEqual([]);
    expect(JSON.stringify(anythingBody(answer))).toMatch(/access-key-contradicts-session|at most a candidate/);
  });

  it('says so if the role is not known', async () => {
    const { grants, events } = worldOf({ session: 'mallory', ...OTHER_ROLE });
    const answer = await over({ grants: grants.slice(1), events: events.slice(1) }, line('user', 'alice', ANOTHER_KEY));
    expect(anythingBody(answer)).toMatchObject({
      attribution: { status: 'ambiguous', candidates: [{ actor: { name: 'mallory' } }] },
      note: expect.stringContaining('at most a candidate'),
    });
  });
});
