import type { Answer, Known } from '../../attribution/answer.ts';
import { isAnythingTold } from '../../attribution/settings.ts';
import type { UnmetSettings } from '../../attribution/unmet-settings.ts';
import { AnswersByKey } from '../../fast/answers-by-key.ts';
import type { GrantsInRows } from '../../fast/grants-in-rows.ts';
import type { PackedEvents } from '../../fast/packed-events.ts';
import type { PackedTexts } from '../../ports/input.ts';
import type { RunCounts } from '../counting/run-counts.ts';
import { type DecidedByRules, type Decision, PackedDecisions } from './packed-decisions.ts';
import type { SeenEvents } from './seen-events.ts';

/** Records as JSON lines. */
export interface WholeRecords {
  /** What stands behind the head, but for its last bracket, from the attribution as JSON. */
  rest(attribution: string): string;
  /** The bytes are the head's, without its last bracket. */
  record(heads: Uint8Array, from: number, to: number, rest: string): void;
}

interface RecordsTo {
  record(head: string, answer: Answer): void;
  readonly whole?: WholeRecords | undefined;
}

interface Attributing {
  readonly tally: RunCounts;
  readonly known: Known;
  readonly index: GrantsInRows;
  readonly unmet: UnmetSettings;
  readonly seen: SeenEvents;
}

/** Attributes packed events. */
export class PackedRecords {
  readonly #to: RecordsTo;
  readonly #with: Attributing;
  readonly #decisions: PackedDecisions;

  constructor(to: RecordsTo, attributing: Attributing) {
    this.#to = to;
    this.#with = attributing;
    this.#decisions = new PackedDecisions(attributing.known, byKey(to, attributing));
  }

  add(events: PackedEvents, texts: PackedTexts): void {
    let sender = 0;
    for (let event = 0; event < events.count; event += 1) {
      const told = events.places[event] ?? 0;
      if (told < 0) {
        const from = sender === 0 ? 0 : (events.senderEnds[sender - 1] ?? 0);
        this.#decisions.take(-1 - told, texts.sender(from, events.senderEnds[sender] ?? 0));
        sender += 1;
      }
      if (this.#with.seen.isNewAt(events.identities, event * 4)) this.#record(events, event, texts);
      else this.#with.tally.duplicates += 1;
    }
  }

  #record(events: PackedEvents, event: number, texts: PackedTexts): void {
    const told = events.places[event] ?? 0;
    const moment = events.moments[event] ?? Number.NaN;
    const decision = this.#decisions.decide(told < 0 ? -1 - told : told, moment);
    if (decision.how === 'by-key') this.#with.tally.attributed(decision.label);
    else this.#count(decision);
    const from = event === 0 ? 0 : (events.headEnds[event - 1] ?? 0);
    this.#write(decision, events.heads, [from, events.headEnds[event] ?? 0], texts);
  }

  #count(decision: DecidedByRules): void {
    const { tally, unmet } = this.#with;
    tally.record(decision.answer.attribution);
    if (!decision.isNew) return;
    unmet.add(decision.action);
    decision.isNew = false;
  }

  #write(decision: Decision, heads: Uint8Array, [from, to]: readonly [number, number], texts: PackedTexts): void {
    const { whole } = this.#to;
    if (decision.how === 'by-rules' && (whole === undefined || decision.answer.learnt !== undefined)) {
      return this.#to.record(texts.head(from, to), decision.answer);
    }
    decision.rest ??= whole?.rest(attributionOf(decision)) ?? '';
    whole?.record(heads, from, to - 1, decision.rest);
  }
}

function attributionOf(decision: Decision): string {
  return decision.how === 'by-key' ? decision.attribution : JSON.stringify(decision.answer.attribution);
}

/** Where texts are all that is wanted, and no setting is to be held against each action. */
function byKey({ whole }: RecordsTo, { known, index }: Attributing): AnswersByKey | undefined {
  return whole === undefined || isAnythingTold(known.settings) ? undefined : new AnswersByKey(known, index);
}
