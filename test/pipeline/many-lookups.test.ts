import { expect, it } from 'vitest';
import type { LookupRequest, LookupScope, SendLookup } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { Pacer, type Waiting } from '../../lib/adapters/cloudtrail/pacer.ts';
import { Slots } from '../../lib/adapters/cloudtrail/slots.ts';
import { calmWorld } from '../../lib/adapters/memory/memory-world.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { type JsonObject, objectAt, textAt } from '../../lib/json.ts';
import { settle } from '../../lib/pipeline/settle.ts';
import type { ClaimLookups, LookupProgress } from '../../lib/ports.ts';
import { epochMillis, HOUR, MINUTE, SECOND } from '../../lib/time.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { utc } from '../builders/company.ts';
import { iamUser, roleSession } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { memoryStores, Service, SetClock } from './service.ts';

const ENGINEERS = 60;
const PAGE = 50;
const OWN = { roleId: 'AROAENGINEERS0000001', roleName: 'engineers' };

/** Each engineer takes a session of her own, and from it the role that all share, by one name. */
const TRAIL = Array.from({ length: ENGINEERS }, (_, at) => {
  const number = String(at).padStart(8, '0');
  const own = { ...OWN, session: `engineer-${at}`, key: `ASIAENGINEER${number}` };
  const person = iamUser(`engineer-${at}`, { principalId: `AIDAENGINEER${number}` });
  return [
    grant({ ...own, id: `own-${at}`, by: person, at: utc('11:50:00'), until: utc('12:50:00') }),
    grant({
      id: `shared-${at}`,
      by: roleSession({ ...own, began: utc('11:50:00') }),
      session: 'EKSGetTokenAuth',
      key: `ASIASHARED00${number}`,
    }),
  ];
}).flat();

function resourcesOf(record: JsonObject): readonly unknown[] {
  const response = objectAt(record, 'responseElements');
  const [key, session] = [objectAt(response, 'credentials'), objectAt(response, 'assumedRoleUser')];
  return [textAt(key, 'accessKeyId'), textAt(session, 'assumedRoleId')];
}

/** LookupEvents whose waits pass the clock instead of time, until the run's time is over. */
class PacedTrail {
  requests = 0;
  readonly #clock: SetClock;
  readonly #pacer: Pacer;
  readonly #waiting: Waiting;
  readonly #slots = new Slots({ most: 9, mostOfHost: 9 });
  #stopAt = 0;
  #stop = new AbortController();

  constructor(clock: SetClock) {
    this.#clock = clock;
    this.#waiting = {
      now: () => clock.at,
      wait: async (milliseconds) => {
        clock.pass(milliseconds);
        if (clock.at >= this.#stopAt) this.#stop.abort();
        this.#stop.signal.throwIfAborted();
      },
    };
    this.#pacer = new Pacer(1, this.#waiting);
  }

  begin(stopAt: number): void {
    this.#stopAt = stopAt;
    this.#stop = new AbortController();
  }

  lookups(progress: LookupProgress): ClaimLookups {
    const scope: LookupScope = {
      account: '',
      region: 'eu-west-1',
      pacer: this.#pacer,
      slots: this.#slots,
      send: this.#send,
    };
    const pace = { now: this.#clock.now, waiting: this.#waiting, signal: this.#stop.signal };
    return new LookupSource({
      scopes: [scope],
      attribution: DEFAULT_SETTINGS,
      lookback: 36 * HOUR,
      ...pace,
      progress,
    });
  }

  readonly #send: SendLookup = async ({ attribute, value }: LookupRequest, token) => {
    this.requests += 1;
    const found = attribute === 'ResourceName' ? TRAIL.filter((record) => resourcesOf(record).includes(value)) : [];
    const begin = Number(token ?? 0);
    const records = found.slice(begin, begin + PAGE).map((record) => JSON.stringify(record));
    return { records, nextToken: found.length > begin + PAGE ? String(begin + PAGE) : undefined };
  };
}

it('a claim that needs more look-ups than one run has time for is decided in a few runs, each going on from the last', async () => {
  const clock = new SetClock(utc('12:11:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock);
  const trail = new PacedTrail(clock);
  await service.ingest([eventBy(roleUser({ session: 'EKSGetTokenAuth', key: null }), { auditID: 'shared' })]);
  const requests: number[] = [];
  for (let run = 0; run < 4; run += 1) {
    const began = clock.at;
    const stopAt = epochMillis(began + 50 * SECOND);
    trail.begin(stopAt);
    trail.requests = 0;
    const limits = { deadline: 30 * MINUTE, lookupDelay: 0, alertOn: [], settings: DEFAULT_SETTINGS };
    const outside = { alerts: service.outbox, metrics: service.outbox, clock: clock.now };
    const lookups = (progress: LookupProgress) => trail.lookups(progress);
    await settle({ ...stores, ...outside, ...limits, lookups }, { lease: stores.lease, owner: 'settle', stopAt });
    requests.push(trail.requests);
    clock.at = epochMillis(began + MINUTE);
  }
  const { candidates } = (await service.only('shared')).attribution;
  expect(candidates?.map(({ actor }) => actor.kind)).toEqual(Array(ENGINEERS).fill('iam-user'));
  expect(requests.slice(2)).toEqual([0, 0]);
  expect(requests.reduce((all, each) => all + each)).toBeLessThan(ENGINEERS + 20);
});
