import { randomSalt } from '../../../lib/adapters/digest.ts';
import type { Claim, ListedStatus } from '../../../lib/claims/claim.ts';
import { DUE_LISTS, type DueList, dueListOf } from '../../../lib/claims/due-list.ts';
import type { Backlog, ClaimPage, Claims, ListPage } from '../../../lib/ports/claims.ts';
import { type EpochMillis, epochMillis } from '../../../lib/time.ts';
import { LateIndex } from './late-index.ts';
import { checkPlace, expiryOf, type MemoryWorld } from './memory-world.ts';

/** The claims in memory. */
export class MemoryClaims implements Claims {
  readonly #world: MemoryWorld;
  readonly #claims: LateIndex<Claim>;

  constructor(world: MemoryWorld) {
    this.#world = world;
    this.#claims = new LateIndex(world.clock, world.random);
  }

  async get(id: string): Promise<Claim | undefined> {
    return this.#claims.get(id);
  }

  async registered(ids: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const claims = ids.flatMap((id) => this.#claims.get(id) ?? []);
    return new Map(claims.map((claim) => [claim.id, claim]));
  }

  async change(id: string, change: (claim: Claim | undefined) => Claim | undefined): Promise<Claim | undefined> {
    const changed = change(this.#claims.get(id));
    if (changed === undefined) return undefined;
    this.#world.beforeWrite();
    this.#claims.set(id, changed, expiryOf('records', this.#world));
    return changed;
  }

  async due(now: EpochMillis, limit: number, lists = DUE_LISTS): Promise<readonly Claim[]> {
    return this.#open()
      .flatMap(({ id }) => this.#claims.get(id) ?? [])
      .filter((claim) => claim.due !== undefined && claim.due <= now && lists.includes(dueListOf(claim)))
      .slice(0, limit);
  }

  async busyLists(now: EpochMillis, most: number): Promise<readonly DueList[]> {
    const sizes = Map.groupBy(await this.due(now, Number.POSITIVE_INFINITY), dueListOf);
    return DUE_LISTS.filter((list) => (sizes.get(list) ?? []).length > most);
  }

  async backlog(): Promise<Backlog> {
    const open = this.#open();
    const since = open.flatMap(({ due, heldSince }) => heldSince ?? due ?? []);
    return { open: open.length, ...(open.length > 0 && { overdueSince: epochMillis(Math.min(...since)) }), faulty: [] };
  }

  #open(): Claim[] {
    const open = this.#claims.visible().filter(({ due }) => due !== undefined);
    return open.sort((a, b) => (a.due ?? 0) - (b.due ?? 0));
  }

  async list(status: ListedStatus, { limit, position, isUpwards = false, until }: ListPage): Promise<ClaimPage> {
    checkPlace(position);
    const isBehind = (before: string, after: string) => (isUpwards ? after > before : after < before);
    const listed = this.#claims
      .visible()
      .filter(({ last }) => until === undefined || (last ?? 0) <= until)
      .filter((claim) => claim.status === status && (position === undefined || isBehind(position, place(claim))))
      .sort((a, b) => (isBehind(place(a), place(b)) ? -1 : 1));
    const claims = listed.slice(0, limit);
    const last = claims.at(-1);
    const rest = listed.length > limit && last && { position: place(last) };
    return { at: this.#world.clock(), salt: randomSalt(), claims, positions: claims.map(place), ...rest };
  }

  /** Returns every claim as it is. */
  all(): readonly Claim[] {
    return this.#claims.all();
  }
}

function place({ last, id }: Claim): string {
  return `${String(Math.round((last ?? 0) * 1_000)).padStart(17, '0')} ${id}`;
}
