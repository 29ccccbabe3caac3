import { describe, expect, it } from 'vitest';
import { anythingBody } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, KEY, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { overFiles, overService } from './pasted-world.ts';

/** The role was deleted and created again under its name: it has another ID since. */
const BEFORE = 'AROABEFOREPROJECT0001';
const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/deploy`;

const before = { session: 'deploy', key: KEY, roleId: BEFORE };
const since = { session: 'deploy', key: ANOTHER_KEY, roleId: ROLE_ID };

function worldOf(first: string, second: string) {
  return {
    grants: [
      grant({ ...before, by: iamUser(first), at: utc('10:00:00'), until: utc('11:00:00') }),
      grant({ ...since, by: iamUser(second) }),
    ],
    events: [
      eventBy(roleUser(before), { auditID: 'before', requestReceivedTimestamp: utc('10:10:00') }),
      eventBy(roleUser(since), { auditID: 'since' }),
    ],
  };
}

describe.each([
  ['files', overFiles],
  ['the service', overService],
])('a session’s ARN, of a role that was created again, over %s', (_, over) => {
  it('can be that of either role, and names no single caller', async () => {
    const body = anythingBody(await over(worldOf('alice', 'mallory'), ARN));
    expect(body).toMatchObject({
      attribution: { status: 'ambiguous', candidates: expect.anything() },
      note: expect.stringContaining(`${BEFORE}, ${ROLE_ID}`),
    });
    const named = JSON.stringify(body);
    expect([named.includes('user/alice'), named.includes('user/mallory')]).toEqual([true, true]);
  });

  it('names the person of a role that made no request to a cluster, also from an error line of AWS', async () => {
    const denied = `An error occurred (AccessDeniedException) when calling the DescribeCluster operation: User: ${ARN} is not authorized to perform: eks:DescribeCluster on resource: arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod-1`;
    for (const text of [ARN, denied]) {
      const { events: _, ...world } = worldOf('alice', 'alice');
      const body = anythingBody(await over({ ...world, events: [] }, text));
      expect(body).toMatchObject({ attribution: { status: 'attributed', actor: { name: 'alice' } } });
    }
  });

  it('names no single caller if only one of two roles made requests to a cluster', async () => {
    const { grants, events } = worldOf('alice', 'mallory');
    const body = anythingBody(await over({ grants, events: events.slice(1) }, ARN));
    expect(body).toMatchObject({ attribution: { status: 'ambiguous', candidates: [{}, {}] } });
  });

  it('names the person of both', async () => {
    const body = anythingBody(await over(worldOf('alice', 'alice'), ARN));
    expect(body).toMatchObject({ attribution: { status: 'attributed', actor: { name: 'alice' } } });
  });
});
