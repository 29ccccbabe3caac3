import { iamUser } from '../attribution/actor.ts';
import { actorLabel } from '../attribution/actor-names.ts';
import type { Known } from '../attribution/answer.ts';
import { canHaveActed, MomentSpan } from '../attribution/moment.ts';
import { saysMore } from '../attribution/statements.ts';
import type { TrailCaller } from '../cloudtrail/caller.ts';
import type { AccessKeyId } from '../identity/access-key.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';
import { type EpochMillis, epochMillis, formatInstant } from '../time.ts';
import type { GrantsInRows } from './grants-in-rows.ts';
import { keyOfSender } from './sender.ts';

/** An answer that is there as its text. */
export interface AnswerByKey {
  /** The `Attribution` as JSON. */
  readonly attribution: string;
  /** As `actorLabel` names who acted. */
  readonly label: string;
  /** Between which moments it holds. */
  readonly span: MomentSpan;
}

interface CallerTexts {
  /** The attribution up to its chain. */
  readonly begin: string;
  readonly label: string;
}

/** Of rows: a longer chain is for the rules, which also say where one ends. */
const LONGEST = 4;

/**
 * The answer that nearly each event of a session gets: an IAM user was granted the role, by one grant of the key, in its
 * time, perhaps by way of other roles, and nothing is to be added. It is what `attribute` answers, written at once; wherever more could be said it says
 * nothing, and the rules are to be asked.
 */
export class AnswersByKey {
  readonly #known: Known;
  readonly #index: GrantsInRows;
  /** By their numbers. */
  readonly #callers: (CallerTexts | undefined)[] = [];
  readonly #roles: (string | undefined)[] = [];

  /** @param known what no grant is added to while answers are asked for; answers are given where it is settled. */
  constructor(known: Known, index: GrantsInRows) {
    this.#known = known;
    this.#index = index;
  }

  /** @param sender as `writeRoleSender` writes it; any other gets no answer. */
  of(sender: string, moment: number): AnswerByKey | undefined {
    const { index, settings, settled } = this.#known;
    const { rows } = this.#index;
    const { roleId, sessionName, key } = keyOfSender(sender);
    const row = settled ? rows.ofKey(key) : -1;
    if (row < 0 || rows.roleOf(row).roleId !== roleId || !rows.isNamed(row, sessionName)) return undefined;
    const span = new MomentSpan();
    if (!canHaveActed(this.#timesOf(row), epochMillis(moment), settings, span)) return undefined;
    if (index.isKnownUser(sessionName) || index.usesOfKey(key as AccessKeyId, 'statements').some(saysMore))
      return undefined;
    const chain = this.#chainOf(row);
    if (chain === undefined) return undefined;
    const { begin, label } = this.#textsOf(chain[0] ?? row);
    return { attribution: `${begin}${chain.map((each) => this.#linkOf(each)).join()}]}`, label, span };
  }

  #timesOf(row: number): { readonly issuedAt: EpochMillis; readonly expiresAt: EpochMillis } {
    const { rows } = this.#index;
    return { issuedAt: rows.issuedAt(row), expiresAt: rows.expiresAt(row) };
  }

  /** The rows from an IAM user's on, each by the key of the session that called; undefined where the rules are to say which. */
  #chainOf(row: number): readonly number[] | undefined {
    const { rows } = this.#index;
    const chain = [row];
    for (let first = row; ; ) {
      const caller = rows.callerOf(first);
      if (caller.sourceIdentity !== undefined || saysMore(caller)) return undefined;
      if (caller.kind === 'iam-user') return chain;
      first = caller.kind === 'assumed-role' ? this.#above(first, caller) : -1;
      if (first < 0 || chain.length >= LONGEST || chain.includes(first)) return undefined;
      chain.unshift(first);
    }
  }

  /** The row of the session that called for that row, if it issued the very key, for the very session, in its time. */
  #above(row: number, caller: TrailCaller): number {
    const { rows } = this.#index;
    const above = caller.accessKeyId === undefined ? -1 : rows.ofKey(caller.accessKeyId);
    const { id, name } = parseSessionPrincipal(caller.principalId) ?? {};
    if (above < 0 || rows.roleOf(above).roleId !== id || name === undefined || !rows.isNamed(above, name)) return -1;
    return canHaveActed(this.#timesOf(above), rows.issuedAt(row), this.#known.settings) ? above : -1;
  }

  /** As `chainLinks` has it: what stands in a row needs no escapes. */
  #linkOf(row: number): string {
    const { rows } = this.#index;
    const { key, eventId, sessionName } = rows.textsOf(row);
    const [issuedAt, expiresAt] = [formatInstant(rows.issuedAt(row)), formatInstant(rows.expiresAt(row))];
    const own = `"sessionName":"${sessionName}","accessKeyId":"${key}","issuedAt":"${issuedAt}","expiresAt":"${expiresAt}"`;
    return `{"eventName":"AssumeRole","eventIds":["${eventId}"],${this.#roleText(row)},${own},"joinedBy":"access-key"}`;
  }

  #roleText(row: number): string {
    const number = this.#index.rows.roleNumber(row);
    const known = this.#roles[number];
    if (known !== undefined) return known;
    const { region, roleArn, roleId } = this.#index.rows.roleOf(row);
    const text = JSON.stringify({ region, roleArn, roleId }).slice(1, -1);
    this.#roles[number] = text;
    return text;
  }

  /** Of a row that an IAM user called for. */
  #textsOf(row: number): CallerTexts {
    const number = this.#index.rows.callerNumber(row);
    const known = this.#callers[number];
    if (known !== undefined) return known;
    const actor = iamUser(this.#index.rows.callerOf(row), this.#known.index);
    const concluded = { status: 'attributed', method: 'access-key', provisional: false, flags: [], actor };
    const texts = { begin: `${JSON.stringify(concluded).slice(0, -1)},"chain":[`, label: actorLabel(actor) };
    this.#callers[number] = texts;
    return texts;
  }
}
