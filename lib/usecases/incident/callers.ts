import { type Actor, sameActor } from '../../attribution/actor.ts';
import { actorLabel } from '../../attribution/actor-names.ts';
import type { AuditRecord } from '../../attribution/record.ts';
import type { Looked } from '../activity/request-source.ts';
import { Span, sessionText } from '../activity/requests.ts';
import type { CallerRow, Callers } from './report.ts';

/** So many are listed. */
const MOST_CALLERS = 50;
/** Names of one row. */
const MOST_NAMES = 10;

interface Counted {
  readonly row: Omit<CallerRow, 'requests' | 'first' | 'last'>;
  requests: number;
  readonly span: Span;
}

/** Requests counted by the caller that they look like: bounded, however many there are. */
export class CallersGathering {
  readonly #meant: readonly Actor[];
  readonly #callers = new Map<string, Counted>();
  #requests = 0;
  #left = 0;

  /** `meant` are those whom the report is about. */
  constructor(meant: readonly Actor[]) {
    this.#meant = meant;
  }

  add(record: AuditRecord): void {
    this.#requests += 1;
    const row = this.#rowOf(record);
    const key = JSON.stringify({ ...row, auditId: 0 });
    const known = this.#callers.get(key);
    if (known === undefined && this.#callers.size >= MOST_CALLERS) {
      this.#left += 1;
      return;
    }
    const counted = known ?? { row, requests: 0, span: new Span() };
    this.#callers.set(key, counted);
    counted.requests += 1;
    counted.span.add(record.time);
  }

  result(looked: Looked): Callers {
    const callers = [...this.#callers.values()]
      .map(({ row, requests, span: { first, last } }) => ({ ...row, requests, first, last }))
      .sort((a, b) => Number(b.mayBeMeant) - Number(a.mayBeMeant) || b.requests - a.requests);
    return { requests: this.#requests, callers, left: this.#left, ...looked };
  }

  #rowOf({ auditId, attribution, caller }: AuditRecord): Counted['row'] {
    const { status, reason, actor, candidates = [] } = attribution;
    const actors = actor === undefined ? candidates : [{ actor }];
    return {
      status,
      // A node, or whoever else of the cluster's own acts as itself, is called by its username.
      actors:
        status === 'system'
          ? [caller.username ?? '?']
          : actors.slice(0, MOST_NAMES).map((each) => actorLabel(each.actor)),
      reason,
      session: sessionText(caller),
      accessKeyId: caller.accessKeyId,
      username: caller.sessionName === undefined ? caller.username : undefined,
      mayBeMeant: candidates.some((each) => this.#meant.some((meant) => sameActor(each.actor, meant))),
      auditId,
    };
  }
}
