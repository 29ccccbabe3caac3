import { expect, it } from 'vitest';
import { type AnythingAnswer, anythingBody } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ROLE_ARN, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { overFiles, overService } from './pasted-world.ts';

/** A redacted export has no access keys. All grants of a name are compared for each session of it. */
it('attributes a hundred sessions of one name without a key, and says how many more there are', async () => {
  const grants = Array.from({ length: 130 }, (_, at) =>
    grant({
      id: `grant-${at}`,
      by: iamUser(`user-${at % 3}`),
      session: 'deploy',
      key: null,
      at: utc(`12:00:${10 + (at % 50)}`),
    }),
  );
  const { found } = await overFiles({ grants, events: [] }, 'deploy', false);
  expect(found).toMatchObject([
    { outcome: { kind: 'sessions', sessions: { length: 100 }, note: expect.stringContaining('30 earlier sessions') } },
  ]);
});

/** Grants of one name without a key, each of another person. */
function grantsOfMany(count: number) {
  return Array.from({ length: count }, (_, at) =>
    grant({ id: `grant-${at}`, by: iamUser(`user-${100 + at}`), session: 'deploy', key: null, at: utc('12:00:10') }),
  );
}

function sessionsOf({ found }: AnythingAnswer) {
  return found.flatMap(({ outcome }) => (outcome.kind === 'sessions' ? outcome.sessions : []));
}

it('lists a few candidates of each session, and says how many more there are', async () => {
  const answer = await overFiles({ grants: grantsOfMany(120), events: [] }, 'deploy', false);
  const sessions = sessionsOf(answer);
  expect(sessions).toHaveLength(100);
  for (const { attribution } of sessions) {
    expect(attribution.candidates).toHaveLength(10);
    expect(attribution).toHaveProperty('candidatesLeftOut', 110);
  }
  expect(JSON.stringify(anythingBody(answer)).length).toBeLessThan(1_000_000);
});

it('lists a few candidates of each recorded session, too', async () => {
  const events = [eventBy(roleUser({ session: 'deploy', key: null }))];
  const sessions = sessionsOf(await overService({ grants: grantsOfMany(12), events }, ROLE_ARN));
  expect(sessions.map(({ attribution }) => attribution.candidates?.length)).toEqual([10]);
  expect(sessions).toMatchObject([{ attribution: { candidatesLeftOut: 2 } }]);
});
