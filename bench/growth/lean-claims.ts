import type { Question } from '../../lib/attribution/questions.ts';
import type { Claim } from '../../lib/claims/claim.ts';
import { endOfSender, startOfSender, waitIds } from '../../lib/claims/waits.ts';
import type { Backlog, ClaimWaits, LeftWaits, WaitPage } from '../../lib/ports/claims.ts';
import { type EpochMillis, epochMillis } from '../../lib/time.ts';
import { MemoryClaims } from '../../test/stand-ins/memory/memory-claims.ts';

/** Claims by id and by due time, like the table's index. */
export class LeanClaims extends MemoryClaims {
  readonly #byId = new Map<string, Claim>();
  readonly #byDue = new Map<number, Set<string>>();
  /** Number of claims read as due. */
  claimsRead = 0;

  override async get(id: string): Promise<Claim | undefined> {
    return this.#byId.get(id);
  }

  override async registered(ids: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    return new Map(ids.flatMap((id) => this.#byId.get(id) ?? []).map((claim) => [claim.id, claim]));
  }

  override async change(
    id: string,
    change: (claim: Claim | undefined) => Claim | undefined,
  ): Promise<Claim | undefined> {
    const before = this.#byId.get(id);
    const changed = change(before);
    if (changed === undefined) return undefined;
    if (before?.due !== undefined) this.#byDue.get(before.due)?.delete(id);
    if (changed.due !== undefined)
      this.#byDue.set(changed.due, (this.#byDue.get(changed.due) ?? new Set<string>()).add(id));
    this.#byId.set(id, changed);
    return changed;
  }

  override async due(now: EpochMillis, limit: number): Promise<readonly Claim[]> {
    const found: Claim[] = [];
    for (const due of [...this.#byDue.keys()].filter((due) => due <= now).sort((a, b) => a - b)) {
      for (const id of this.#byDue.get(due) ?? []) {
        if (found.length === limit) break;
        const claim = this.#byId.get(id);
        if (claim !== undefined) found.push(claim);
      }
    }
    this.claimsRead += found.length;
    return found;
  }

  override async backlog(): Promise<Backlog> {
    const dues = [...this.#byDue].filter(([, ids]) => ids.size > 0);
    const open = dues.reduce((sum, [, ids]) => sum + ids.size, 0);
    return { open, ...(open > 0 && { overdueSince: epochMillis(Math.min(...dues.map(([due]) => due))) }), faulty: [] };
  }
}

/** Waits of claims. Many claims may wait for one fact. */
export class LeanWaits implements ClaimWaits {
  readonly #waits = new Map<string, Set<string>>();
  readonly #left = new Map<string, LeftWaits>();

  async add(waiter: string, questions: readonly Question[]): Promise<boolean> {
    let isNew = false;
    for (const wait of questions.flatMap(waitIds)) {
      const waiting = this.#waits.get(wait) ?? new Set<string>();
      isNew ||= !waiting.has(waiter);
      this.#waits.set(wait, waiting.add(waiter));
    }
    return isNew;
  }

  async page(wait: string, most: number, after = ''): Promise<WaitPage> {
    const rest = [...(this.#waits.get(wait) ?? [])].filter((waiter) => waiter > after).sort();
    const waiters = rest.slice(0, most);
    return { waiters, after: rest.length > most ? waiters.at(-1) : undefined };
  }

  async leave(left: LeftWaits): Promise<void> {
    this.#left.set(leftKey(left), left);
  }

  async repeat({ at, ...of }: Pick<LeftWaits, 'wait' | 'sender' | 'at'>): Promise<boolean> {
    const left = this.#left.get(leftKey(of));
    if (left !== undefined)
      this.#left.set(leftKey(of), { ...left, again: true, at: epochMillis(Math.max(at, left.at + 1)) });
    return left !== undefined;
  }

  async left(sender?: string): Promise<LeftWaits | undefined> {
    const [first] = [...this.#left]
      .filter(([key]) => sender === undefined || key > endOfSender(sender))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return first?.[1];
  }

  async advance(left: LeftWaits, rest: Pick<LeftWaits, 'after' | 'again'> | undefined): Promise<void> {
    if (this.#left.get(leftKey(left))?.at !== left.at) return;
    const { again: _, ...of } = left;
    if (rest === undefined) this.#left.delete(leftKey(left));
    else this.#left.set(leftKey(left), { ...of, ...rest });
  }

  async remove(waiter: string, questions: readonly Question[]): Promise<void> {
    for (const wait of questions.flatMap(waitIds)) this.#waits.get(wait)?.delete(waiter);
  }
}

function leftKey({ sender, wait }: Pick<LeftWaits, 'wait' | 'sender'>): string {
  return `${startOfSender(sender)}${wait}`;
}
