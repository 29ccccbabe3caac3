import { type Actor, sameActor } from '../../../lib/attribution/actor.ts';
import { actorFields, actorLabel, actorName, labelsApart } from '../../../lib/attribution/actor-names.ts';
import { type Attribution, evidenceIds, isOwnWork } from '../../../lib/attribution/attribution.ts';
import { FLAG_ROWS, type Flag, isAlerting } from '../../../lib/attribution/flags.ts';
import { REASON_ROWS } from '../../../lib/attribution/reasons.ts';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { lastGrant, roleOfRecord } from '../../../lib/attribution/role-of-record.ts';
import { roleRef } from '../../../lib/identity/arn.ts';
import { type EpochMillis, withoutFraction } from '../../../lib/time.ts';
import {
  type Activity,
  ActivityCollector,
  type Callers,
  requestLine,
  type SessionUse,
} from '../../../lib/usecases/activity/activity.ts';
import { type FirstUses, FirstUsesCollector } from '../../../lib/usecases/activity/first-uses.ts';
import { CallersCollector, SessionsCollector } from '../../../lib/usecases/activity/people.ts';
import { latestStages, millisOf, requestIdentity, Span } from '../../../lib/usecases/activity/requests.ts';
import type { KnownChanges } from '../../../lib/usecases/changes/changes.ts';
import { reportedChanges } from '../../../lib/usecases/incident/cluster-changes.ts';
import { nextSteps } from '../../../lib/usecases/incident/next-steps.ts';
import type { IncidentReport, Section, Step } from '../../../lib/usecases/incident/report.ts';
import {
  callerRowsBlocks,
  changesBlocks,
  firstUsesBlocks,
  nextBlocks,
} from '../../../lib/usecases/incident/report-blocks.ts';
import {
  GRAVE_WORDS,
  PLACES,
  REQUESTS,
  type ReportTable,
  SESSIONS,
  tableOf,
} from '../../../lib/usecases/incident/report-tables.ts';
import type { SessionFound } from '../../../lib/usecases/query/anything/outcomes.ts';
import { sessionsOfRecords } from '../../../lib/usecases/query/anything/sessions-of-records.ts';
import { certainty, isAboutSomebody } from '../../../lib/words/certainty.ts';
import { whoColumn } from '../../../lib/words/columns.ts';
import { type Block, fields, heading, type Line, lineOf, text } from '../../../lib/words/document.ts';
import { kindWords, labelInWords } from '../../../lib/words/kind-words.ts';
import type { IncidentDraft } from './incident.ts';

/** The facts that were loaded about the collected requests. A part is absent until it is loaded. */
export interface LoadedFacts {
  /** The latest requests of each actor, by ID, up to the last collected request. */
  readonly requests: ReadonlyMap<string, { readonly records: readonly AuditRecord[]; readonly isComplete: boolean }>;
  readonly changes?: KnownChanges | undefined;
}

export const NO_FACTS: LoadedFacts = { requests: new Map() };

/** The report of the collected requests, in the order of `eks-whois incident` (docs/incident.md). Its texts come from logs. */
export interface DraftReport
  extends IncidentDraft,
    Pick<IncidentReport, 'clusterChanges' | 'clusterChangesLeft' | 'clusterChangesNote'> {
  readonly schemaVersion: 1;
  /** The times of the first and the last request, as in their records. */
  readonly window?: { readonly from: string; readonly to: string };
  /** One section for each actor. */
  readonly sections: readonly PersonSection[];
  /** Callers of requests without a single known actor, if there are any. */
  readonly unnamed?: Callers;
  /** The callers of system requests, which the cluster itself or AWS made. */
  readonly system?: Callers;
  readonly next: readonly Step[];
}

/** The part of a report about one actor. */
interface PersonSection {
  readonly standing: 'actor';
  readonly actor: Actor;
  /** The certainty of the actor: sentences, each with the number of requests it applies to. */
  readonly certain: readonly { readonly words: string; readonly requests: number }[];
  readonly flags: readonly Flag[];
  /** The reasons why nothing more is known about the actor. */
  readonly reasons: readonly string[];
  /** IDs of the CloudTrail records that are the evidence. */
  readonly eventIds: readonly string[];
  readonly sessions: readonly Omit<SessionUse, 'clusters'>[];
  readonly activity: Activity;
  readonly firstUses?: FirstUses;
}

/**
 * Builds the report of the collected requests, with what was loaded about them. The steps are those of `eks-whois incident`.
 * @param now the time before which sessions are revoked.
 */
export function reportOf(collected: IncidentDraft, facts: LoadedFacts, now: EpochMillis): DraftReport {
  const { records } = collected;
  const people = peopleOf(records);
  const unnamed = records.filter(({ attribution }) => attribution.actor === undefined && !isOwnWork(attribution));
  const system = records.filter(({ attribution }) => isOwnWork(attribution));
  const actors = people.map(({ actor }) => actor);
  const { first, last } = spanOf(records);
  return {
    schemaVersion: 1,
    ...collected,
    ...(first !== undefined && last !== undefined && { window: { from: first, to: last } }),
    sections: people.map((person) => sectionOf(person, facts)),
    ...(unnamed.length > 0 && { unnamed: callersOf(unnamed, actors) }),
    ...(system.length > 0 && { system: callersOf(system, []) }),
    ...(facts.changes && reportedChanges(facts.changes, people.map(wholeSection))),
    next: stepsOf([...people.map(wholeSection), ...unidentifiedSections(unnamed)], facts, now),
  };
}

/**
 * Returns the steps of all sections, each step once. They are made section by section, so that a section's steps rest
 * on its own requests, and no actor counts as one of several candidates.
 */
function stepsOf(sections: readonly Section[], { changes }: LoadedFacts, now: EpochMillis): readonly Step[] {
  const steps = sections.flatMap((section) => {
    const { clusterChanges } = changes === undefined ? {} : reportedChanges(changes, [section]);
    return nextSteps([section], now, { changes: clusterChanges });
  });
  return [...new Map(steps.map((step) => [step.title, step])).values()];
}

/** Returns the actor's requests as a section of a report of `eks-whois incident`. */
function wholeSection({ actor, records }: Person): Section {
  return { ...partsOf(records), standing: 'actor', actor };
}

/** Limits the unidentified access keys for which there are steps. */
const MOST_UNIDENTIFIED = 10;

/** Returns a section for each access key whose owner is not known. */
function unidentifiedSections(records: readonly AuditRecord[]): readonly Section[] {
  const byKey = Map.groupBy(
    records.filter(({ attribution }) => attribution.status === 'unattributed'),
    ({ caller }) => caller.accessKeyId,
  );
  return [...byKey].slice(0, MOST_UNIDENTIFIED).flatMap(([session, of]): Section[] => {
    return session === undefined ? [] : [{ ...partsOf(of), standing: 'session', session }];
  });
}

/** Returns the parts of a section that follow from its requests. The attribution is that of the latest. */
function partsOf(records: readonly AuditRecord[]): Omit<Section, 'standing'> {
  const [sessions, activity] = [new SessionsCollector(), new ActivityCollector()];
  for (const record of records) {
    sessions.add(record);
    activity.add(record);
  }
  const latest = records.at(-1);
  const attribution = latest?.attribution ?? NO_ATTRIBUTION;
  const { roleId, arns = [] } = (latest && roleOfRecord(latest)) ?? {};
  return {
    attribution,
    chain: attribution.chain ?? [],
    role: arns.find((arn) => roleRef(arn) !== undefined) ?? arns[0] ?? roleId,
    accessKeyId: latest?.caller.accessKeyId,
    ...sessions.result(),
    activity: activity.result(scopeOf(records)),
  };
}

const NO_ATTRIBUTION: Attribution = { status: 'pending', provisional: true, flags: [] };

/** An actor and their requests. */
interface Person {
  readonly actor: Actor;
  readonly records: AuditRecord[];
}

/** Returns the actors. Those with a flag that can raise an alert come first (CONTRACT, 11.51). */
function peopleOf(records: readonly AuditRecord[]): readonly Person[] {
  const people: Person[] = [];
  for (const record of records) {
    const { actor } = record.attribution;
    const known = actor && people.find((each) => sameActor(each.actor, actor));
    if (known !== undefined) known.records.push(record);
    else if (actor !== undefined) people.push({ actor, records: [record] });
  }
  return people.toSorted((a, b) => Number(isFlagged(b)) - Number(isFlagged(a)));
}

/** Returns whether a flag of one of the requests can raise an alert. */
function isFlagged({ records }: Person): boolean {
  return records.some(({ attribution }) => attribution.flags.some(isAlerting));
}

function spanOf(records: readonly AuditRecord[]): Span {
  const span = new Span();
  for (const { time } of records) span.add(time);
  return span;
}

const scopeOf = ({ length }: readonly AuditRecord[]) => ({ isComplete: true, examined: length });

function callersOf(records: readonly AuditRecord[], actors: readonly Actor[]): Callers {
  const callers = new CallersCollector(actors);
  for (const record of records) callers.add(record);
  return callers.result(scopeOf(records));
}

function sectionOf({ actor, records }: Person, facts: LoadedFacts): PersonSection {
  const activity = new ActivityCollector();
  const certain = new Map<string, number>();
  for (const record of records) {
    activity.add(record);
    const words = certaintyOf(record);
    certain.set(words, (certain.get(words) ?? 0) + 1);
  }
  const sessions = sessionsOfRecords(records.toReversed()).map(useOf);
  return {
    standing: 'actor',
    actor,
    certain: [...certain].map(([words, requests]) => ({ words, requests })),
    flags: unique(records.flatMap(({ attribution }) => attribution.flags)),
    reasons: unique(records.flatMap(reasonOf)),
    eventIds: unique(sessions.flatMap(({ eventIds }) => eventIds)),
    sessions,
    activity: activity.result(scopeOf(records)),
    ...firstUsesOf(actor, records, facts),
  };
}

/** Returns what the actor first used since the first collected request, once the actor's other requests are loaded. */
function firstUsesOf(
  { id }: Actor,
  collected: readonly AuditRecord[],
  { requests }: LoadedFacts,
): Pick<PersonSection, 'firstUses'> {
  const loaded = requests.get(id);
  if (loaded === undefined) return {};
  const collector = new FirstUsesCollector();
  const own = new Set(collected.map(requestIdentity));
  const begin = millisOf(spanOf(collected).first) ?? Number.MAX_SAFE_INTEGER;
  const others = latestStages(loaded.records).filter((record) => !own.has(requestIdentity(record)));
  for (const record of [...collected, ...others]) {
    if ((millisOf(record.time) ?? begin) >= begin) collector.add(record);
    else collector.addEarlier(record);
  }
  return { firstUses: collector.result(loaded) };
}

function useOf({ attribution, from, to, records = 0, ...session }: SessionFound): PersonSection['sessions'][number] {
  const { status, method, chain = [] } = attribution;
  const { issuedAt, expiresAt } = lastGrant(chain) ?? {};
  const eventIds = evidenceIds(attribution);
  return { ...session, issuedAt, expiresAt, requests: records, first: from, last: to, status, method, eventIds };
}

function certaintyOf({ attribution, caller, time }: AuditRecord): string {
  const basis = { isOfEvent: true, hasKey: caller.accessKeyId !== undefined, hasTime: time !== undefined };
  return isAboutSomebody(attribution) ? certainty(attribution, basis) : '';
}

function reasonOf({ attribution: { reason } }: AuditRecord): readonly string[] {
  return reason === undefined ? [] : [`${reason}: ${REASON_ROWS[reason].why}`];
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

/** Returns the report without its list of requests. */
export function reportBlocks(report: DraftReport): readonly Block[] {
  const { title, comment, records, window, sections, unnamed, system, next } = report;
  const actors = sections.map(({ actor }) => actor);
  const names = labelsApart(actors, actorLabel).map(labelInWords).join(', ');
  const titles = labelsApart(actors, actorName);
  return [
    heading(1, [title.trim() || 'Incident report']),
    ...comment.split('\n').flatMap((line) => (line.trim() === '' ? [] : [text([line])])),
    ...fields(
      ['Requests', [counted(records.length, 'request'), ', collected in the console']],
      ['Time range', window && lineOf`${withoutFraction(window.from)} to ${withoutFraction(window.to)}`],
      ['Actor', whoLine(names, unnamed)],
    ),
    ...callersBlocks(['Requests without a single known actor'], unnamed),
    ...sections.flatMap((section, at) =>
      sectionBlocks(section, titles[at] ?? '', sections.length > 1 ? `${at + 1}. ` : ''),
    ),
    ...callersBlocks(["The cluster's own work"], system),
    ...changesBlocks(report),
    ...nextBlocks(next),
  ];
}

/** The maximum number of possible actors at the top. The table of requests without a single known actor has all. */
const MOST_POSSIBLE = 5;

function whoLine(names: string, unnamed: Callers | undefined): Line {
  if (names !== '') {
    const rest = unnamed && ['; no single known actor for ', counted(unnamed.requests, 'request')];
    return [{ value: names }, ...(rest ?? [])];
  }
  const possible = unique(
    (unnamed?.callers ?? []).flatMap(({ status, actors }) => (status === 'system' ? [] : actors)),
  );
  if (possible.length === 0) return ['unidentified'];
  const more = possible.length - MOST_POSSIBLE;
  const others = more > 0 ? [`, and ${more} more`] : [];
  return [
    'not certain; possible actors: ',
    { value: possible.slice(0, MOST_POSSIBLE).map(labelInWords).join(', ') },
    ...others,
  ];
}

function sectionBlocks(section: PersonSection, name: string, number: string): readonly Block[] {
  const { actor, certain, flags, reasons, eventIds, sessions, activity, firstUses } = section;
  const { requests, first, last, grave, counts } = activity;
  const isOne = certain.length === 1;
  const times =
    first === undefined || last === undefined
      ? []
      : lineOf` from ${withoutFraction(first)} to ${withoutFraction(last)}`;
  return [
    heading(2, [`${number}Actor: `, { value: name }]),
    ...fields(
      ['Kind', kindWords(actor.kind)],
      ...actorFields(actor),
      ...certain.map(({ words, requests: count }): readonly [string, Line] => [
        'Certainty',
        [words, isOne ? '' : ` (${counted(count, 'request')})`],
      ]),
      ...flags.map((flag): readonly [string, Line] => ['Flag', [`${flag}: ${FLAG_ROWS[flag].says}`]]),
      ...reasons.map((reason): readonly [string, Line] => ['Why', [reason]]),
      ['Evidence', eventIds.join(', ')],
    ),
    heading(3, ['Sessions and access keys']),
    ...tableOf(SESSIONS, sessions),
    heading(3, ['What was done']),
    text([counted(requests, 'request'), ...times, '.']),
    ...grave.map(({ kind, count }) => text([`${GRAVE_WORDS[kind]}: ${counted(count, 'request')}.`])),
    ...tableOf(PLACES, counts),
    ...(firstUses === undefined ? [] : firstUsesBlocks(firstUses)),
  ];
}

function callersBlocks(title: Line, callers: Callers | undefined): readonly Block[] {
  if (callers === undefined) return [];
  const { requests, left } = callers;
  return [
    heading(2, title),
    text([`${counted(requests, 'request')}.`]),
    ...callerRowsBlocks(callers.callers),
    ...(left > 0 ? [text([`Plus ${counted(left, 'request')} by other callers.`])] : []),
  ];
}

/** The table of requests with the columns WHO and STATUS: one table has the requests of all actors. */
const REQUESTS_OF_ALL: ReportTable<AuditRecord> = {
  titles: REQUESTS.titles.toSpliced(1, 0, 'WHO', 'STATUS'),
  rowOf: (record) => REQUESTS.rowOf(requestLine(record)).toSpliced(1, 0, whoColumn(record), record.attribution.status),
};

/** Returns the table of all requests, the earliest first. */
export function requestsBlocks({ records }: DraftReport): readonly Block[] {
  return [heading(2, ['Requests, oldest first']), ...tableOf(REQUESTS_OF_ALL, records)];
}

function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
