import type { RuleContext } from '../../attribution/answer.ts';
import { AnswerMemo } from '../../attribution/answer-memo.ts';
import { actionOf, attribute } from '../../attribution/attribute.ts';
import { callerContent, copyPlace, recordIdentity, withConflict } from '../../attribution/copies.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import {
  type AuditRecord,
  completeRecord,
  type RecordedCaller,
  type RecordHead,
  recordedCaller,
  recordHead,
} from '../../attribution/record.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import { UnmetSettings } from '../../attribution/unmet-settings.ts';
import type { Caller } from '../../audit/caller.ts';
import { MOST_CALLERS } from '../../audit/caller-memo.ts';
import type { EventOfInput } from '../../ports/input.ts';
import { RecentMap } from '../../recent-map.ts';
import type { CopyVerdict, KnownCopies } from './known-copies.ts';
import { type Digest, SeenEvents } from './seen-events.ts';

/** The parts of a caller that go into records. They are computed once for each caller object. */
interface CallerParts {
  readonly recorded: RecordedCaller;
  readonly content: string;
}

/** Makes records of audit events from files. Every grant is known before the first event, so all answers are final. */
export class EventRecords {
  readonly #index: KnownGrants;
  readonly #known: RuleContext;
  readonly #digest: Digest;
  readonly #copies: KnownCopies | undefined;
  readonly #seen = new SeenEvents();
  /** The places of the events so far. They are compared if it is not known in advance which copies differ. */
  readonly #places = new SeenEvents();
  readonly #answers = new AnswerMemo();
  readonly #callers = new RecentMap<Caller, CallerParts>(MOST_CALLERS);
  /** The configured templates and proxies that have matched no event yet. */
  readonly unmet: UnmetSettings;
  /**
   * The number of records that lack the flag for conflicting copies. They were written before the conflicting copy
   * came.
   */
  lateConflicts = 0;

  /** @param copies the copies that differ. Undefined if the input can be read only once, so that they are unknown. */
  constructor(index: KnownGrants, settings: AttributionSettings, digest: Digest, copies: KnownCopies | undefined) {
    this.#index = index;
    this.#known = { index, settings, settled: true };
    this.#digest = digest;
    this.#copies = copies;
    this.unmet = new UnmetSettings(settings, index);
  }

  /**
   * Returns the record of the event. Undefined if the event came before, or if another copy states all of it. If the
   * event issued a token, the token is known to later calls.
   */
  recordOf({ event, site, token }: EventOfInput): AuditRecord | undefined {
    if (token !== undefined) this.#index.add({ token });
    const { recorded, content } = this.#partsOf(event.caller);
    const head = recordHead(event, site, recorded);
    if (this.#mayRepeat && !this.#seen.isNew(this.#digest(recordIdentity(head, content)))) return undefined;
    const verdict = this.#verdictOn(head);
    if (verdict === 'left-out') return undefined;
    const action = actionOf(event, site);
    this.unmet.add(action);
    const answer = this.#answers.of(action, (span) => attribute(action, { ...this.#known, span }));
    const record = completeRecord(head, answer);
    return verdict === 'record' ? record : { ...record, attribution: withConflict(record.attribution) };
  }

  get #mayRepeat(): boolean {
    return this.#copies?.mayRepeat !== false;
  }

  #verdictOn(head: RecordHead): CopyVerdict {
    if (this.#copies !== undefined) return this.#copies.verdictOn(head);
    if (this.#places.isNew(this.#digest(copyPlace(head)))) return 'record';
    this.lateConflicts += 1;
    return 'conflicting';
  }

  #partsOf(caller: Caller): CallerParts {
    const known = this.#callers.get(caller);
    if (known !== undefined) return known;
    const recorded = recordedCaller(caller);
    const parts = { recorded, content: callerContent(recorded) };
    this.#callers.set(caller, parts);
    return parts;
  }
}
