import { describe, expect, it, vi } from 'vitest';
import { LookupMemory } from '../../lib/adapters/cloudtrail/lookup-memory.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { DUE_LISTS } from '../../lib/claims/due-list.ts';
import { openClaim } from '../../lib/claims/opening.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis, MINUTE, SECOND } from '../../lib/time.ts';
import { settle } from '../../lib/usecases/settle/settle.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { PacedTrail } from './paced-trail.ts';
import { memoryStores, Service, SetClock } from './service.ts';

const NAME = 'EKSGetTokenAuth';
const key = (kind: string, at: number) => `ASIA${kind.toUpperCase().padEnd(8, '0')}${String(at).padStart(8, '0')}`;

/** The token of a person, under the name that everybody's has. */
function granted(kind: string, at: number): JsonObject {
  const by = iamUser(`${kind}-${at}`, { principalId: `AIDA${kind.toUpperCase()}${at}` });
  const issued = new Date(Date.parse(utc('11:10:00')) + at * 5 * SECOND).toISOString();
  return grant({ id: `${kind}-${at}`, session: NAME, key: key(kind, at), by, at: issued.replace('.000', '') });
}

const numbered = <T>(many: number, make: (at: number) => T): T[] => Array.from({ length: many }, (_, at) => make(at));

/** A service whose CloudTrail is asked once a second, with a minute a run. */
class PacedService {
  readonly clock = new SetClock(utc('12:30:00'));
  readonly stores = memoryStores(calmWorld(this.clock.now));
  readonly service = new Service(this.stores, this.clock, { withoutLookups: true });
  readonly trail: PacedTrail;
  readonly #sweeps: boolean;

  constructor(records: readonly JsonObject[], { sweeps = false } = {}) {
    this.trail = new PacedTrail(this.clock, records, new LookupMemory());
    this.#sweeps = sweeps;
  }

  async act(kind: string, many: number): Promise<void> {
    const events = numbered(many, (at) => {
      const user = roleUser({ session: NAME, key: key(kind, at) });
      return eventBy(user, { auditID: `${kind}-${at}`, requestReceivedTimestamp: utc('12:10:00') });
    });
    await this.service.ingest(events, kind);
  }

  /** Grants that were stored while their claims could not be woken, as when a restored table has them. */
  async store(records: readonly JsonObject[]): Promise<void> {
    await this.service.grants(records);
  }

  /** Leaves what runs leave that broke off on a claim of the account, and a due claim of it. */
  async breakOffOn(account: string): Promise<void> {
    const intent = { id: account, session: account, caller: { kind: 'role-session' }, status: 'pending' } as const;
    const claim = { ...intent, live: true, sender: account };
    await this.stores.claims.change(account, (before) => openClaim(before, claim, this.clock.now()));
    for (const list of DUE_LISTS)
      await this.stores.attempts.change(`settling ${list}`, () => ({
        ...{ slices: 0, open: 1 },
        on: [`settling claim ${account}`, `settling claims of ${account}`],
      }));
  }

  async run(): Promise<void> {
    const began = this.clock.at;
    const stopAt = epochMillis(began + 50 * SECOND);
    this.trail.begin(stopAt);
    const { stores, service, clock, trail } = this;
    const limits = { deadline: 60 * MINUTE, lookupDelay: 0, alertOn: [], settings: DEFAULT_SETTINGS };
    const outside = { alerts: service.outbox, metrics: service.outbox, clock: clock.now };
    const sweeping = this.#sweeps ? { histories: [trail.history()], swept: this.#swept } : {};
    const lookups = trail.lookups.bind(trail);
    await settle(
      { ...stores, ...outside, ...limits, ...sweeping, lookups, turns: this.#turns },
      { leases: stores.leases, owner: 'settle', stopAt },
    );
    clock.at = epochMillis(began + MINUTE);
  }

  readonly #turns = new Map<string, number>();
  readonly #swept = new LookupMemory(5 * MINUTE);

  /** How many of these records name somebody. */
  named(kind: string): number {
    const records = this.stores.records.all().map(({ record }) => record);
    return records.filter(
      ({ auditId, attribution }) => auditId.startsWith(`${kind}-`) && attribution.actor !== undefined,
    ).length;
  }
}

describe('with more look-ups than a run has time for', () => {
  it('sessions with stored grants are attributed in the first run, before any look-up', async () => {
    const paced = new PacedService([]);
    await paced.act('lost', 200);
    await paced.act('known', 100);
    await paced.store(numbered(100, (at) => granted('known', at)));
    let namedAtFirst = -1;
    paced.trail.onRequest = async () => {
      if (namedAtFirst < 0) namedAtFirst = paced.named('known');
    };
    await paced.run();
    expect(namedAtFirst).toBe(100);
    expect(paced.trail.requests.length).toBeGreaterThan(40);
  });

  it('twenty forged tokens with a busy name cost the others two requests each, and the name is read once for all', async () => {
    const busy = numbered(500, (at) => granted('busy', at));
    const paced = new PacedService([...busy, ...numbered(10, (at) => granted('real', at))]);
    await paced.act('forged', 20);
    await paced.act('real', 10);
    let requests = 0;
    for (let run = 0; run < 4 && requests === 0; run += 1) {
      paced.trail.onRequest = async () => {
        if (requests === 0 && paced.named('real') === 10) requests = paced.trail.requests.length;
      };
      await paced.run();
    }
    expect(requests).toBeLessThanOrEqual(20 * 2 + 10 + 1);
    for (let run = 0; run < 6; run += 1) await paced.run();
    const ofName = paced.trail.requests.filter((each) => each.endsWith(`:${NAME}`));
    expect(ofName.length).toBeLessThan(500 / 50 + 10);
  });

  it('whole pages of grants are read if more names wait than a page has', async () => {
    const paced = new PacedService(
      numbered(200, (at) => granted('lost', at)),
      { sweeps: true },
    );
    await paced.act('lost', 200);
    await paced.run();
    expect(paced.named('lost')).toBe(200);
    expect(paced.trail.requests.length).toBeLessThan(20);
  });

  it('forged tokens, however many, are soon given up page by page, and not searched for again', async () => {
    const paced = new PacedService(
      numbered(2_000, (at) => granted('busy', at)),
      { sweeps: true },
    );
    await paced.act('forged', 60);
    for (let run = 0; run < 3; run += 1) await paced.run();
    expect(paced.trail.requests.filter((each) => each.startsWith('EventName')).length).toBeLessThan(25);
  });
});

it('a run that puts the sessions of an account last makes look-ups of the others before them', async () => {
  const [paced, account] = [new PacedService(numbered(40, (at) => granted('usual', at))), '444455556666'];
  await paced.act('usual', 40);
  await paced.breakOffOn(account);
  const ofClaim = paced.stores.records.ofClaim.bind(paced.stores.records);
  let namedBefore = -1;
  vi.spyOn(paced.stores.records, 'ofClaim').mockImplementation((range, page) => {
    if (range.session === account) namedBefore = paced.named('usual');
    paced.clock.pass(SECOND);
    return ofClaim(range, page);
  });
  await paced.run();
  expect(namedBefore).toBeGreaterThan(5);
});
