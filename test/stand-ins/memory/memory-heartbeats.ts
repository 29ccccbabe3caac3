import { type FilterChange, isLaterChange } from '../../../lib/cloudtrail/filter-change.ts';
import {
  changesPauses,
  endsPause,
  filled,
  type HeardKind,
  type Heartbeat,
  heard,
} from '../../../lib/heartbeats/heartbeat.ts';
import { isNewReport, MOST_REGIONS, type StackReport, withSince } from '../../../lib/heartbeats/report.ts';
import { type RollOut, withSinceOfSpokes } from '../../../lib/heartbeats/roll-out.ts';
import { MOST_CLUSTERS } from '../../../lib/heartbeats/volume.ts';
import type { ClusterKey } from '../../../lib/identity/cluster.ts';
import type { HearOptions, HeartbeatChange, Heartbeats } from '../../../lib/ports/heartbeats.ts';
import { type EpochMillis, MINUTE } from '../../../lib/time.ts';
import type { MemoryWorld } from './memory-world.ts';

/** Heartbeats in memory. */
export class MemoryHeartbeats implements Heartbeats {
  readonly #world: MemoryWorld;
  readonly #heard = new Map<string, Heartbeat>();
  readonly #admitted = new Map<string, Set<string>>();
  readonly #reports = new Map<string, StackReport>();
  readonly #rollOuts = new Map<string, RollOut>();
  readonly #filters = new Map<ClusterKey, FilterChange>();
  /** The number of writes so far. */
  writes = 0;

  constructor(world: MemoryWorld) {
    this.#world = world;
  }

  async hear(
    kind: HeardKind,
    id: string,
    times: readonly EpochMillis[],
    { sender, mayBegin = true }: HearOptions = {},
  ): Promise<HeartbeatChange | 'over-limit' | undefined> {
    const before = this.#heard.get(`${kind} ${id}`);
    const now = this.#world.clock();
    if (before !== undefined && now < before.heardAt + MINUTE && !changesPauses(before, times)) return undefined;
    if (before === undefined && !mayBegin) return undefined;
    const after = heard(before, { kind, id }, times, now);
    if (after === undefined) return undefined;
    if (before === undefined && sender !== undefined) {
      const admitted = this.#admitted.get(sender) ?? new Set();
      if (!admitted.has(id) && admitted.size >= MOST_CLUSTERS) return 'over-limit';
      this.#admitted.set(sender, admitted.add(id));
    }
    this.#world.beforeWrite();
    this.writes += 1;
    this.#heard.set(`${kind} ${id}`, after);
    return { before, after };
  }

  async fill(kind: HeardKind, id: string, times: readonly EpochMillis[]): Promise<HeartbeatChange | undefined> {
    const before = this.#heard.get(`${kind} ${id}`);
    if (before === undefined || !endsPause(before, times)) return undefined;
    const after = filled(before, times);
    this.#world.beforeWrite();
    this.#heard.set(`${kind} ${id}`, after);
    return { before, after };
  }

  async report(report: StackReport): Promise<boolean> {
    const id = `${report.accountId} ${report.region}`;
    const before = this.#reports.get(id);
    if (!isNewReport(report, before)) return true;
    const ofAccount = this.#present().filter(({ accountId }) => accountId === report.accountId);
    if (before === undefined && ofAccount.length >= MOST_REGIONS) return false;
    this.#world.beforeWrite();
    this.#reports.set(id, withSince(report, before));
    return true;
  }

  async changeFilter(cluster: ClusterKey, change: FilterChange): Promise<void> {
    const before = this.#filters.get(cluster);
    if (before !== undefined && !isLaterChange(change, before)) return;
    this.#world.beforeWrite();
    this.#filters.set(cluster, change);
  }

  async filterChanges(clusters: readonly ClusterKey[]): Promise<readonly FilterChange[]> {
    return clusters.flatMap((cluster) => this.#filters.get(cluster) ?? []);
  }

  async reports(): Promise<readonly StackReport[]> {
    return this.#present();
  }

  async rollOut(rollOut: RollOut): Promise<void> {
    const before = this.#rollOuts.get(rollOut.accountId);
    if (!isNewReport(rollOut, before)) return;
    this.#world.beforeWrite();
    this.#rollOuts.set(rollOut.accountId, withSinceOfSpokes(rollOut, before));
  }

  async rollOuts(): Promise<readonly RollOut[]> {
    return [...this.#rollOuts.values()];
  }

  #present(): readonly StackReport[] {
    const keep = this.#world.keep?.records ?? Number.POSITIVE_INFINITY;
    return [...this.#reports.values()].filter(({ at }) => at > this.#world.clock() - keep);
  }

  async all(kind: HeardKind): Promise<readonly Heartbeat[]> {
    return [...this.#heard.values()].filter((each) => each.kind === kind);
  }
}
