import { beforeAll, describe, expect, it } from 'vitest';
import { NotFoundAnswer, routesOf } from '../../functions/http/routes.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { JsonObject } from '../../lib/json.ts';
import { ACCOUNT, impersonatedAccount } from './impersonated-account.ts';

let world: Awaited<ReturnType<typeof impersonatedAccount>>;
beforeAll(async () => {
  world = await impersonatedAccount();
});

async function whois(query: Readonly<Record<string, string>>) {
  const { stores, clock } = world;
  const tables = { ...stores, within: () => stores };
  const routes = routesOf({ tables, clock: clock.now, settings: DEFAULT_SETTINGS, deadline: DEFAULT_DEADLINE }, 'all');
  const answer = await routes['/whois']?.(new URLSearchParams(query).toString(), () => undefined);
  return answer instanceof NotFoundAnswer ? { detail: answer.why, ...answer.also } : (answer as JsonObject);
}

describe('an answer for which not everything was searched', () => {
  it('says so about a service account that a person impersonated before the records that were read', async () => {
    const quick = await whois({ q: ACCOUNT, quick: 'true' });
    expect(quick).toMatchObject({ attribution: { status: 'system' }, complete: false });
    expect(quick).toHaveProperty('note', expect.stringContaining('Only the newest 200 records'));
    const full = await whois({ q: ACCOUNT });
    expect(full).toMatchObject({ sessions: [{ attribution: { actor: { name: 'alice' } } }] });
    expect(full).not.toHaveProperty('complete');
  });

  it('says so whether it found somebody or nobody', async () => {
    const person = await whois({ q: 'alice', quick: 'true' });
    expect(person).toMatchObject({ sessions: [{}], complete: false });
    expect(await whois({ q: 'alice' })).not.toHaveProperty('complete');
    expect(await whois({ q: 'nobody-here', quick: 'true' })).toMatchObject({ complete: false });
    expect(await whois({ q: 'nobody-here' })).not.toHaveProperty('complete');
  });

  it('says so about a service account if only the newest impersonations were read', async () => {
    const answer = await whois({ q: 'system:serviceaccount:shop:other', quick: 'true' });
    expect(answer).toMatchObject({ sessions: [{ requests: 200 }], complete: false });
  });
});
