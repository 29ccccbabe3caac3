import type { AuditRecord } from '../../attribution/record.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { type Looked, MOST_READ, type RequestsQuery } from '../activity/request-source.ts';
import { type GivenValue, LONGEST_VALUE, questionOf, type RecordsQuestion } from '../query/question.ts';
import { CallersGathering } from './callers.ts';
import type { IncidentReport, OthersOnRole } from './report.ts';
import type { UsedRolesGathering } from './used-roles.ts';
import type { Whom } from './whom.ts';

/** Of so many roles it is told who else used them: each is asked for by itself. */
const MOST_ROLES = 10;

export type LookedAt = ReadonlyMap<RequestsQuery, Looked>;
export const NOTHING_READ: Looked = { isWhole: false, examined: 0 };

/** Undefined where the value is none that can be asked for. */
export function asking(value: Pick<GivenValue, 'name' | 'value'>, range: TimeRange): RecordsQuestion | undefined {
  if (value.value === '' || value.value.length > LONGEST_VALUE) return undefined;
  return questionOf([{ ...value, negated: false }], range);
}

/** One whom the report is about. */
export interface PersonOfReport {
  readonly whom: Whom;
  /** The roles of the requests that were read. */
  readonly roles: UsedRolesGathering;
  isOwn(record: AuditRecord): boolean;
}

interface RoleAsked {
  readonly role: string;
  readonly callers: CallersGathering;
  readonly asked: RequestsQuery;
}

/**
 * Who else used the roles of those whom the report is about, and what nobody could be named for meanwhile: first of the
 * role of the incident, then of whichever others their requests show.
 */
export class Surroundings {
  readonly #people: readonly PersonOfReport[];
  readonly #range: TimeRange;
  readonly #others: RoleAsked[] = [];
  /** Beyond those that are asked about. */
  readonly #left: string[] = [];
  readonly #unnamed: { readonly callers: CallersGathering; readonly asked: RequestsQuery };

  constructor(people: readonly PersonOfReport[], range: TimeRange) {
    this.#people = people;
    this.#range = range;
    this.#ask([...new Set(people.flatMap(({ whom: { role } }) => role ?? []))]);
    const callers = this.#callers();
    const unnamed = UNNAMED.map((value) => ({ name: 'status' as const, value, negated: false }));
    const take = (record: AuditRecord) => callers.add(record);
    this.#unnamed = { callers, asked: { question: questionOf(unnamed, range), most: MOST_READ, take } };
  }

  get asked(): readonly RequestsQuery[] {
    return [...this.#others.map((each) => each.asked), this.#unnamed.asked];
  }

  /** The questions about the roles that the people used besides, once their requests were read. */
  askedOfUsedRoles(): readonly RequestsQuery[] {
    const before = this.#others.length;
    for (const { roles } of this.#people)
      this.#ask(roles.but([...this.#others.map(({ role }) => role), ...this.#left]));
    return this.#others.slice(before).map((each) => each.asked);
  }

  result(lookedAt: LookedAt): Pick<IncidentReport, 'others' | 'othersLeft' | 'unnamed'> {
    const looked = (asked: RequestsQuery) => lookedAt.get(asked) ?? NOTHING_READ;
    const others = this.#others.map(
      ({ role, callers, asked }): OthersOnRole => ({ role, ...callers.result(looked(asked)) }),
    );
    const unnamed = this.#unnamed.callers.result(looked(this.#unnamed.asked));
    return { others, othersLeft: this.#left.length, unnamed };
  }

  #ask(roles: readonly string[]): void {
    for (const role of roles) {
      const question = asking({ name: 'role', value: role }, this.#range);
      if (question === undefined) continue;
      if (this.#others.length >= MOST_ROLES) {
        this.#left.push(role);
        continue;
      }
      const callers = this.#callers();
      const take = (record: AuditRecord) => (this.#isOfPeople(record) ? undefined : callers.add(record));
      this.#others.push({ role, callers, asked: { question, most: MOST_READ, take } });
    }
  }

  #callers(): CallersGathering {
    return new CallersGathering(this.#people.flatMap(({ whom }) => whom.actor ?? []));
  }

  #isOfPeople(record: AuditRecord): boolean {
    return this.#people.some((each) => each.isOwn(record));
  }
}

const UNNAMED = ['unattributed', 'ambiguous', 'pending'] as const;
