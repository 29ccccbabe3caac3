import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import type { AnythingAnswer } from '../../lib/usecases/query/anything/outcomes.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ANOTHER_KEY, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { delivery, namedIn, overFiles, overService } from './pasted-world.ts';

const GRANTS = [
  grant({ session: 'deploy' }),
  grant({ session: 'nightly', key: ANOTHER_KEY, by: iamUser('bob') }),
] as const;
const [ALICE, BOB] = [roleUser({ session: 'deploy' }), roleUser({ session: 'nightly', key: ANOTHER_KEY })];
const DEED = eventBy(ALICE);

const TOKEN = 'JTI=4c1f5b1e-0000-4000-8000-000000000001';
const BY_TOKEN = eventBy({
  username: 'system:serviceaccount:shop:web',
  uid: 'uid-web',
  extra: { 'authentication.kubernetes.io/credential-id': [TOKEN] },
});
const issuedTo = (user: JsonObject) =>
  eventBy(user, {
    auditID: '7a0e1c5e-0000-4000-8000-000000000002',
    verb: 'create',
    requestURI: '/api/v1/namespaces/shop/serviceaccounts/web/token',
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name: 'web', apiVersion: 'v1' },
    requestReceivedTimestamp: utc('12:05:00.000000'),
    annotations: { 'authentication.kubernetes.io/issued-credential-id': TOKEN },
  });

/** Events in the logs of two clusters of one name: our own, and another account's. */
interface Logs {
  readonly own: readonly JsonObject[];
  readonly foreign: readonly JsonObject[];
}

async function answersTo(pasted: JsonObject, { own, foreign }: Logs): Promise<readonly AnythingAnswer[]> {
  const world = { grants: GRANTS, events: own, foreign };
  const text = JSON.stringify(pasted);
  return [await overFiles(world, text), await overService(world, text)];
}

const candidatesIn = ({ found }: AnythingAnswer) =>
  found.flatMap(({ outcome }) =>
    outcome.kind === 'attributed' ? (outcome.attribution.candidates ?? []).map(({ actor }) => actor.name) : [],
  );

describe('a pasted event that the logs of two clusters have', () => {
  it('keeps the mark of a contradicted copy, although the other cluster has no such copy', async () => {
    const logs = { own: [DEED, eventBy(BOB)], foreign: [DEED] };
    for (const answer of await answersTo(DEED, logs)) {
      expect([namedIn(answer), candidatesIn(answer)]).toEqual([[], ['alice']]);
      expect(answer.found[0]?.outcome).toMatchObject({
        attribution: { status: 'ambiguous', flags: ['conflicting-copies'] },
        note: expect.stringContaining('several clusters'),
      });
    }
    for (const answer of await answersTo(delivery([DEED], ACCOUNT), logs)) {
      expect(namedIn(answer)).toEqual(['alice']);
      expect(answer.found[0]?.outcome).toMatchObject({ attribution: { flags: ['conflicting-copies'] } });
    }
  });

  it('names nobody by a token that was issued in one of them, unless its text says which is meant', async () => {
    const logs = { own: [issuedTo(ALICE), BY_TOKEN], foreign: [issuedTo(BOB), BY_TOKEN] };
    for (const answer of await answersTo(BY_TOKEN, logs)) {
      expect(namedIn(answer)).toEqual([]);
      expect([...candidatesIn(answer)].sort()).toEqual(['alice', 'bob']);
    }
    for (const answer of await answersTo(delivery([BY_TOKEN], ACCOUNT), logs))
      expect(namedIn(answer)).toEqual(['alice']);
  });

  it('has the answer of both if it is the same', async () => {
    for (const answer of await answersTo(DEED, { own: [DEED], foreign: [DEED] })) {
      expect(namedIn(answer)).toEqual(['alice']);
    }
  });
});
