import type { RuleContext } from '../../attribution/answer.ts';
import { AnswerMemo } from '../../attribution/answer-memo.ts';
import { actionOf, attribute } from '../../attribution/attribute.ts';
import type { KnownGrants } from '../../attribution/known-grants.ts';
import { type AuditRecord, auditRecord, type RecordedCaller, recordedCaller } from '../../attribution/record.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import { UnmetSettings } from '../../attribution/unmet-settings.ts';
import type { Caller } from '../../audit/caller.ts';
import { MOST_CALLERS } from '../../audit/caller-memo.ts';
import { callerIdentity, eventIdentity } from '../../audit/event.ts';
import type { EventOfInput } from '../../ports/input.ts';
import { RecentMap } from '../../recent-map.ts';
import { type Digest, SeenEvents } from './seen-events.ts';

/** The parts of a caller that records contain, computed once for each caller object. */
interface CallerParts {
  readonly recorded: RecordedCaller;
  readonly identity: string;
}

/** Maker of records for audit events from files. Every grant is known before the first event, so all answers are final. */
export class EventRecords {
  readonly #index: KnownGrants;
  readonly #known: RuleContext;
  readonly #digest: Digest;
  readonly #seen = new SeenEvents();
  readonly #answers = new AnswerMemo();
  readonly #callers = new RecentMap<Caller, CallerParts>(MOST_CALLERS);
  /** Configured templates and proxies that matched no event so far. */
  readonly unmet: UnmetSettings;

  constructor(index: KnownGrants, settings: AttributionSettings, digest: Digest) {
    this.#index = index;
    this.#known = { index, settings, settled: true };
    this.#digest = digest;
    this.unmet = new UnmetSettings(settings, index);
  }

  /** Returns the record of the event; undefined if the event is a repetition. A token that the event issued is known afterwards. */
  recordOf({ event, cluster, token }: EventOfInput): AuditRecord | undefined {
    if (token !== undefined) this.#index.add({ token });
    const { recorded, identity } = this.#partsOf(event.caller);
    if (!this.#seen.isNew(this.#digest(eventIdentity(event, identity)))) return undefined;
    const action = actionOf(event, cluster);
    this.unmet.add(action);
    const answer = this.#answers.of(action, (span) => attribute(action, { ...this.#known, span }));
    return auditRecord(event, answer, cluster, { caller: recorded });
  }

  #partsOf(caller: Caller): CallerParts {
    const known = this.#callers.get(caller);
    if (known !== undefined) return known;
    const parts = { recorded: recordedCaller(caller), identity: callerIdentity(caller) };
    this.#callers.set(caller, parts);
    return parts;
  }
}
