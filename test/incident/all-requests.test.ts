import { describe, expect, it } from 'vitest';
import { windowAround, withAllSessions } from '../../lib/usecases/incident/incident.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ANOTHER_KEY, KEY, ROLE_ID } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { overService, type PastedWorld, reportOverFiles } from '../usecases/pasted-world.ts';

const FIRST = '2026-03-07T09:05:00.000000Z';
const LAST = '2026-03-10T12:10:00.000000Z';
const BINDING = { resource: 'clusterrolebindings', name: 'ops', apiGroup: 'rbac.authorization.k8s.io' };

/** Alice created a binding in one session, and listed pods three days later in another one. */
const WORLD: PastedWorld = {
  grants: [
    grant({ id: 'g1', key: ANOTHER_KEY, at: '2026-03-07T09:00:00Z', until: '2026-03-07T10:00:00Z' }),
    grant({ id: 'g2', key: KEY, at: '2026-03-10T12:00:00Z' }),
  ],
  events: [
    eventBy(roleUser({ key: ANOTHER_KEY }), {
      auditID: 'bound',
      verb: 'create',
      requestURI: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      objectRef: BINDING,
      requestReceivedTimestamp: FIRST,
      stageTimestamp: FIRST,
    }),
    eventBy(roleUser({ key: KEY }), { auditID: 'listed', verb: 'list', requestReceivedTimestamp: LAST }),
  ],
};

/** A list of sessions needs no others. */
const NO_SESSIONS = { sessionsOfPerson: () => Promise.reject(new Error('asked for sessions')) };

describe('a report on somebody without a time', () => {
  it.each([
    ['a person', 'alice'],
    ['a session', `${ROLE_ID}:alice-session`],
    ['a role', 'project-admin'],
  ])('covers all requests of %s, and has the steps to undo the first', async (_, text) => {
    const { window, sections, next } = await reportOverFiles(WORLD, text);
    expect(window).toEqual({ from: '2026-03-07T08:05:00Z', to: '2026-03-10T13:10:00Z' });
    expect(sections[0]?.activity).toMatchObject({ requests: 2, first: FIRST, last: LAST });
    expect(sections[0]?.sessions.map(({ accessKeyId }) => accessKeyId)).toEqual([KEY, ANOTHER_KEY]);
    expect(next.map(({ command }) => command)).toContain('kubectl delete clusterrolebinding ops');
  });

  it('covers the same time over a service', async () => {
    const range = windowAround(await withAllSessions(await overService(WORLD, 'alice'), NO_SESSIONS), undefined, 0);
    expect([range?.from, range?.to].map((time) => time && new Date(time).toISOString())).toEqual([
      '2026-03-07T09:05:00.000Z',
      '2026-03-10T12:10:00.000Z',
    ]);
  });
});

it('a report on a long-term key covers its uses from the first to the last', async () => {
  const key = 'AKIAALICE0000000000A';
  const user = {
    username: 'alice',
    uid: 'aws-iam-authenticator:111122223333:AIDAALICE00000000001',
    extra: { accessKeyId: [key] },
  };
  const events = [FIRST, LAST].map((time, at) =>
    eventBy(user, { auditID: `use-${at}`, requestReceivedTimestamp: time, stageTimestamp: time }),
  );
  const { window } = await reportOverFiles({ grants: WORLD.grants, events }, key);
  expect(window).toEqual({ from: '2026-03-07T08:05:00Z', to: '2026-03-10T13:10:00Z' });
});
