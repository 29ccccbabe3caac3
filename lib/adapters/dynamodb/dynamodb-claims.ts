import { setTimeout as wait } from 'node:timers/promises';
import type { Question } from '../../attribution/questions.ts';
import type { Claim, ClaimIntent, ListedStatus } from '../../claims/claim.ts';
import type { ErrorCode } from '../../error-code.ts';
import type { AnnouncedIntents, Backlog, ClaimPage, Claims, Forgotten } from '../../ports/claims.ts';
import type { Lease } from '../../ports/lease.ts';
import type { Page } from '../../ports/paging.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import { expiry, isOver, secondsOf } from '../expiry.ts';
import { Announcements } from './announced-intents.ts';
import { claimIdOf, claimItem, claimKey, DUE, readClaim, statusList } from './claim-item.ts';
import { ClaimWaits } from './claim-waits.ts';
import { checkPosition } from './keys.ts';
import { type Item, indexRequest, putRequest } from './requests.ts';
import { number, read, readEach } from './shape.ts';
import type { TableHandle } from './table-handle.ts';
import { TABLES } from './tables.ts';

/** A claim that others change all the time: the work is to be done again later. */
export class ClaimContentionError extends Error {
  readonly code = 'claim-contention' satisfies ErrorCode;
}

const MOST_TRIES = 20;
/** Of the open claims, so many are counted; more is alarming enough. */
const MOST_COUNTED = 10_000;
/** Of these, so many are read to see since when they are held back: a read unit each, once a minute. */
const MOST_READ_BACK = 1_000;
const [BY_DUE, BY_STATUS] = TABLES.claims.indexes;
const LEASE_KEY = { partition: 'lease settle', sort: 'lease' };

/** The claims table. A claim is changed as it was read, or read again. */
export class DynamoDbClaims implements Claims, Lease {
  readonly #of: TableHandle;
  readonly #waits: ClaimWaits;
  readonly #announcements: Announcements;

  constructor(of: TableHandle) {
    this.#of = of;
    this.#waits = new ClaimWaits(of);
    this.#announcements = new Announcements(of);
  }

  async get(id: string): Promise<Claim | undefined> {
    const item = await this.#of.database.get(this.#of.table, claimKey(id));
    return item === undefined || isOver(item, this.#of.clock()) ? undefined : readClaim(item).claim;
  }

  async registered(ids: readonly string[]): Promise<ReadonlyMap<string, Claim>> {
    const { database, table, clock } = this.#of;
    const items = await database.getAll(table, ids.map(claimKey));
    const now = clock();
    const current = items.filter((item) => !isOver(item, now));
    const { sound } = readEach(current, (item) => readClaim(item).claim, claimIdOf);
    return new Map(sound.map((claim) => [claim.id, claim]));
  }

  async change(id: string, change: (claim: Claim | undefined) => Claim | undefined): Promise<Claim | undefined> {
    const { database, table, clock, keep } = this.#of;
    for (let attempt = 1; attempt <= MOST_TRIES; attempt += 1) {
      const item = await database.get(table, claimKey(id));
      const now = clock();
      const before = item === undefined || isOver(item, now) ? undefined : readClaim(item);
      const changed = change(before?.claim);
      if (changed === undefined) return undefined;
      const expires = expiry(now, keep);
      const done = await database.put(
        before === undefined
          ? putRequest(table, claimItem(changed, 1, expires), 'isNew', { ':seconds': secondsOf(now) })
          : putRequest(table, claimItem(changed, before.revision + 1, expires), 'isAsRead', {
              ':revision': before.revision,
            }),
      );
      if (done) return changed;
      await wait(Math.random() * 20 * attempt);
    }
    throw new ClaimContentionError(`Claim ${id} was changed by others ${MOST_TRIES} times. Deliver the batch again.`);
  }

  async due(now: EpochMillis, limit: number): Promise<readonly Claim[]> {
    const { database, table } = this.#of;
    for (let asked = limit; ; asked *= 2) {
      const keyRange = { hash: DUE, to: now, order: 'ascending', limit: asked } as const;
      const entries = await database.query(indexRequest(table, BY_DUE, keyRange));
      const { sound } = await this.#readBack(entries);
      const leftOut = entries.length - sound.length;
      if (leftOut > 0 && sound.length < limit && entries.length === asked) continue;
      const isDue = ({ due }: Claim) => due !== undefined && due <= now;
      return sound.filter(isDue).sort((a, b) => (a.due ?? 0) - (b.due ?? 0));
    }
  }

  async backlog(): Promise<Backlog> {
    const keyRange = { hash: DUE, order: 'ascending', limit: MOST_COUNTED } as const;
    const items = await this.#of.database.query(indexRequest(this.#of.table, BY_DUE, keyRange));
    const { sound, faulty, over } = await this.#readBack(items.slice(0, MOST_READ_BACK));
    const [first, ...others] = items.filter(({ partition }) => !over.has(partition));
    if (first === undefined) return { open: 0, faulty: [] };
    const held = sound.flatMap(({ due, heldSince }) => (due === undefined ? [] : (heldSince ?? [])));
    const overdueSince = epochMillis(Math.min(read(number, first.due, 'due'), ...held));
    return { open: others.length + 1, overdueSince, faulty };
  }

  async list(status: ListedStatus, { limit, position }: Page): Promise<ClaimPage> {
    checkPosition(position);
    const { database, table } = this.#of;
    const to = position === undefined ? {} : { to: position };
    const keyRange = { hash: statusList(status), ...to, order: 'descending', limit: limit + 2 } as const;
    const found = await database.query(indexRequest(table, BY_STATUS, keyRange));
    const entries = found.filter(({ statusSort: place }) => place !== position);
    const taken = entries.slice(0, limit);
    const { sound } = await this.#readBack(taken);
    const listed = new Map(sound.filter((claim) => claim.status === status).map((claim) => [claim.id, claim]));
    const places = taken.flatMap((entry) => {
      const claim = listed.get(claimIdOf(entry));
      return claim === undefined ? [] : [{ claim, position: String(entry.statusSort) }];
    });
    const last = taken.at(-1);
    const [claims, positions] = [places.map(({ claim }) => claim), places.map(({ position: place }) => place)];
    return { claims, positions, ...(entries.length > limit && last && { position: String(last.statusSort) }) };
  }

  waitFor(id: string, questions: readonly Question[]): Promise<boolean> {
    return this.#waits.note(id, questions);
  }

  waitingFor(question: Question): Promise<readonly string[]> {
    return this.#waits.of(question);
  }

  waitNoMore(id: string, questions: readonly Question[]): Promise<void> {
    return this.#waits.drop(id, questions);
  }

  announce(delivery: string, openings: readonly ClaimIntent[], now: EpochMillis): Promise<void> {
    return this.#announcements.announce(delivery, openings, now);
  }

  withdraw(delivery: string): Promise<void> {
    return this.#announcements.withdraw(delivery);
  }

  fulfil(announcement: AnnouncedIntents): Promise<void> {
    return this.#announcements.fulfil(announcement);
  }

  forgotten(before: EpochMillis): Promise<Forgotten> {
    return this.#announcements.before(before);
  }

  async take(owner: string, now: EpochMillis, until: EpochMillis): Promise<boolean> {
    const item = { ...LEASE_KEY, owner, until };
    return this.#of.database.put(putRequest(this.#of.table, item, 'isFree', { ':owner': owner, ':now': now }));
  }

  async release(owner: string): Promise<void> {
    const item = { ...LEASE_KEY, owner, until: 0 };
    await this.#of.database.put(putRequest(this.#of.table, item, 'isFree', { ':owner': owner, ':now': 0 }));
  }

  async #readBack(entries: readonly Item[]) {
    const keys = entries.map(({ partition, sort }) => ({ partition, sort }));
    const items = await this.#of.database.getAll(this.#of.table, keys);
    const now = this.#of.clock();
    const over = new Set(items.filter((item) => isOver(item, now)).map(({ partition }) => partition));
    const current = items.filter(({ partition }) => !over.has(partition));
    return { ...readEach(current, (item) => readClaim(item).claim, claimIdOf), over };
  }
}
