import type { LookupMemory } from '../../lib/adapters/cloudtrail/lookup-memory.ts';
import type { LookupRequest, LookupScope, SendLookup } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { Pacer, type PaceTimer } from '../../lib/adapters/cloudtrail/pacer.ts';
import { Slots } from '../../lib/adapters/cloudtrail/slots.ts';
import { trailHistory } from '../../lib/adapters/cloudtrail/trail-history.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { type JsonObject, objectAt, textAt } from '../../lib/json.ts';
import type { TrailHistory } from '../../lib/ports/histories.ts';
import type { ClaimLookups, LookupProgress } from '../../lib/ports/lookups.ts';
import { HOUR, parseInstant } from '../../lib/time.ts';
import type { SetClock } from './service.ts';

const PAGE = 50;

function resourcesOf(record: JsonObject): readonly unknown[] {
  const response = objectAt(record, 'responseElements');
  const [key, session] = [objectAt(response, 'credentials'), objectAt(response, 'assumedRoleUser')];
  return [textAt(key, 'accessKeyId'), textAt(session, 'assumedRoleId')];
}

/** LookupEvents whose waits pass the clock instead of time, until the run's time is over. */
export class PacedTrail {
  records: readonly JsonObject[];
  /** The requests in order. */
  readonly requests: string[] = [];
  /** Events that were read for all claims, if they share. */
  readonly #memory: LookupMemory | undefined;
  /** Called before each request is answered. */
  onRequest: () => Promise<void> = async () => undefined;
  readonly #clock: SetClock;
  readonly #pacer: Pacer;
  readonly #waiting: PaceTimer;
  readonly #slots = new Slots({ most: 9, mostOfHost: 9 });
  #stopAt = 0;
  #stop = new AbortController();

  constructor(clock: SetClock, records: readonly JsonObject[], memory?: LookupMemory) {
    this.#clock = clock;
    this.records = records;
    this.#memory = memory;
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
    const pace = { now: this.#clock.now, waiting: this.#waiting, signal: this.#stop.signal };
    return new LookupSource({
      scopes: [this.#scope()],
      attribution: DEFAULT_SETTINGS,
      lookback: 36 * HOUR,
      ...pace,
      progress,
      memory: this.#memory,
    });
  }

  /** The event history, for whole pages. */
  history(): TrailHistory {
    return trailHistory(this.#scope(), this.#waiting, this.#stop.signal);
  }

  #scope(): LookupScope {
    return { account: '', region: 'eu-west-1', pacer: this.#pacer, slots: this.#slots, send: this.#send };
  }

  readonly #send: SendLookup = async ({ attribute, value, from, to }: LookupRequest, token) => {
    this.requests.push(`${attribute} ${value}`);
    await this.onRequest();
    const isWanted = (record: JsonObject) => {
      const at = parseInstant(textAt(record, 'eventTime') ?? '') ?? 0;
      if (at < from.getTime() || at > to.getTime()) return false;
      return attribute === 'EventName' ? textAt(record, 'eventName') === value : resourcesOf(record).includes(value);
    };
    const found = attribute === 'AccessKeyId' ? [] : this.records.filter(isWanted);
    const begin = Number(token ?? 0);
    const records = found.slice(begin, begin + PAGE).map((record) => JSON.stringify(record));
    return { records, nextToken: found.length > begin + PAGE ? String(begin + PAGE) : undefined };
  };
}
