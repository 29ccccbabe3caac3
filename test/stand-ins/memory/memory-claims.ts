import { isOver } from '../../../lib/adapters/expiry.ts';
import type { Question } from '../../../lib/attribution/questions.ts';
import type { Claim, ClaimIntent, ListedStatus } from '../../../lib/claims/claim.ts';
import { waitIds } from '../../../lib/claims/waits.ts';
import type { AnnouncedIntents, Backlog, ClaimPage, Claims, Forgotten } from '../../../lib/ports/claims.ts';
import type { Lease } from '../../../lib/ports/lease.ts';
import type { Page } from '../../../lib/ports/paging.ts';
import { type EpochMillis, epochMillis } from '../../../lib/time.ts';
import { LateIndex } from './late-index.ts';
import { checkPlace, expiryOf, type MemoryWorld } from './memory-world.ts';

/** The claims table in memory, where each opening is announced in a part of its own, with the lease that lies in it. */
export class MemoryClaims implements Claims, Lease {
  readonly #world: MemoryWorld;
  readonly #claims: LateIndex<Claim>;
  /** By question: the waiting claims, with when each wait is over. */
  readonly #waits = new Map<string, Map<string, number>>();
  /** By delivery and part, one opening each. */
  readonly #announced = new Map<string, AnnouncedIntents & { readonly expires: number }>();
  #lease: { readonly owner: string; readonly until: EpochMillis } | undefined;

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

  async due(now: EpochMillis, limit: number): Promise<readonly Claim[]> {
    return this.#open()
      .flatMap(({ id }) => this.#claims.get(id) ?? [])
      .filter(({ due }) => due !== undefined && due <= now)
      .slice(0, limit);
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

  async list(status: ListedStatus, { limit, position }: Page): Promise<ClaimPage> {
    checkPlace(position);
    const listed = this.#claims
      .visible()
      .filter((claim) => claim.status === status && (position === undefined || place(claim) < position))
      .sort((a, b) => (place(a) > place(b) ? -1 : 1));
    const claims = listed.slice(0, limit);
    const last = claims.at(-1);
    return { claims, positions: claims.map(place), ...(listed.length > limit && last && { position: place(last) }) };
  }

  async waitFor(id: string, questions: readonly Question[]): Promise<boolean> {
    let isNew = false;
    for (const wait of questions.flatMap(waitIds)) {
      if (this.#waitingAt(wait).includes(id)) continue;
      this.#world.beforeWrite();
      isNew = true;
      const waiting = this.#waits.get(wait) ?? new Map<string, number>();
      this.#waits.set(wait, waiting.set(id, expiryOf('records', this.#world)));
    }
    return isNew;
  }

  async waitingFor(question: Question): Promise<readonly string[]> {
    return [...new Set(waitIds(question).flatMap((wait) => this.#waitingAt(wait)))];
  }

  #waitingAt(wait: string): string[] {
    const now = this.#world.clock();
    const waiting = [...(this.#waits.get(wait) ?? [])];
    return waiting.filter(([, expires]) => !isOver({ expires }, now)).map(([id]) => id);
  }

  async waitNoMore(id: string, questions: readonly Question[]): Promise<void> {
    for (const wait of questions.flatMap(waitIds)) {
      this.#world.beforeWrite();
      this.#waits.get(wait)?.delete(id);
    }
  }

  async announce(delivery: string, openings: readonly ClaimIntent[], now: EpochMillis): Promise<void> {
    for (const opening of openings) {
      this.#world.beforeWrite();
      const expires = expiryOf('records', this.#world);
      const part = JSON.stringify(opening);
      this.#announced.set(partKey(delivery, part), { delivery, part, at: now, openings: [opening], expires });
    }
  }

  async withdraw(delivery: string): Promise<void> {
    for (const [key, announced] of this.#announced) {
      if (announced.delivery !== delivery) continue;
      this.#world.beforeWrite();
      this.#announced.delete(key);
    }
  }

  async fulfil({ delivery, part, at }: AnnouncedIntents): Promise<void> {
    const key = partKey(delivery, part);
    if (this.#announced.get(key)?.at !== at) return;
    this.#world.beforeWrite();
    this.#announced.delete(key);
  }

  async forgotten(before: EpochMillis): Promise<Forgotten> {
    const now = this.#world.clock();
    const current = [...this.#announced.values()].filter((each) => each.at < before && !isOver(each, now));
    return { announcements: current.map(({ expires: _expires, ...announced }) => announced), faulty: [] };
  }

  async take(owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean> {
    const isTaken = this.#lease !== undefined && this.#lease.owner !== owner && this.#lease.until > now;
    if (!isTaken) this.#lease = { owner, until };
    return !isTaken;
  }

  async release(owner: string): Promise<void> {
    if (this.#lease?.owner === owner) this.#lease = { owner, until: epochMillis(0) };
  }

  /** Every claim as it is. */
  all(): readonly Claim[] {
    return this.#claims.all();
  }
}

function partKey(delivery: string, part: string): string {
  return `${part} ${delivery}`;
}

function place({ last, id }: Claim): string {
  return `${String(Math.round((last ?? 0) * 1_000)).padStart(17, '0')} ${id}`;
}
