import type { AnythingAnswer, SessionsOutcome } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY } from '../builders/company.ts';
import { keyId } from '../builders/ids.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import type { PastedWorld } from '../usecases/pasted-world.ts';

/** The latest event of the data. The clock of the service is 18 hours later. */
const LATEST = '2026-03-09T20:00:00Z';
/** The times of two requests: 23 and 25 hours before the latest event. */
const WITHIN = '2026-03-08T21:00:00Z';
export const BEFORE = '2026-03-08T19:00:00Z';
export const BOBS_KEY = keyId('ASIABOBSSESSION00003');

/** Returns a session of an hour with one request to a pod, in the middle of it. */
function sessionOf(
  name: string,
  {
    at,
    key,
    role,
    by = name,
  }: { readonly at: string; readonly key: string; readonly role: string; readonly by?: string },
) {
  const minutesFrom = (minutes: number) => new Date(Date.parse(at) + minutes * 60_000).toISOString();
  const [issued, until] = [minutesFrom(-30), minutesFrom(30)];
  const of = {
    session: name,
    key: keyId(key),
    roleName: role,
    roleId: `AROA${role.toUpperCase()}0000000001`.slice(0, 20),
  };
  const grants = [grant({ id: `${name}-${at}`, by: iamUser(by), at: issued, until, ...of })];
  const user = roleUser({ ...of, username: `${role}:${name}` });
  const objectRef = { resource: 'pods', namespace: 'shop', name: `pod-of-${name}`, apiVersion: 'v1' };
  const requestURI = `/api/v1/namespaces/shop/pods/pod-of-${name}`;
  const event = eventBy(user, {
    auditID: `${name}-${at}`,
    requestReceivedTimestamp: at,
    stageTimestamp: at,
    requestURI,
    objectRef,
  });
  return { grants, events: [event] };
}

const SESSIONS = [
  sessionOf('alice', { at: LATEST, key: KEY, role: 'operator' }),
  sessionOf('carol', { at: WITHIN, key: ANOTHER_KEY, role: 'operator' }),
  sessionOf('bob', { at: BEFORE, key: BOBS_KEY, role: 'retired' }),
];
export const LAST_DAYS = worldOf(SESSIONS);

/** The same, and an event that another account forged, with a time that is long in the future. */
export const WITH_FUTURE: PastedWorld = {
  ...LAST_DAYS,
  foreign: sessionOf('forger', { at: '2099-03-09T20:00:00Z', key: 'ASIAFORGED0000000009', role: 'forger' }).events,
};

/** The same, and a role with the name of the person who was seen only before, used by alice at the latest event. */
export const NAMED_AS_BEFORE = worldOf([
  ...SESSIONS,
  sessionOf('alice', { at: LATEST, key: 'ASIAALICEINROLE00004', role: 'bob' }),
]);

/** The same, and a session with the name of the pod that alice read. */
export const NAMED_AS_POD = worldOf([
  ...SESSIONS,
  sessionOf('pod-of-alice', { at: WITHIN, key: 'ASIANAMEDLIKEAPOD005', role: 'deployer' }),
]);

/** The same, and a session that carol named alice. */
export const NAMED_AS_ANOTHER = worldOf([
  ...SESSIONS,
  sessionOf('alice', { at: WITHIN, key: 'ASIACAROLASALICE0006', role: 'deployer', by: 'carol' }),
]);

export const INSTANCE = 'i-0a1b2c3d4e5f60718';

/** The same, and a session of a node's role. */
export const WITH_NODE = worldOf([
  ...SESSIONS,
  sessionOf(INSTANCE, { at: WITHIN, key: 'ASIAOFTHENODEROLE007', role: 'node', by: 'carol' }),
]);

function worldOf(sessions: readonly ReturnType<typeof sessionOf>[]): PastedWorld {
  return { grants: sessions.flatMap(({ grants }) => grants), events: sessions.flatMap(({ events }) => events) };
}

export function listOf({ found }: AnythingAnswer): SessionsOutcome {
  const [outcome] = found.map((each) => each.outcome);
  if (outcome?.kind !== 'sessions') throw new Error(`no list: ${JSON.stringify(outcome)}`);
  return outcome;
}

export function namesIn({ sessions }: Pick<SessionsOutcome, 'sessions'>) {
  return sessions.map(({ attribution: { actor } }) => actor?.name);
}

/** Returns the answer about a name in the words of the contract's example. */
export function lastDayWords(answer: AnythingAnswer): string {
  if (answer.found[0]?.outcome.kind === 'not-known') return 'not known';
  const list = listOf(answer);
  if (list.sessions.length > 0) return namesIn(list).join(', ');
  return list.earlier === undefined ? 'none' : 'none, seen before';
}
