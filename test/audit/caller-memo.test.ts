import { expect, it } from 'vitest';
import { parseCaller } from '../../lib/audit/caller.ts';
import { CallerMemo } from '../../lib/audit/caller-memo.ts';
import { isJsonObject, type JsonObject, objectAt } from '../../lib/json.ts';
import { roleUser } from '../builders/audit-event.ts';
import { worldNumbers } from '../builders/chance.ts';
import { generateWorld } from '../oracle/world.ts';

const ALICE: JsonObject = roleUser({ session: 'alice@example.com' });
const extra = (values: object): JsonObject => ({ ...ALICE, extra: { ...objectAt(ALICE, 'extra'), ...values } });

/** Users with the same username and key as Alice, each different in one thing. */
const LIKE_ALICE: readonly JsonObject[] = [
  { ...ALICE, uid: 'other' },
  { ...ALICE, uid: undefined },
  { ...ALICE, groups: ['system:masters'] },
  { ...ALICE, groups: 'system:masters' },
  { ...ALICE, groups: [] },
  { ...ALICE, extra: { accessKeyId: objectAt(ALICE, 'extra')?.accessKeyId } },
  extra({ sessionName: ['bob'] }),
  extra({ sessionName: 'bob' }),
  extra({ sessionName: [['alice@example.com']] }),
  extra({ arn: ['arn:aws:sts::111122223333:assumed-role/Admin/bob'] }),
  extra({ sessionName: undefined, SESSIONNAME: ['carol'], SessionName: ['dave'] }),
  extra({ sessionName: undefined, SessionName: ['dave'], SESSIONNAME: ['carol'] }),
  extra({ ['__proto__']: ['x'] }),
];

it('every user gets the caller that the parser reads, whoever came before', () => {
  const memo = new CallerMemo();
  for (let round = 0; round < LIKE_ALICE.length; round += 1) {
    for (const user of [...LIKE_ALICE.slice(round), ALICE, ...LIKE_ALICE]) {
      expect(memo.read(structuredClone(user))).toEqual(parseCaller(user));
    }
  }
});

it('the users of any world get the caller that the parser reads', () => {
  const memo = new CallerMemo();
  for (const seed of worldNumbers(20, 2_000)) {
    for (const event of generateWorld(seed).audit) {
      const user = isJsonObject(event) ? objectAt(event, 'user') : undefined;
      if (user !== undefined) expect(memo.read(user)).toEqual(parseCaller(user));
    }
  }
});

it('equal users share one caller, also where several clusters know them by other groups', () => {
  const memo = new CallerMemo();
  const [one, other] = [ALICE, { ...ALICE, groups: ['other'] }].map((user) => memo.read(user));
  expect(memo.read(structuredClone(ALICE))).toBe(one);
  expect(memo.read({ ...ALICE, groups: ['other'] })).toBe(other);
  expect(one).not.toBe(other);
});
