import { describe, expect, it } from 'vitest';
import type { LookupScope, SendLookup } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { OrganizationAccounts } from '../../lib/adapters/cloudtrail/organization-accounts.ts';
import { Pacer } from '../../lib/adapters/cloudtrail/pacer.ts';
import { Slots } from '../../lib/adapters/cloudtrail/slots.ts';
import type { Question } from '../../lib/attribution/questions.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis, HOUR, MINUTE } from '../../lib/time.ts';
import { keyId } from '../builders/ids.ts';
import { grant } from '../builders/trail-records.ts';

const [HUB, LISTED, OWN, CALLERS, OTHER] = [
  '111122223333',
  '222233334444',
  '444455556666',
  '555566667777',
  '777788889999',
];
const KEY = keyId('ASIAORGANIZATION0001');
const BY_KEY: Question = { kind: 'grants-of-key', accessKeyId: KEY };
const AT = epochMillis(Date.parse('2026-03-10T12:05:00Z'));

/** STS and CloudTrail of an organization, on a clock of its own. */
class Organization {
  readonly lookupAccounts: string[] = [];
  readonly assumed: string[] = [];
  readonly records = new Map<string, readonly JsonObject[]>();
  readonly withRole = new Set<string>();
  /** How long STS takes, and what it answers for an account without the role. */
  takes = 100;
  refusal = { name: 'AccessDenied', message: 'is not authorized to perform: sts:AssumeRole' };
  at = 0;
  readonly waiting = {
    now: () => this.at,
    wait: async (milliseconds: number) => {
      this.at += milliseconds;
    },
  };
  readonly accounts = new OrganizationAccounts({
    others: [HUB, LISTED],
    open: (account) => ({ scopes: [this.scope(account)], assume: () => this.assume(account) }),
    waiting: this.waiting,
  });

  async assume(account: string): Promise<void> {
    this.assumed.push(account);
    this.at += this.takes;
    if (!this.withRole.has(account)) throw Object.assign(new Error(this.refusal.message), { name: this.refusal.name });
  }

  scope(account: string): LookupScope {
    const send: SendLookup = async () => {
      this.lookupAccounts.push(account || HUB);
      const records = (this.records.get(account || HUB) ?? []).map((record) => JSON.stringify(record));
      return { records, nextToken: undefined };
    };
    const slots = new Slots({ most: 8, mostOfHost: 8 });
    return { account, region: 'eu-west-1', send, pacer: new Pacer(1_000, this.waiting), slots };
  }

  /** The look-ups of one claim, as settle makes them. */
  lookups(account: string): LookupSource {
    const lookups = new LookupSource({
      scopes: [this.scope(''), this.scope(LISTED)],
      organization: this.accounts,
      attribution: DEFAULT_SETTINGS,
      lookback: 36 * HOUR,
      now: () => epochMillis(AT + HOUR),
      waiting: this.waiting,
      progress: { claim: account, read: [], keep: async () => undefined },
    });
    lookups.noteAccount(account);
    return lookups;
  }
}

const FOREIGN = { type: 'AWSAccount', principalId: `AROACALLER:bob`, accountId: CALLERS };

describe('a claim of an organization', () => {
  it('is looked up in its own account first, and nowhere else if that has the grant of its key', async () => {
    const organization = new Organization();
    organization.withRole.add(OWN);
    organization.records.set(OWN, [grant({ key: KEY })]);
    const lookups = organization.lookups(OWN);
    expect(await lookups.answer([BY_KEY], AT)).toMatchObject([{ grant: { accessKeyId: KEY } }]);
    expect(organization.lookupAccounts).toEqual([OWN]);
    expect(lookups.gaps).toEqual([]);
  });

  it('is looked up in the account of the grant’s caller too, which has the copy that states the caller', async () => {
    const organization = new Organization();
    for (const account of [OWN, CALLERS]) organization.withRole.add(account);
    organization.records.set(OWN, [grant({ key: KEY, by: FOREIGN })]);
    organization.records.set(CALLERS, [grant({ key: KEY })]);
    const found = await organization.lookups(OWN).answer([BY_KEY], AT);
    expect(found.map(({ grant: each }) => each?.caller.kind)).toEqual(['aws-account', 'iam-user']);
    expect(organization.lookupAccounts).toEqual([OWN, CALLERS]);
  });

  it('is looked up everywhere if its account has no role, and the gap names that account, not its Regions', async () => {
    const organization = new Organization();
    organization.records.set(LISTED, [grant({ key: KEY })]);
    const lookups = organization.lookups(OTHER);
    expect(await lookups.answer([BY_KEY], AT)).toHaveLength(1);
    expect(organization.lookupAccounts).toEqual([HUB, LISTED]);
    expect(lookups.gaps).toMatchObject([{ scope: OTHER, code: 'no-role', why: expect.stringContaining('role') }]);
    expect(lookups.report.scopes).toEqual(['eu-west-1', `${LISTED} eu-west-1`, OTHER]);
  });

  it('sends no role to be assumed for an account that is asked anyway, or for what is no account', async () => {
    const organization = new Organization();
    for (const account of [HUB, LISTED, '12345', '../role']) await organization.lookups(account).answer([BY_KEY], AT);
    expect(organization.assumed).toEqual([]);
  });
});

describe('invented accounts', () => {
  const invented = (at: number) => String(900_000_000_000 + at);

  it('are tried for some seconds a minute, whatever their number, while an account with the role is always asked', async () => {
    const organization = new Organization();
    organization.withRole.add(OWN);
    await organization.lookups(OWN).answer([BY_KEY], AT);
    organization.assumed.length = 0;
    for (let at = 0; at < 1_000; at += 1) await organization.accounts.scopesOf(invented(at), undefined).catch(() => []);
    expect(organization.assumed).toHaveLength(20);
    expect(organization.at).toBeLessThan(10_000);
    const late = organization.lookups(invented(999));
    await late.answer([BY_KEY], AT);
    expect(late.gaps).toMatchObject([{ scope: invented(999), code: 'unfinished' }]);
    organization.lookupAccounts.length = 0;
    await organization.lookups(OWN).answer([BY_KEY], AT);
    expect(organization.lookupAccounts).toContain(OWN);
    organization.at += MINUTE;
    await organization.lookups(invented(999)).answer([BY_KEY], AT);
    expect(organization.assumed.at(-1)).toBe(invented(999));
  });

  it('are tried once in a quarter of an hour', async () => {
    const organization = new Organization();
    for (let minute = 0; minute < 15; minute += 1) {
      await organization.lookups(OTHER).answer([BY_KEY], AT);
      organization.at += MINUTE;
    }
    await organization.lookups(OTHER).answer([BY_KEY], AT);
    expect(organization.assumed).toEqual([OTHER, OTHER]);
  });

  it('cost one wait a minute if STS does not answer', async () => {
    const organization = new Organization();
    organization.takes = 10_000;
    organization.refusal = { name: 'TimeoutError', message: 'no answer' };
    for (let at = 0; at < 100; at += 1) await organization.accounts.scopesOf(invented(at), undefined).catch(() => []);
    expect(organization.assumed).toHaveLength(1);
  });
});
