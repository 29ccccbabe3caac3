import { expect, it } from 'vitest';
import { anythingBody } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { grant } from '../builders/trail-records.ts';
import { overFiles, overService } from './pasted-world.ts';

/** Access keys recur (FACTS): alice's of the morning is that of an unidentified session at noon. */
const WORLD = {
  grants: [grant({ session: 'deploy', at: utc('08:00:00'), until: utc('09:00:00') })],
  events: [
    eventBy(roleUser({ session: 'deploy' }), { auditID: 'morning', requestReceivedTimestamp: utc('08:10:00') }),
    eventBy(roleUser({ session: 'deploy' }), { auditID: 'noon' }),
    eventBy(roleUser({ session: 'nightly' }), { auditID: 'afternoon', requestReceivedTimestamp: utc('13:10:00') }),
  ],
};

it.each([
  ['files', overFiles],
  ['the service', overService],
])('the sessions of a role have unidentified ones, also with a key that a grant issued, over %s', async (_, over) => {
  for (const role of [ROLE_NAME, ROLE_ID]) {
    const body = anythingBody(await over(WORLD, role));
    const deploy = { session: `${ROLE_ID}:deploy`, accessKeyId: KEY };
    expect(body).toMatchObject({
      sessions: [
        { session: `${ROLE_ID}:nightly`, accessKeyId: KEY, attribution: { status: 'unattributed' } },
        { ...deploy, attribution: { status: 'unattributed' } },
        { ...deploy, attribution: { status: 'attributed', actor: { name: 'alice' } } },
      ],
    });
  }
});
