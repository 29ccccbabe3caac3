import type { KnownGrants } from '../../lib/attribution/known-grants.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { idsOfHolders } from '../../lib/usecases/attribute/name-holders.ts';
import { RunCounts } from '../../lib/usecases/counting/run-counts.ts';
import { FIELD_NAMES, type FieldName, fieldOf, type Matcher, matcherOf } from '../../lib/usecases/query/filter.ts';
import { withIds } from '../../lib/usecases/query/people.ts';
import { asksSomething, isInRange, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { ShownRequests } from '../access/requests.ts';
import { recordFormat } from '../format/formats.ts';
import type { RecordWriter } from '../format/record-writer.ts';
import { asksForSystem, filtersText, questionFrom } from '../options/question-options.ts';
import { rangeOf, rangeText } from '../options/time-range.ts';
import { viewOf } from '../options/view-options.ts';
import { candidatesQuestion } from '../records/answer.ts';
import { unknownWords } from '../records/empty-answer.ts';
import {
  BY_ACTOR,
  type GroupView,
  groupFormat,
  groupsText,
  keyOfActor,
  RecordGroups,
} from '../records/groups/record-groups.ts';
import { NextReport } from '../records/next-report.ts';
import { PeopleOfRecords, peopleWords } from '../records/people-text.ts';
import { counted } from '../terminal/text-table.ts';
import { withPlaces } from '../whois/command-texts.ts';
import type { AttributeOptions } from './options.ts';
import type { MatchSummary } from './summary.ts';

/** Writes records: all, those that match a question, or their counts by actor. */
export interface RecordOutput {
  /** Returns the record's text. Empty if the record is not shown by itself. */
  record(record: AuditRecord): string;
  end(): string;
  /**
   * Receives the known grants before the first record. Grants show who had a name in the question. Records of the same
   * people under other names then match too.
   */
  grantsKnown?(known: KnownGrants): void;
  /** Returns the counts of the matching records, if there are filters. */
  matches?(): MatchSummary;
  /** Returns whether more matched than `--limit` shows. */
  isCut?(): boolean;
  /** Returns notes for standard error. */
  sentences(): readonly string[];
  /** Whether a name in the question means several people. */
  readonly isNameAmbiguous?: boolean;
}

/** Returns the output for these options. @throws CommandError that names the option that is wrong. */
export function recordOutput(options: AttributeOptions, isFirstSeen: Matcher = () => true): RecordOutput {
  const question = questionFrom(options);
  const view = { ...viewOf(options), sumsSystem: !asksForSystem(options) };
  const { limit = Number.POSITIVE_INFINITY } = options;
  const isAll = options.summary !== true && !asksSomething(question);
  const asFields = { ...view, fields: options.fields };
  if (isAll && options.limit === undefined) return { ...recordFormat(options.format, asFields), sentences: () => [] };
  const holders = new Map<string, readonly string[]>();
  const idsOf = (name: string) => holders.get(name) ?? [];
  const people = new PeopleOfRecords(question.filter.actor?.any ?? [], idsOf);
  let matches = matcherOf(question.filter);
  const shown = options.summary === true ? summaryFormat(options, asFields) : recordFormat(options.format, asFields);
  const isOfTime = question.range.from !== undefined || question.range.to !== undefined;
  const ofTime = isOfTime ? [`the time range ${rangeText(rangeOf(options))}`] : [];
  const what = [...(filtersText(question) === '' ? [] : [filtersText(question)]), ...ofTime].join(', ');
  const mayBe = candidatesQuestion(question);
  let isCandidate = mayBe && matcherOf(mayBe.filter);
  const occurring = new OccurringValues(question);
  const next = NextReport.for(options);
  const requests = isTable(options) ? new ShownRequests() : undefined;
  const matched = new RunCounts();
  let [all, rows, candidates] = [0, 0, 0];
  const shownUpTo = (most: number, record: AuditRecord): string => {
    if (requests?.isNew(record) !== false) rows += 1;
    if (rows > most) return '';
    matched.record(record);
    people.add(record);
    next?.add(record);
    return shown.record(record);
  };
  return {
    grantsKnown(known) {
      const { actor, candidate } = question.filter;
      for (const name of [actor?.any, actor?.not, candidate?.any, candidate?.not].flatMap((names) => names ?? []))
        holders.set(name, idsOfHolders(name, question.range, known));
      matches = matcherOf(withIds(question.filter, idsOf));
      isCandidate = mayBe && matcherOf(withIds(mayBe.filter, idsOf));
    },
    get isNameAmbiguous() {
      return people.isNameAmbiguous;
    },
    record(record) {
      all += 1;
      if (matched.records === 0) occurring.add(record);
      if (!isInRange(record, question.range)) return '';
      if (isCandidate?.(record) === true) candidates += 1;
      return matches(record) && isFirstSeen(record) ? shownUpTo(limit, record) : '';
    },
    end: () => shown.end(),
    isCut: () => rows > limit,
    ...(asksSomething(question) && {
      matches: () => ({
        counts: matched,
        says: `${matched.records.toLocaleString('en-US')} of ${counted(all, 'record')} match ${what}${stagesText(rows, matched.records)}.`,
      }),
    }),
    sentences: () => [
      ...candidateWords(candidates, isOfTime),
      ...(matched.records === 0 && asksSomething(question) ? occurring.words() : []),
      ...peopleWords(people.people),
      ...(question.firstSeenSince === undefined ? [] : [withPlaces(FIRST_IN_FILES, options)]),
      ...(next?.sentences() ?? []),
      ...(rows > limit ? [withPlaces(CUT, options)] : []),
    ],
  };
}

function candidateWords(candidates: number, isOfTime: boolean): readonly string[] {
  if (candidates === 0) return [];
  const number = `${counted(candidates, 'more record')}${isOfTime ? ' in this time range' : ''}`;
  return [`${number} may be by this actor, who is one of several candidates. --candidates shows them.`];
}

function stagesText(requests: number, records: number): string {
  return requests === records ? '' : `: ${counted(requests, 'request')} with their stages`;
}

/**
 * Returns whether each request is one row, even if several of its stages are recorded. A summary also counts requests.
 */
function isTable({ format, summary }: AttributeOptions): boolean {
  return summary !== true && (format === 'table' || format === 'wide');
}

const FIRST_IN_FILES =
  'First seen means first seen in these files. Earlier requests are not known. Sessions without a known person are left out. To list them: eks-whois sessions.';

const CUT =
  'There are more records (--limit reached). These are the first in the order of the input. To list the newest: eks-whois records.';

/** Counts requests. A watch or an exec has a record for each of its stages. */
function summaryFormat({ format }: AttributeOptions, view: GroupView): RecordWriter {
  const known = groupFormat(format);
  const groups = new RecordGroups(keyOfActor);
  const seen = new ShownRequests(Number.POSITIVE_INFINITY);
  return {
    record(record) {
      if (seen.isNew(record)) groups.add(record);
      return '';
    },
    end: () => groupsText(groups.sorted(), BY_ACTOR, known, view),
  };
}

/** The maximum number of names of a field that are kept, to suggest similar ones. */
const MOST_KEPT = 5_000;

/** A value of the question, and whether a record has it. */
interface WantedValue {
  readonly field: FieldName;
  readonly value: string;
  readonly isOf: Matcher;
  occurs: boolean;
}

/** Collects the values in the files, to explain why a question has no records. */
class OccurringValues {
  readonly #wanted: readonly WantedValue[];
  readonly #names = new Map<FieldName, Set<string>>();
  readonly #range: RecordsQuestion['range'];
  #first: string | undefined;
  #last: string | undefined;
  #ofTime = 0;
  #all = 0;
  #unnamed = 0;

  constructor({ filter, range }: RecordsQuestion) {
    this.#range = range;
    this.#wanted = FIELD_NAMES.flatMap((field) =>
      (filter[field]?.any ?? []).map((value) => {
        const isOf = matcherOf({ [field]: { any: [value] } });
        return { field, value, isOf, occurs: false };
      }),
    );
    for (const { field } of this.#wanted) this.#names.set(field, new Set());
  }

  add(record: AuditRecord): void {
    this.#all += 1;
    if (record.cluster === undefined) this.#unnamed += 1;
    if (isInRange(record, this.#range)) this.#ofTime += 1;
    this.#stretch(record);
    for (const wanted of this.#wanted) wanted.occurs ||= wanted.isOf(record);
    for (const [field, names] of this.#names) keepNames(names, fieldOf(field).valuesOf?.(record) ?? []);
  }

  #stretch({ time }: AuditRecord): void {
    if (time === undefined) return;
    if (this.#first === undefined || time < this.#first) this.#first = time;
    if (this.#last === undefined || time > this.#last) this.#last = time;
  }

  /** Explains why no record matches, if one part of the question is the reason. */
  words(): readonly string[] {
    if (this.#all === 0) return [];
    const absent = this.#wanted.filter(({ occurs }) => !occurs);
    if (absent.length > 0)
      return [
        ...absent.map(({ field, value }) => unknownWords(field, value, this.#names.get(field) ?? [])),
        ...(this.#unnamed > 0 && absent.some(({ field }) => field === 'cluster') ? [unnamedWords(this.#unnamed)] : []),
      ];
    if (this.#ofTime === 0 && this.#first !== undefined)
      return [`The records in the files are from another time: ${this.#first} to ${this.#last}.`];
    return this.#wanted.length > 1 ? ['Each of these values occurs in the files, but not together.'] : [];
  }
}

/** Says which option names the cluster of records that name none. */
function unnamedWords(records: number): string {
  return `${counted(records, 'record')} in the files ${records === 1 ? 'names' : 'name'} no cluster. Name it with --cluster-name.`;
}

function keepNames(names: Set<string>, found: readonly (string | undefined)[]): void {
  if (names.size >= MOST_KEPT) return;
  for (const name of found) if (name !== undefined) names.add(name);
}
