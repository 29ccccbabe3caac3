import { iamUser } from '../attribution/actor.ts';
import { actorLabel } from '../attribution/actor-names.ts';
import type { Known } from '../attribution/answer.ts';
import { canHaveActed, MomentSpan } from '../attribution/moment.ts';
import { saysMore } from '../attribution/statements.ts';
import type { TrailCaller } from '../cloudtrail/caller.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import { type EpochMillis, epochMillis, formatInstant } from '../time.ts';
import type { BytesWriter } from './bytes-writer.ts';
import type { GrantsInRows } from './grants-in-rows.ts';
import { ascii, CLOSE_ARRAY, CLOSE_OBJECT, COMMA } from './json-bytes.ts';
import { MaybeTexts } from './maybe-texts.ts';
import { type SenderLines, senderLines } from './sender.ts';
import { decoded } from './utf-8.ts';

/** What is to be said of an answer beside its text. */
export interface AnswerByKey {
  /** As `actorLabel` names who acted. */
  readonly label: string;
  /** Between which moments it holds. */
  readonly span: MomentSpan;
}

interface CallerTexts {
  /** The attribution up to its chain. */
  readonly begin: Uint8Array;
  readonly label: string;
}

interface RoleTexts {
  readonly id: Uint8Array;
  /** Its fields of a link. */
  readonly fields: Uint8Array;
}

/** Of rows: a longer chain is for the rules, which also say where one ends. */
const LONGEST = 4;
/** In bytes: what is written has room in so many. The fixed texts and the times of a link take less than 300, a row's own texts 765. */
export const MOST_ANSWER = 64 * 1024;
const MOST_OF_LINK = 1_100;

const ENCODER = new TextEncoder();
const EVENT = ascii('{"eventName":"AssumeRole","eventIds":["');
const AFTER_EVENT = ascii('"],');
const SESSION_NAME = ascii(',"sessionName":"');
const ACCESS_KEY_ID = ascii('","accessKeyId":"');
const ISSUED_AT = ascii('","issuedAt":"');
const EXPIRES_AT = ascii('","expiresAt":"');
const JOINED_BY = ascii('","joinedBy":"access-key"}');

/**
 * The answer that nearly each event of a session gets: an IAM user was granted the role, by one grant of the key, in its
 * time, perhaps by way of other roles, and nothing is to be added. It is what `attribute` answers, its bytes written at once
 * from those of the rows; wherever more could be said it says nothing, and the rules are to be asked.
 */
export class AnswersByKey {
  readonly #known: Known;
  readonly #index: GrantsInRows;
  readonly #users: MaybeTexts;
  readonly #keysThatSayMore: ReadonlySet<string>;
  readonly #maySayMore: MaybeTexts;
  /** By their numbers: of callers those with whom a chain ends. */
  readonly #callers: (CallerTexts | undefined)[] = [];
  readonly #roles: (RoleTexts | undefined)[] = [];

  /** @param known what nothing is added to while answers are asked for; answers are given where it is settled. */
  constructor(known: Known, index: GrantsInRows) {
    this.#known = known;
    this.#index = index;
    const { hash } = index.rows;
    this.#users = MaybeTexts.of([...index.userNames()].map((name) => hash.ofText(name)));
    this.#keysThatSayMore = keysThatSayMore(index);
    this.#maySayMore = MaybeTexts.of([...this.#keysThatSayMore].map((key) => hash.ofText(key)));
  }

  /**
   * Writes the `Attribution` as JSON.
   * @param bytes with the sender in it as `writeRoleSender` writes it; any other gets no answer.
   * @param to with room for `MOST_ANSWER`; nothing is written where there is no answer.
   */
  write(bytes: Uint8Array, from: number, end: number, moment: number, to: BytesWriter): AnswerByKey | undefined {
    const { settings, settled } = this.#known;
    const { rows } = this.#index;
    const lines = settled ? senderLines(bytes, from, end) : undefined;
    const row = lines === undefined ? -1 : rows.ofKeyBytes(bytes, lines.keyFrom, lines.keyTo);
    if (lines === undefined || row < 0 || !this.#isOfSession(row, bytes, lines)) return undefined;
    const span = new MomentSpan();
    if (!canHaveActed(this.#timesOf(row), epochMillis(moment), settings, span)) return undefined;
    if (this.#isMoreSaid(bytes, lines)) return undefined;
    const chain = this.#chainOf(row);
    if (chain === undefined) return undefined;
    const { begin, label } = this.#textsOf(chain[0] ?? row);
    if (begin.length + this.#mostOf(chain) > MOST_ANSWER) return undefined;
    to.all(begin);
    for (const link of chain) {
      if (link !== chain[0]) to.byte(COMMA);
      this.#writeLink(link, to);
    }
    to.byte(CLOSE_ARRAY);
    to.byte(CLOSE_OBJECT);
    return { label, span };
  }

  #isOfSession(row: number, bytes: Uint8Array, { roleFrom, roleTo, nameFrom, nameTo }: SenderLines): boolean {
    const { id } = this.#roleOf(row);
    if (id.length !== roleTo - roleFrom) return false;
    for (let at = 0; at < id.length; at += 1) if (id[at] !== bytes[roleFrom + at]) return false;
    return this.#index.rows.isNamedBytes(row, bytes, nameFrom, nameTo);
  }

  /** Whether the session bears the name of a known user, or a use of the key says who acts besides. */
  #isMoreSaid(bytes: Uint8Array, { nameFrom, nameTo, keyFrom, keyTo }: SenderLines): boolean {
    const { hash } = this.#index.rows;
    if (this.#users.mayHave(hash.ofComparable(bytes, nameFrom, nameTo))) {
      if (this.#index.isKnownUser(decoded(bytes, nameFrom, nameTo))) return true;
    }
    if (!this.#maySayMore.mayHave(hash.ofBytes(bytes, keyFrom, keyTo))) return false;
    return this.#keysThatSayMore.has(decoded(bytes, keyFrom, keyTo));
  }

  #timesOf(row: number): { readonly issuedAt: EpochMillis; readonly expiresAt: EpochMillis } {
    const { rows } = this.#index;
    return { issuedAt: rows.issuedAt(row), expiresAt: rows.expiresAt(row) };
  }

  /** The rows from an IAM user's on, each by the key of the session that called; undefined where the rules are to say which. */
  #chainOf(row: number): readonly number[] | undefined {
    const { rows } = this.#index;
    const chain = [row];
    for (let first = row; this.#callers[rows.callerNumber(first)] === undefined; ) {
      const caller = rows.callerOf(first);
      if (caller.sourceIdentity !== undefined || saysMore(caller)) return undefined;
      if (caller.kind === 'iam-user') break;
      first = caller.kind === 'assumed-role' ? this.#above(first, caller) : -1;
      if (first < 0 || chain.length >= LONGEST || chain.includes(first)) return undefined;
      chain.unshift(first);
    }
    return chain;
  }

  /** The row of the session that called for that row, if it issued the very key, for the very session, in its time. */
  #above(row: number, caller: TrailCaller): number {
    const { rows } = this.#index;
    const above = caller.accessKeyId === undefined ? -1 : rows.ofKey(caller.accessKeyId);
    const { id, name } = parseSessionPrincipal(caller.principalId) ?? {};
    if (above < 0 || rows.roleOf(above).roleId !== id || name === undefined || !rows.isNamed(above, name)) return -1;
    return canHaveActed(this.#timesOf(above), rows.issuedAt(row), this.#known.settings) ? above : -1;
  }

  #mostOf(chain: readonly number[]): number {
    return chain.reduce((sum, row) => sum + MOST_OF_LINK + this.#roleOf(row).fields.length, 0);
  }

  /** As `chainLinks` has it: what stands in a row needs no escapes. */
  #writeLink(row: number, to: BytesWriter): void {
    const { rows } = this.#index;
    to.all(EVENT);
    rows.write('eventId', row, to);
    to.all(AFTER_EVENT);
    to.all(this.#roleOf(row).fields);
    to.all(SESSION_NAME);
    rows.write('sessionName', row, to);
    to.all(ACCESS_KEY_ID);
    rows.write('key', row, to);
    to.all(ISSUED_AT);
    to.ascii(formatInstant(rows.issuedAt(row)));
    to.all(EXPIRES_AT);
    to.ascii(formatInstant(rows.expiresAt(row)));
    to.all(JOINED_BY);
  }

  #roleOf(row: number): RoleTexts {
    const number = this.#index.rows.roleNumber(row);
    const known = this.#roles[number];
    if (known !== undefined) return known;
    const { region, roleArn, roleId } = this.#index.rows.roleOf(row);
    const fields = ENCODER.encode(JSON.stringify({ region, roleArn, roleId }).slice(1, -1));
    const texts = { id: ENCODER.encode(roleId), fields };
    this.#roles[number] = texts;
    return texts;
  }

  /** Of a row that an IAM user called for. */
  #textsOf(row: number): CallerTexts {
    const number = this.#index.rows.callerNumber(row);
    const known = this.#callers[number];
    if (known !== undefined) return known;
    const actor = iamUser(this.#index.rows.callerOf(row), this.#known.index);
    const concluded = { status: 'attributed', method: 'access-key', provisional: false, flags: [], actor };
    const begin = ENCODER.encode(`${JSON.stringify(concluded).slice(0, -1)},"chain":[`);
    const texts = { begin, label: actorLabel(actor) };
    this.#callers[number] = texts;
    return texts;
  }
}

/** The keys of which some use says who acts besides. */
function keysThatSayMore(index: GrantsInRows): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const [key, uses] of index.usesByKey()) if (uses.some(saysMore)) keys.add(key);
  return keys;
}
