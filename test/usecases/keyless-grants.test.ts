import { expect, it } from 'vitest';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { overFiles } from './pasted-world.ts';

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
