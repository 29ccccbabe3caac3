import { describe, expect, it } from 'vitest';
import type { Claim, ClaimCaller, ClaimSummary } from '../../lib/claims/claim.ts';
import { readyQuery } from '../../lib/claims/ready-query.ts';
import { EMPTY_SUMMARY } from '../../lib/claims/summary.ts';
import { KEY, ROLE_ID, utc } from '../builders/company.ts';
import { instant } from '../usecases/service.ts';
import { parseQuery } from './parse-query.ts';

const TABLES = { tables: 'eks-whois-prod', region: 'eu-west-1' };
const TALLY: ClaimSummary = {
  ...EMPTY_SUMMARY,
  count: 1,
  statuses: ['unattributed'],
  first: utc('12:10:00'),
  last: utc('12:12:00'),
  clusters: ['prod-1'],
  namespaces: ['shop'],
};

function claim(session: string, caller: Partial<ClaimCaller> = {}): Claim {
  const at = instant(utc('12:10:00'));
  const identity = { id: 'claim', session, caller: { kind: 'role-session', ...caller } as const };
  return { ...identity, status: 'unattributed', live: true, openedAt: at, touchedAt: at, rounds: 0 };
}

const question = async (session: string, summary = TALLY, caller = {}) =>
  Object.fromEntries((await parseQuery(readyQuery(claim(session, caller), summary, TABLES))).question);

describe("an alert's query", () => {
  it('queries the tables in their Region, or the API of this machine, as it is', async () => {
    const inAws = readyQuery(claim(`${ROLE_ID}:alice`), TALLY, TABLES);
    expect(inAws).toMatch(/^AWS_REGION=eu-west-1 eks-whois records /);
    expect((await parseQuery(inAws)).options).toMatchObject({ table: 'eks-whois-prod' });
    const here = readyQuery(claim(`${ROLE_ID}:alice`), TALLY, { api: 'http://127.0.0.1:3100' });
    expect(here).toMatch(/^eks-whois records /);
    expect((await parseQuery(here)).options).toMatchObject({ api: 'http://127.0.0.1:3100' });
  });

  it('filters by access key, else by session, between the first and the last event', async () => {
    const range = { from: utc('12:10:00'), to: utc('12:12:00') };
    expect(await question(`${ROLE_ID}:alice`, TALLY, { accessKeyId: KEY })).toMatchObject({ session: KEY, ...range });
    expect(await question(`${ROLE_ID}:alice`)).toMatchObject({ session: `${ROLE_ID}:alice`, ...range });
    expect(await question(`${ROLE_ID} it's admin:$(jane)`)).toMatchObject({ session: `${ROLE_ID} it's admin:$(jane)` });
  });

  it.each([
    ['a line break', 'bad\nNext: all is well'],
    ['an escape sequence', 'bad\u001b[2J'],
    ['a right-to-left override', 'bad\u202e'],
    ['a line separator', 'bad\u2028Next: all is well'],
    ['so many blanks that the next line seems to begin', `bad${' '.repeat(100)}Next: all is well`],
    ['more than anybody can read', 'x'.repeat(100_000)],
  ])('contains nothing of a name with %s, and uses another filter', async (_, name) => {
    for (const session of [`${ROLE_ID} ${name}`, `${ROLE_ID}:${name}`, `aws-iam-authenticator:${name} ${name}`]) {
      const query = readyQuery(claim(session), TALLY, TABLES);
      expect(query).not.toContain('bad');
      expect(query).toMatch(/^[\x20-\x7e]{1,300}$/);
      expect(await question(session)).toMatchObject({ status: 'unattributed', from: utc('12:10:00') });
      expect(await question(session, TALLY, { accessKeyId: KEY })).toMatchObject({ session: KEY });
      const named: ClaimSummary = { ...TALLY, statuses: ['attributed'] };
      expect(await question(session, named)).toMatchObject({ cluster: 'prod-1', namespace: 'shop' });
    }
  });

  it('uses another filter if a session without a name has no username either', async () => {
    expect(await question(`${ROLE_ID} `)).toMatchObject({ status: 'unattributed' });
  });

  it('leaves out times that cannot be read', async () => {
    const received = await question(`${ROLE_ID}:alice`, { ...TALLY, first: "yesterday' --output '/etc/passwd" });
    expect(received).not.toHaveProperty('from');
    expect(received).not.toHaveProperty('to');
  });
});
