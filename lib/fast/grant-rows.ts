import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { Grant } from '../cloudtrail/grant.ts';
import { type EpochMillis, epochMillis } from '../time.ts';
import { type GrantedRole, plainGrant } from './plain-grant.ts';
import { grown, RowTable } from './row-table.ts';
import { RowTexts } from './row-texts.ts';
import { Shared } from './shared.ts';
import { TextHash } from './text-hash.ts';

/** Where a text stands, without its quotes. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An AssumeRole call of which nothing is said but this: its texts in bytes, what many calls share as one object each. */
export interface GrantRow {
  readonly bytes: Uint8Array;
  readonly key: Span;
  readonly eventId: Span;
  /** `<role id>:<session name>` */
  readonly principal: Span;
  readonly sessionName: Span;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly role: GrantedRole;
  readonly caller: TrailCaller;
  readonly withMfa: boolean;
}

/** A row's own texts. */
export interface RowText {
  readonly key: string;
  readonly eventId: string;
  readonly sessionName: string;
}

const FIRST = 1 << 12;
/** Of each row: where its texts are, how long each is and a bit for the second factor, its role and its caller. */
const PLACE = 0;
const LENGTHS = 1;
const ROLE = 2;
const CALLER = 3;
const COLUMNS = 4;
const LONGEST = 255;
const MFA = 1 << 24;
const GONE = -1;

/**
 * Grants as rows of numbers and bytes, some 130 bytes each: what is needed to decide, and not the records. A row is made a
 * `Grant` when the rules ask for it, and is then no row any more.
 */
export class GrantRows {
  readonly #hash: TextHash;
  readonly #texts = new RowTexts();
  readonly #byKey = new RowTable();
  readonly #bySession = new RowTable();
  #numbers = new Int32Array(FIRST * COLUMNS);
  #times = new Float64Array(FIRST * 2);
  readonly #shared = { roles: new Shared<GrantedRole>(), callers: new Shared<TrailCaller>() };
  #count = 0;
  #gone = 0;

  /** @param seed of the hashes by which rows are found; they are the same rows with any. */
  constructor(seed = 0) {
    this.#hash = new TextHash(seed);
  }

  /** How many are rows still. */
  get size(): number {
    return this.#count - this.#gone;
  }

  /** Whether a row can hold it: with short texts in plain letters. */
  static fits({ bytes, key, eventId, sessionName }: GrantRow): boolean {
    return isPlain(bytes, key) && isPlain(bytes, eventId) && isPlain(bytes, sessionName);
  }

  add({ bytes, key, eventId, principal, sessionName, issuedAt, expiresAt, role, caller, withMfa }: GrantRow): void {
    const row = this.#count;
    if (row * COLUMNS === this.#numbers.length) {
      this.#numbers = grown(this.#numbers);
      this.#times = grown(this.#times);
    }
    const [keys, ids, names] = [lengthOf(key), lengthOf(eventId), lengthOf(sessionName)];
    const place = this.#texts.room(keys + ids + names);
    let at = this.#texts.write(place, bytes, key.from, key.to);
    at = this.#texts.write(at, bytes, eventId.from, eventId.to);
    this.#texts.write(at, bytes, sessionName.from, sessionName.to);
    this.#numbers[row * COLUMNS + PLACE] = place;
    this.#numbers[row * COLUMNS + LENGTHS] = keys | (ids << 8) | (names << 16) | (withMfa ? MFA : 0);
    this.#numbers[row * COLUMNS + ROLE] = this.#shared.roles.numberOf(role);
    this.#numbers[row * COLUMNS + CALLER] = this.#shared.callers.numberOf(caller);
    this.#times[row * 2] = issuedAt;
    this.#times[row * 2 + 1] = expiresAt;
    this.#byKey.add(this.#hash.ofBytes(bytes, key.from, key.to));
    this.#bySession.add(this.#hash.ofDashed(bytes, principal.from, principal.to));
    this.#count += 1;
  }

  /** The row that issued the key; -1 where none did. No two rows have one key. */
  ofKey(key: string): number {
    for (let row = this.#byKey.first(this.#hash.ofText(key)); row >= 0; row = this.#byKey.next(row)) {
      if (!this.#isGone(row) && this.#lengths(row).key === key.length && this.#texts.isAt(this.#place(row), key))
        return row;
    }
    return -1;
  }

  /** The rows of a session, and perhaps some more. */
  *ofSession(sessionKey: string): Generator<number> {
    for (let row = this.#bySession.first(this.#hash.ofText(sessionKey)); row >= 0; row = this.#bySession.next(row)) {
      if (!this.#isGone(row)) yield row;
    }
  }

  /** The session's rows were all taken. */
  dropSession(sessionKey: string): void {
    this.#bySession.drop(this.#hash.ofText(sessionKey));
  }

  roleOf(row: number): GrantedRole {
    return this.#shared.roles.at(this.roleNumber(row));
  }

  callerOf(row: number): TrailCaller {
    return this.#shared.callers.at(this.callerNumber(row));
  }

  /** From 0 on, the same for all rows of one role. */
  roleNumber(row: number): number {
    return this.#numbers[row * COLUMNS + ROLE] ?? 0;
  }

  callerNumber(row: number): number {
    return this.#numbers[row * COLUMNS + CALLER] ?? 0;
  }

  issuedAt(row: number): EpochMillis {
    return epochMillis(this.#times[row * 2] ?? Number.NaN);
  }

  expiresAt(row: number): EpochMillis {
    return epochMillis(this.#times[row * 2 + 1] ?? Number.NaN);
  }

  /** Whether that is its session's name. */
  isNamed(row: number, name: string): boolean {
    const { key, eventId, sessionName } = this.#lengths(row);
    return sessionName === name.length && this.#texts.isAt(this.#place(row) + key + eventId, name);
  }

  textsOf(row: number): RowText {
    const { key, eventId, sessionName } = this.#lengths(row);
    const all = this.#texts.read(this.#place(row), key + eventId + sessionName);
    return { key: all.slice(0, key), eventId: all.slice(key, key + eventId), sessionName: all.slice(key + eventId) };
  }

  /** The grant, which is no row from now on. */
  take(row: number): Grant {
    const { key, eventId, sessionName } = this.textsOf(row);
    const { roleArn, roleId, region } = this.roleOf(row);
    const withMfa = ((this.#numbers[row * COLUMNS + LENGTHS] ?? 0) & MFA) !== 0;
    const grant = plainGrant({
      ...{ eventId, region, roleArn, roleId, sessionName, caller: this.callerOf(row) },
      ...{ issuedAt: this.issuedAt(row), expiresAt: this.expiresAt(row), key, withMfa },
    });
    this.#numbers[row * COLUMNS + ROLE] = GONE;
    this.#gone += 1;
    return grant;
  }

  #isGone(row: number): boolean {
    return this.#numbers[row * COLUMNS + ROLE] === GONE;
  }

  #place(row: number): number {
    return this.#numbers[row * COLUMNS + PLACE] ?? 0;
  }

  #lengths(row: number) {
    const lengths = this.#numbers[row * COLUMNS + LENGTHS] ?? 0;
    return { key: lengths & 0xff, eventId: (lengths >> 8) & 0xff, sessionName: (lengths >> 16) & 0xff };
  }
}

function lengthOf({ from, to }: Span): number {
  return to - from;
}

const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c ? 1 : 0,
);

/** As JSON writes it without escapes. */
function isPlain(bytes: Uint8Array, { from, to }: Span): boolean {
  if (to <= from || to - from > LONGEST) return false;
  for (let at = from; at < to; at += 1) if (PLAIN[bytes[at] ?? 0] === 0) return false;
  return true;
}
