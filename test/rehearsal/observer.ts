import { isJsonObject, type JsonObject, listAt, objectAt, parseJson, textAt } from '../../lib/json.ts';
import { type EmittedMetrics, raisedAlarms } from '../heartbeats/raised-alarms.ts';
import { HUB, type Place } from './accounts.ts';

/** Collects what the functions wrote since the last look: metrics of the hub, and what a person would read in the logs. */
export class Observer {
  readonly #metrics = new Map<string, number[]>();
  readonly #troubles = new Set<string>();
  readonly #refused = new Map<string, number>();
  readonly #errors: string[] = [];
  failedMessages = 0;

  /** Takes a line of a function's log. */
  line({ account, region }: Place, line: string): void {
    const parsed = parseJson(line);
    if (!parsed.ok || !isJsonObject(parsed.value)) return;
    if (account === HUB.account && region === HUB.region) this.#hubLine(parsed.value);
    if (textAt(parsed.value, 'level') === 'ERROR') this.#errors.push(`${account} ${region}: ${line.slice(0, 600)}`);
  }

  #hubLine(line: JsonObject): void {
    for (const name of metricNames(line)) {
      const values = [line[name]].flat().map(Number);
      this.#metrics.set(name, [...(this.#metrics.get(name) ?? []), ...values]);
      if (name === 'FleetTrouble') this.#troubles.add(textAt(line, 'trouble') ?? '');
    }
    if (line.message !== 'refused') return;
    const account = textAt(line, 'account') ?? 'unstated';
    this.#refused.set(account, (this.#refused.get(account) ?? 0) + 1);
  }

  /** Takes an invocation that failed. */
  failed(arn: string, error: unknown): void {
    this.#metrics.set('Errors', [...(this.#metrics.get('Errors') ?? []), 1]);
    this.#errors.push(`${arn}: ${error instanceof Error ? error.message : String(error)}`);
  }

  /** Returns what was observed, with the alarms that are raised, and begins again. */
  take(alarms: readonly JsonObject[]): Observation {
    const emitted: EmittedMetrics = { metrics: new Map(this.#metrics), troubles: [...this.#troubles] };
    const sum = (name: string) => (emitted.metrics.get(name) ?? []).reduce((whole, value) => whole + value, 0);
    const observation = {
      received: sum('EventsReceived'),
      recorded: sum('EventsRecorded'),
      rejected: sum('EventsRejected'),
      otherOrigin: sum('PiecesOfOtherOrigin'),
      grants: sum('GrantsStored'),
      refused: Object.fromEntries(this.#refused),
      failedMessages: this.failedMessages,
      errors: [...this.#errors],
      alarms: raisedAlarms(alarms, emitted),
    };
    this.#metrics.clear();
    this.#troubles.clear();
    this.#refused.clear();
    this.#errors.length = 0;
    this.failedMessages = 0;
    return observation;
  }
}

export interface Observation {
  readonly received: number;
  readonly recorded: number;
  readonly rejected: number;
  /** Pieces that come from another log than that of their delivery. */
  readonly otherOrigin: number;
  readonly grants: number;
  /** Refused deliveries by account. */
  readonly refused: Readonly<Record<string, number>>;
  readonly failedMessages: number;
  readonly errors: readonly string[];
  /** The alarms, each with the names of its contributors, if it has any. */
  readonly alarms: readonly string[];
}

/** Returns the names of the metrics that a line in the embedded metric format has. */
function metricNames(line: JsonObject): readonly string[] {
  const directives = listAt(objectAt(line, '_aws'), 'CloudWatchMetrics') ?? [];
  const metrics = directives.filter(isJsonObject).flatMap((directive) => listAt(directive, 'Metrics') ?? []);
  return metrics.filter(isJsonObject).flatMap((metric) => textAt(metric, 'Name') ?? []);
}
