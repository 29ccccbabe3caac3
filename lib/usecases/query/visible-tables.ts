import { actorLabel, labelsApart } from '../../attribution/actor-names.ts';
import { actorsOf } from '../../attribution/attribution.ts';
import { type Claim, type ClaimSummary, gravest, isListed as isListedStatus } from '../../claims/claim.ts';
import type { KeptRecord } from '../../claims/kept-record.ts';
import { clusterOfKnown, type KnownEntry } from '../../claims/known.ts';
import { EMPTY_SUMMARY } from '../../claims/summary.ts';
import { mapConcurrently } from '../../concurrency.ts';
import { sumOf } from '../../counts/hour-counts.ts';
import type { ErrorCode } from '../../error-code.ts';
import { auditIdOf } from '../../identity/audit-id.ts';
import {
  asClusterKey,
  type ClusterKey,
  clusterKeyOf,
  clusterText,
  isClusterKey,
  meansCluster,
} from '../../identity/cluster.ts';
import type { Budget } from '../../ports/budget.ts';
import type { Claims } from '../../ports/claims.ts';
import type { CountStore } from '../../ports/counts.ts';
import type { Directory, DirectoryPage, KnownPage } from '../../ports/directory.ts';
import type { Heartbeats } from '../../ports/heartbeats.ts';
import type { Notes } from '../../ports/notes.ts';
import type { Position } from '../../ports/paging.ts';
import type { ReadRecord, RecordPage, RecordReading, RecordStore, RecordsWhere } from '../../ports/records.ts';
import type { SessionStore } from '../../ports/sessions.ts';
import type { Volumes } from '../../ports/volumes.ts';
import { QuestionError } from './question.ts';
import type { QueryService } from './records-request.ts';
import { sessionsGranted } from './search-plan.ts';

/**
 * The clusters that a person may see: all, or those whose name or ARN matches one of these texts. The texts can have
 * wildcards: `prod-*`, `arn:aws:eks:*:111122223333:cluster/*`.
 */
export type VisibleClusters = 'all' | readonly string[];

/** The tables that questions read. */
export type QueriedTables = QueryService & {
  readonly records: RecordStore;
  readonly claims: Claims;
  readonly counts: CountStore;
  readonly notes: Notes;
  readonly heartbeats: Heartbeats;
  readonly volumes: Volumes;
};

declare const visible: unique symbol;

/**
 * The tables, limited to what a person may see. Only `visibleTables` can make this type, so no answer can be made from
 * tables without limits.
 */
export type VisibleTables = QueriedTables & { readonly [visible]: true };

/** The error for a question that needs data outside of the clusters that the person may see. */
export class NotVisibleError extends Error {
  readonly code = 'not-visible' satisfies ErrorCode;
}

/**
 * Returns the tables, limited to these clusters. The records are those of these clusters. Other tables return what
 * belongs to these clusters, or to a session that acted in one of them. Everything else is refused.
 */
export function visibleTables(
  tables: QueriedTables & { within(budget: Budget): QueriedTables },
  clusters: VisibleClusters,
): VisibleTables & { within(budget: Budget): VisibleTables } {
  const limit = (all: QueriedTables): VisibleTables =>
    (clusters === 'all' ? all : limitedTables(all, (key) => seesCluster(clusters, key))) as VisibleTables;
  return { ...limit(tables), within: (budget) => limit(tables.within(budget)) };
}

/** Returns whether the person may see the cluster: one of `clusters` names it. */
export function seesCluster(clusters: readonly string[], key: ClusterKey): boolean {
  return clusters.some((text) => meansCluster(text, key));
}

const REFUSED =
  'You may see only some clusters, and this question needs what belongs to all of them: grants, people, changes or the fleet. Ask for records, or for a request by its audit ID.';

/** The maximum number of records that are read to show the visible part of a claim. */
const MOST_OF_PART = 500;
const PAGE = 100;
/** The maximum number of reads for one page of visible records. */
const MOST_READS = 50;
/** The maximum number of names in a list of a claim's summary. A full list may lack some. */
const LONGEST_LIST = 20;
/**
 * The number of entries in a page of the directory. For one page of visible names, at most `MOST_PAGES` such pages are
 * read.
 */
const ENTRIES = 1_000;
const MOST_PAGES = 20;

function refused(): never {
  throw new NotVisibleError(REFUSED);
}

/** Refuses a call that is only for people without limits. */
async function refuse(): Promise<never> {
  return refused();
}

type Sees = (key: ClusterKey) => boolean;

/** Returns the limited tables. Every method is either limited or refused here. */
function limitedTables(all: QueriedTables, sees: Sees): QueriedTables {
  const records = limitedRecords(all, sees);
  const claims = limitedClaims(all.claims, records, sees);
  return {
    records,
    claims,
    sessionsOfKey: (accessKeyId) => sessionsGranted(all.sessions, accessKeyId),
    sessions: limitedSessions(all.sessions, sees),
    waits: {
      page: (wait, most, after) => all.waits.page(wait, most, after),
      leave: refuse,
      repeat: refuse,
      left: refuse,
      advance: refuse,
      add: refuse,
      remove: refuse,
    },
    directory: limitedDirectory(all.directory, sees),
    counts: limitedCounts(all.counts, sees),
    notes: limitedNotes(all, sees),
    heartbeats: {
      all: refuse,
      reports: refuse,
      filterChanges: refuse,
      hear: refuse,
      fill: refuse,
      report: refuse,
      rollOut: refuse,
      rollOuts: refuse,
      changeFilter: refuse,
    },
    volumes: {
      add: refuse,
      of: refuse,
      today: refuse,
      noteGap: refuse,
      // Everybody should know that events are missing. But the account would reveal something about other clusters.
      gaps: async (range) => (await all.volumes.gaps(range)).map(({ accountId: _, ...gap }) => gap),
    },
    samePerson: all.samePerson,
    budget: all.budget,
  };
}

function limitedRecords({ records: all, budget }: QueriedTables, sees: Sees): RecordStore {
  const isShown = ({ record }: ReadRecord) => sees(clusterKeyOf(record));
  const read: RecordStore['read'] = (where, range, position) =>
    new VisibleReading(all.read(where, range, position), isShown, budget);
  return {
    query: (where, range, { limit, position }) => read(where, range, position).next(limit),
    read,
    async ofClaim(claim, page) {
      const { records, position } = await all.ofClaim(claim, page);
      const shown = records.filter(isShown);
      return { records: shown, positions: [], ...(position !== undefined && { position }) };
    },
    sessionsOf: (wanted) => all.sessionsOf(wanted),
    insert: refuse,
    correct: refuse,
    copiesOf: refuse,
    ofKeys: refuse,
    keyOf: refused,
  };
}

/**
 * Reads until a page is full of visible records, or the budget is used up. A page must not end at each invisible
 * record. Otherwise people could count these records with questions for one record each.
 */
class VisibleReading implements RecordReading {
  readonly #all: RecordReading;
  readonly #isShown: (record: ReadRecord) => boolean;
  readonly #budget: Budget | undefined;
  #ahead: readonly { readonly record: ReadRecord; readonly position: Position }[] = [];
  #rest: Pick<RecordPage, 'inOrder' | 'position'> | undefined;

  constructor(all: RecordReading, isShown: (record: ReadRecord) => boolean, budget: Budget | undefined) {
    this.#all = all;
    this.#isShown = isShown;
    this.#budget = budget;
  }

  partitions(): Promise<number> {
    return this.#all.partitions();
  }

  async next(limit: number): Promise<RecordPage> {
    for (let reads = 0; this.#ahead.length < limit && this.#mayRead(reads); reads += 1) {
      const { records, positions, ...rest } = await this.#all.next(Math.max(limit, PAGE));
      const found = records.map((record, at) => ({ record, position: positions[at] ?? '' }));
      this.#ahead = [...this.#ahead, ...found.filter(({ record }) => this.#isShown(record))];
      this.#rest = rest;
    }
    const taken = this.#ahead.slice(0, limit);
    this.#ahead = this.#ahead.slice(limit);
    const position = this.#ahead.length > 0 ? taken.at(-1)?.position : this.#rest?.position;
    return {
      records: taken.map(({ record }) => record),
      positions: taken.map(({ position: place }) => place),
      ...(this.#rest?.inOrder === false && { inOrder: false }),
      ...(position !== undefined && { position }),
    };
  }

  #mayRead(reads: number): boolean {
    if (this.#rest !== undefined && this.#rest.position === undefined) return false;
    return reads === 0 || (reads < MOST_READS && this.#budget?.isUsedUp !== true);
  }
}

function limitedSessions(all: SessionStore, sees: Sees): SessionStore {
  return {
    async answer(questions, moment) {
      if (questions.every(({ kind }) => kind === 'ids-of-role')) return []; // A role belongs to no cluster, so its IDs are not shown.
      if (!questions.every(({ kind }) => kind === 'object-created' || kind === 'tokens-issued')) return refused();
      const facts = await all.answer(questions, moment);
      return facts.flatMap(({ created, token }) => [
        ...(created !== undefined && sees(created.clusterKey) ? [{ created }] : []),
        ...(token !== undefined && sees(token.clusterKey) ? [{ token }] : []),
      ]);
    },
    add: refuse,
    missing: refuse,
  };
}

function limitedClaims(all: Claims, records: RecordStore, sees: Sees): Claims {
  const partOf = async (claim: Claim | undefined) => claim && (await visiblePartOf(claim, records, sees));
  return {
    get: async (id) => partOf(await all.get(id)),
    async registered(ids) {
      const found = await mapConcurrently([...(await all.registered(ids)).values()], partOf);
      return new Map(found.flatMap((claim) => (claim === undefined ? [] : [[claim.id, claim] as const])));
    },
    async list(status, page) {
      const { claims, positions, ...rest } = await all.list(status, page);
      const parts = await mapConcurrently(claims, partOf);
      const shown = parts.flatMap((claim, at) =>
        claim !== undefined && isListedStatus(claim.status) ? [{ claim, at: positions[at] ?? '' }] : [],
      );
      return { ...rest, claims: shown.map(({ claim }) => claim), positions: shown.map(({ at }) => at) };
    },
    change: refuse,
    due: refuse,
    busyLists: refuse,
    backlog: refuse,
  };
}

/** Returns whether the claim is known to have records of visible clusters only. */
function isWhole({ summary, due }: Claim, sees: Sees): boolean {
  const clusters = summary?.clusters ?? [];
  return (
    due === undefined &&
    clusters.length > 0 &&
    clusters.length < LONGEST_LIST &&
    clusters.every((text) => sees(keyOf(text)))
  );
}

/** Returns the cluster key for a text that `clusterText` made. */
function keyOf(text: string): ClusterKey {
  return isClusterKey(text) ? asClusterKey(text) : clusterKeyOf({ cluster: text });
}

/** The visible part of a claim. */
export interface PartOfClaim extends Claim {
  /** Present if the claim also has records that are not visible, or can have some. */
  readonly isPart?: true;
  /** Present if some records were not read, so that nobody knows how many the claim has. */
  readonly hasMore?: true;
}

/** Returns the claim as its visible records show it. Undefined if it has no visible record. */
async function visiblePartOf(claim: Claim, records: RecordStore, sees: Sees): Promise<PartOfClaim | undefined> {
  if (isWhole(claim, sees)) return claim;
  const clusters = claim.summary?.clusters ?? [];
  const isListed = clusters.some((text) => sees(keyOf(text)));
  const hasOthers = claim.due !== undefined || clusters.length === 0 || clusters.length >= LONGEST_LIST;
  if (!isListed && !hasOthers) return undefined;
  const { found, hasMore } = await recordsOfPart(claim, records);
  if (found.length === 0 && !isListed) return undefined;
  const { alerted: _, listedAt: __, summary: whole, ...rest } = claim;
  const summary = summaryOf(found.map(({ record }) => record));
  const statuses = hasMore ? (whole?.statuses ?? [claim.status]) : summary.statuses;
  const status = hasMore ? claim.status : (gravest(statuses) ?? claim.status);
  return { ...rest, status, summary: { ...summary, statuses }, isPart: true, ...(hasMore && { hasMore }) };
}

/** Returns the visible records of a claim, oldest first. `hasMore` says that some were not read. */
async function recordsOfPart(claim: Claim, records: RecordStore) {
  const found: ReadRecord[] = [];
  let position: string | undefined;
  for (let read = 0; read < MOST_OF_PART; read += PAGE) {
    const page = await records.ofClaim(claim, { limit: PAGE, position });
    found.push(...page.records);
    position = page.position;
    if (position === undefined) return { found, hasMore: false as const };
  }
  return { found, hasMore: true as const };
}

function summaryOf(records: readonly KeptRecord[]): ClaimSummary {
  const list = (values: readonly (string | undefined)[]) =>
    [...new Set(values.flatMap((value) => value || []))].slice(0, LONGEST_LIST);
  const times = records.flatMap(({ time }) => time ?? []).toSorted();
  const [first, last] = [times[0], times.at(-1)];
  const attributions = records.map(({ attribution }) => attribution);
  return {
    ...EMPTY_SUMMARY,
    count: records.length,
    ...(first !== undefined && { first }),
    ...(last !== undefined && { last }),
    statuses: [...new Set(attributions.map(({ status }) => status))],
    reasons: [...new Set(attributions.flatMap(({ reason }) => reason ?? []))],
    actors: list(attributions.flatMap((each) => labelsApart(actorsOf(each), actorLabel))),
    clusters: list(records.map(clusterText)),
    namespaces: list(records.map(({ request }) => request?.namespace)),
  };
}

function limitedDirectory(all: Directory, sees: Sees): Directory {
  const isShown = (entry: KnownEntry) => sees(clusterKeyOf(clusterOfKnown(entry)));
  return {
    hasPeople: false,
    async known(kind, prefix, page) {
      if (kind !== 'cluster' && kind !== 'namespace') return refused();
      return visibleNames((of) => all.known(kind, prefix, of), page, isShown);
    },
    async actorsNamed(name) {
      const [only, ...others] = await all.actorsNamed(name);
      if (only === undefined) return [];
      if (others.length > 0) throw new QuestionError('actor', SEVERAL);
      const { kind, id, idBasis, first, last } = only;
      return [{ kind, name, id, idBasis, first, last }];
    },
    actorOf: refuse,
    unlisted: async () => [], // These accounts may have only clusters that are not visible.
    sessionsOfRole: refuse,
  };
}

const SEVERAL = 'Several people may have this name. Give the id of one of them, as `actor.id` of a record has it.';

async function visibleNames(
  read: (page: DirectoryPage) => Promise<KnownPage>,
  { limit, position, until }: DirectoryPage,
  isShown: (entry: KnownEntry) => boolean,
): Promise<KnownPage> {
  const found: KnownEntry[] = [];
  let from = position;
  for (let pages = 0; pages < MOST_PAGES && found.length < limit; pages += 1) {
    const page = await read({ limit: ENTRIES, position: from, until });
    const shown = page.entries.flatMap((entry, at) => (isShown(entry) ? [{ entry, at }] : []));
    const taken = shown.slice(0, limit - found.length);
    const last = shown.length > taken.length ? taken.at(-1) : undefined;
    found.push(...taken.map(({ entry }) => entry));
    const end = last === undefined ? page : await read({ limit: last.at + 1, position: from, until });
    if (end.position === undefined) return { entries: found };
    from = end.position;
  }
  return { entries: found, ...(from !== undefined && { position: from }) };
}

function limitedCounts(all: CountStore, sees: Sees): CountStore {
  const isShown = ({ clusterKey }: { readonly clusterKey: ClusterKey }) => sees(clusterKey);
  return {
    async count(hour, most) {
      const { counts, isComplete } = await all.count(hour, most);
      return { counts: counts.filter(isShown), isComplete, faulty: [] };
    },
    kept: async (first, last) =>
      (await all.kept(first, last)).flatMap((each) => {
        if (isShown(each)) return [each];
        const { hour, clusterKey, expires, asOf, areOthers } = each;
        // Such a sum can include a visible cluster, so the hour is marked as incomplete.
        return areOthers ? [{ ...sumOf([]), hour, clusterKey, expires, asOf, areOthers, isPartial: true }] : [];
      }),
    marked: (until, within) => all.marked(until, within),
    lastIngest: () => all.lastIngest(),
    progress: () => all.progress(),
    accounts: refused,
    add: refuse,
    missing: refuse,
    keep: refuse,
    unmark: refuse,
    noteIngest: refuse,
    advance: refuse,
  };
}

/**
 * Returns the notes, limited to those about things in visible clusters. Other notes might reveal something about a
 * cluster that is not visible.
 */
function limitedNotes(all: QueriedTables, sees: Sees): Notes {
  const isShown = (about: string) => isAboutVisible(about, all, sees);
  return {
    async add(note) {
      if (await isShown(note.about)) return all.notes.add(note);
      throw new NotVisibleError(
        'The note was not stored. You may write notes only about what lies in clusters that you may see.',
      );
    },
    about: async (about, page) => ((await isShown(about)) ? all.notes.about(about, page) : { notes: [] }),
    async between(since, until, page) {
      const { notes, ...rest } = await all.notes.between(since, until, page);
      const shown = await mapConcurrently(notes, ({ about }) => isShown(about));
      return { ...rest, notes: notes.filter((_, at) => shown[at]) };
    },
  };
}

/** Returns whether the subject of a note has records, and all of them are of visible clusters. */
async function isAboutVisible(about: string, { records, claims }: QueriedTables, sees: Sees): Promise<boolean> {
  const of = (thing: string) => about.slice(thing.length + 1);
  if (about.startsWith('claim:')) {
    const claim = await claims.get(of('claim'));
    return claim !== undefined && (await areVisible({ by: 'claim', claim }, records, sees));
  }
  if (about.startsWith('session:')) return areVisible({ by: 'session', session: of('session') }, records, sees);
  return areVisible({ by: 'audit-id', auditId: auditIdOf(of('audit')) }, records, sees);
}

async function areVisible(where: RecordsWhere, records: RecordStore, sees: Sees): Promise<boolean> {
  const { records: found, position } = await records.query(where, {}, { limit: MOST_OF_PART });
  return found.length > 0 && position === undefined && found.every(({ record }) => sees(clusterKeyOf(record)));
}
