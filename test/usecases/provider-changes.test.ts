import { describe, expect, it } from 'vitest';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { parseTrailRecord } from '../../lib/cloudtrail/record.ts';
import type { JsonObject } from '../../lib/json.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { SSO_KEY, SSO_PROVIDER, signIn, ssoEvent } from '../evidence/cast.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from './service.ts';

const PERSON = 'alice@example.com';
const { event } = ssoEvent(PERSON, SSO_KEY, { status: 'attributed' });

/** Mallory, an administrator of the member account, puts her own metadata into Identity Center's provider. */
function change(number: number, at: string): JsonObject {
  return {
    eventID: `change-${number}`,
    eventSource: 'iam.amazonaws.com',
    eventName: 'UpdateSAMLProvider',
    eventTime: at,
    userIdentity: iamUser('mallory'),
    requestParameters: { sAMLProviderArn: SSO_PROVIDER },
  };
}

async function signedIn() {
  const clock = new SetClock('2026-03-10T12:15:00Z');
  const service = new Service(memoryStores(calmWorld(clock.now)), clock, { withoutLookups: true });
  await service.grants([signIn(PERSON), change(0, utc('11:30:00'))]);
  await service.ingest([event]);
  await service.settleFor(45);
  const open = async () => (await service.stores.claims.backlog()).open;
  const flags = async () => (await service.only(String(event.auditID))).attribution.flags;
  return { service, open, flags };
}

describe('an identity provider that is changed again and again', () => {
  it('reopens the claims of its people with the first change, and with no later one', async () => {
    const { service, open, flags } = await signedIn();
    expect(await flags()).toEqual(['identity-provider-changed']);
    for (let number = 1; number <= 5; number += 1) {
      await service.grants([change(number, utc(`11:3${number}:00`))]);
      expect(await open()).toBe(0);
    }
  });

  it('reopens them with an earlier change that comes late', async () => {
    const { service, open } = await signedIn();
    await service.grants([change(1, utc('11:00:00'))]);
    expect(await open()).toBe(1);
  });

  it('is stored with its first change, in whatever order the changes come', () => {
    const index = new KnownGrants();
    for (const at of ['11:40:00', '11:20:00', '11:30:00']) {
      const facts = parseTrailRecord(change(0, utc(at)));
      if (typeof facts !== 'string') index.add(facts);
    }
    expect(index.firstProviderChange(SSO_PROVIDER)?.at).toBe(Date.parse(utc('11:20:00')));
  });
});
