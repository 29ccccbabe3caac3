import { SECOND } from '../../lib/time.ts';
import { Lags } from './lags.ts';
import { onDemand, partitionsOf, type Writes, writeAll } from './partitions.ts';
import { ASSUMED, QUOTAS } from './quotas.ts';
import { SERVICE } from './service.ts';
import type { Setup } from './setup.ts';
import type { Timetable } from './timetable.ts';

export interface Delivery {
  readonly at: number;
  readonly events: number;
  /** Whether a stack of another account hands the delivery over, by a queue. */
  readonly isSpoke: boolean;
  /** Delay of its events until delivery. */
  readonly delay: number;
  readonly tries: number;
}

export type ScheduledStep = (at: number) => void;

/** Model of the function ingest and the tables behind it. */
export class IngestModel {
  readonly stored = new Lags();
  readonly writes: readonly Writes[];
  failed = 0;
  /** Deliveries that reached the queue of failed batches, and the dead letters. */
  kept = 0;
  dead = 0;
  mostAtOnce = 0;
  longestQueue = 0;
  busyMillis = 0;
  /** Time from delivery to storage of the last one. */
  lastLag = 0;
  readonly #setup: Setup;
  readonly #timetable: Timetable<ScheduledStep>;
  readonly #parts: (events: number) => (readonly [Writes, number])[];
  readonly #waiting: Line<Delivery> = new Line();
  readonly #queued: Line<Delivery> = new Line();
  #takenBackAt = 0;
  #running = 0;
  #fromQueue = 0;
  #environments = 0;
  #starts: { at: number; left: number } = { at: 0, left: QUOTAS.lambdaStarts.burst };

  constructor(of: Setup, timetable: Timetable<ScheduledStep>) {
    this.#setup = of;
    this.#timetable = timetable;
    const parts = tablesOf(of);
    this.writes = parts.map(([writes]) => writes);
    this.#parts = (events) => parts.map(([writes, units]) => [writes, units * events] as const);
  }

  arrive(at: number, delivery: Delivery): void {
    if (!delivery.isSpoke) return this.#begin(at, delivery);
    this.#queued.push(delivery);
    this.#readQueue(at);
  }

  #readQueue(at: number): void {
    const { first, perMinute, most } = QUOTAS.queueReaders;
    const readers = Math.min(most, first + (perMinute * at) / (60 * SECOND));
    while (this.#fromQueue < readers) {
      const next = this.#queued.shift();
      if (next === undefined) return;
      this.#fromQueue += 1;
      this.#begin(at, next);
    }
  }

  #begin(at: number, delivery: Delivery): void {
    this.#waiting.push(delivery);
    this.#drain(at);
  }

  #drain(at: number): void {
    while (this.#waiting.length > 0 && this.#running < this.#setup.relief.lambdaConcurrency) {
      const isCold = this.#running >= this.#environments;
      if (isCold && !this.#canStart(at)) {
        this.#timetable.put(at + SECOND, (later) => this.#drain(later));
        break;
      }
      const next = this.#waiting.shift();
      if (next !== undefined) this.#run(at, next, isCold);
    }
    this.longestQueue = Math.max(this.longestQueue, this.#waiting.length + this.#queued.length);
  }

  #canStart(at: number): boolean {
    const { burst, perSecond } = QUOTAS.lambdaStarts;
    const left = Math.min(burst, this.#starts.left + ((at - this.#starts.at) / SECOND) * perSecond);
    this.#starts = { at, left: left >= 1 ? left - 1 : left };
    if (left >= 1) this.#environments += 1;
    return left >= 1;
  }

  #run(at: number, delivery: Delivery, isCold: boolean): void {
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    const { cores, timeout } = SERVICE.ingest;
    const perEvent = Math.max(ASSUMED.eventCoreMillis / cores, ASSUMED.tableRequest / SERVICE.atOnce);
    const work = ASSUMED.requestsOfDelivery * ASSUMED.tableRequest + delivery.events * perEvent;
    const wait = writeAll(at, this.#parts(delivery.events), delivery.tries > 0);
    const took = (isCold ? ASSUMED.coldStart : 0) + work + (wait === 'throttled' ? SERVICE.patience : wait);
    const isStored = wait !== 'throttled' && took <= timeout;
    this.busyMillis += Math.min(took, timeout);
    this.#timetable.put(at + Math.min(took, timeout), (end) => this.#end(end, delivery, isStored));
  }

  #end(at: number, delivery: Delivery, isStored: boolean): void {
    this.#running -= 1;
    if (delivery.isSpoke) this.#fromQueue -= 1;
    if (isStored) {
      this.lastLag = at - delivery.at;
      this.stored.note(this.lastLag + delivery.delay, delivery.events);
    } else this.#again(at, delivery);
    this.#readQueue(at);
    this.#drain(at);
  }

  /**
   * Models retries. A stream retries without end. Lambda retries twice, then keeps the delivery in a queue, from which
   * two at a time are taken back; a spoke's delivery is in its queue already. After too many receives it goes to the
   * dead letters and is not lost.
   */
  #again(at: number, delivery: Delivery): void {
    this.failed += 1;
    const next = { ...delivery, tries: delivery.tries + 1 };
    const { hidden, receives, takers } = SERVICE.queue;
    const retries = QUOTAS.lambdaRetries;
    const beforeQueue = delivery.isSpoke ? 0 : retries.length + 1;
    if (this.#setup.relief.kinesis) return this.#timetable.put(at + SECOND, (later) => this.arrive(later, next));
    const pause = delivery.isSpoke ? hidden : retries[delivery.tries];
    if (next.tries >= beforeQueue + receives) this.dead += 1;
    else if (pause !== undefined) this.#timetable.put(at + pause, (later) => this.arrive(later, next));
    else {
      if (next.tries === beforeQueue) this.kept += 1;
      const turn = Math.max(at + (next.tries > beforeQueue ? hidden : 0), this.#takenBackAt);
      this.#takenBackAt = turn + (SERVICE.patience + ASSUMED.requestsOfDelivery * ASSUMED.tableRequest) / takers;
      this.#timetable.put(turn, (later) => this.#begin(later, next));
    }
  }
}

/** Returns the writes of an event by table or index, with its busiest keys. */
function tablesOf({ eventsPerSecond, eventsPerSession, busiest, relief }: Setup): (readonly [Writes, number])[] {
  const { units, endings, sessionPartitions, namespacePartitions } = SERVICE;
  const own = relief.endings ?? endings;
  const spread = (partitions: number) => (partitions > 1 ? Math.max(partitions, own) : partitions);
  const ofSession = spread(sessionPartitions(busiest.session * eventsPerSecond));
  const ofNamespace = spread(namespacePartitions(busiest.namespace * eventsPerSecond));
  const counted = units.countersOfThousand / 1_000;
  return [
    [onDemand('table records', relief.warm), units.recordItself],
    [onDemand('an index of records', relief.warm), 1],
    [onDemand('tables claims and sessions', relief.warm), counted + units.session / eventsPerSession],
    [partitionsOf('busiest actor', own), busiest.actor],
    [partitionsOf('busiest session', ofSession), busiest.session],
    [partitionsOf('busiest namespace', ofNamespace), busiest.namespace],
    [partitionsOf('lists of due claims', relief.shards), 2 / eventsPerSession],
  ];
}

/** A first-in, first-out queue. */
class Line<T> {
  #entries: T[] = [];
  #head = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  push(entry: T): void {
    this.#entries.push(entry);
  }

  shift(): T | undefined {
    const first = this.#entries[this.#head];
    if (first === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 1_000 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }
}
