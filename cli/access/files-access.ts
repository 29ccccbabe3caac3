import { sha256 } from '../../lib/adapters/digest.ts';
import { pathSource } from '../../lib/adapters/s3/path-source.ts';
import type { KnownGrants } from '../../lib/attribution/known-grants.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { epochMillis } from '../../lib/time.ts';
import { attributeFiles } from '../../lib/usecases/attribute/attribute-files.ts';
import { auditEvents } from '../../lib/usecases/attribute/audit-events.ts';
import { idsOfHolders } from '../../lib/usecases/attribute/name-holders.ts';
import type { RunCounts } from '../../lib/usecases/counting/run-counts.ts';
import { BatchCallers } from '../../lib/usecases/ingest/batch-callers.ts';
import { PAGE } from '../../lib/usecases/query/pages.ts';
import { RecordsInMemory } from '../../lib/usecases/query/records-in-memory.ts';
import type { SessionRow } from '../../lib/usecases/query/sessions-query.ts';
import { eventDigest } from '../attribute/event-digest.ts';
import { filesAhead } from '../attribute/files-ahead.ts';
import { foundInstead, UnreadForms, unflaggedCopies, unmetSettings } from '../attribute/found-instead.ts';
import { inputSummary, listUnread, lostInput } from '../attribute/summary.ts';
import { CommandError } from '../failures/command-error.ts';
import { note, notingOnce, reportFaults } from '../failures/faults.ts';
import { asksFiles, checkFiles, type FilesOptions } from '../options/files-options.ts';
import { knownCluster } from '../options/known-cluster.ts';
import { countedGroupsOf } from '../options/log-groups.ts';
import { ownCommand } from '../options/own-command.ts';
import { checkPaths } from '../options/paths.ts';
import { type Places, placeWords } from '../options/place-words.ts';
import { ruleSettings } from '../options/rule-options.ts';
import { type S3Options, s3AccessOf, s3Reading } from '../options/s3-options.ts';
import { summarizesInput } from '../options/verbose-option.ts';
import { counted } from '../terminal/text-table.ts';
import { type ServiceAccess, type ServiceOptions, serviceOrLocal } from './service-access.ts';

/** The source of answers about records, sessions and names: a service, or files. */
export interface RecordsAccess extends Pick<ServiceAccess, 'records' | 'sessions' | 'known' | 'unrecorded'> {
  /** Whether the source is files. Their events may name no cluster. */
  readonly isFiles?: true;
  /** The number of records that were read from the files. */
  readonly size?: number;
}

/** The options that choose a service or files. */
export type RecordsPlace = FilesOptions & ServiceOptions;

/**
 * Returns what the options choose: files, or a service. Files are read at once, so that each question is answered from
 * memory.
 * @param range limits what is read from paths in S3.
 * @throws CommandError if the options conflict, or if files cannot be read.
 */
export async function recordsAccess(place: RecordsPlace, range: TimeRange = {}): Promise<RecordsAccess> {
  checkFiles(place);
  return asksFiles(place) ? filesAccess(place, range) : serviceOrLocal(place);
}

async function filesAccess(place: RecordsPlace, range: TimeRange): Promise<RecordsAccess> {
  const records = await recordsOf(place, range);
  const noteOnce = notingOnce();
  return {
    isFiles: true,
    size: records.size,
    async records(request) {
      const page = await records.records(request);
      if (page.note !== undefined) noteOnce(page.note);
      return page;
    },
    async sessions({ status, limit = PAGE, cursor }) {
      const page = await records.sessions({ status, limit, cursor });
      return { ...page, sessions: page.sessions.map(jsonOf) };
    },
    known: ({ kind, prefix = '', limit = PAGE, cursor }) => records.known(kind, prefix, { limit, position: cursor }),
    unrecorded: async () => [],
  };
}

function jsonOf(row: SessionRow): JsonObject {
  return JSON.parse(JSON.stringify(row));
}

/** The maximum number of records that are kept. Each takes about 1 KB. */
const MOST_KEPT = 2_000_000;

async function recordsOf(place: RecordsPlace, range: TimeRange): Promise<RecordsInMemory> {
  const { audit = [], cloudtrail = [] } = place;
  const settings = ruleSettings(place);
  const counted = countedGroupsOf(place.logGroup);
  const cluster = knownCluster(place);
  const s3 = s3OptionsOf(place);
  await checkPaths([...audit, ...cloudtrail], s3AccessOf(s3));
  const now = epochMillis(Date.now());
  const sourceOf = (paths: readonly string[], content: 'audit' | 'cloudtrail') =>
    pathSource(paths, counted, s3Reading(s3, content, range, now));
  let grants: KnownGrants | undefined;
  const callers = new BatchCallers(sha256);
  const forms = new UnreadForms();
  const records = new RecordsInMemory({
    now,
    samePerson: settings.samePerson,
    holdersOf: (name, within) => (grants === undefined ? [] : idsOfHolders(name, within, grants)),
  });
  const started = performance.now();
  await reportFaults(async () => {
    const counts = await attributeFiles({
      audit: auditEvents(sourceOf(audit, 'audit'), { known: cluster, again: filesAhead(audit, counted) }),
      cloudtrail: sourceOf(cloudtrail, 'cloudtrail'),
      settings,
      digest: eventDigest,
      grantsKnown: (known) => {
        grants = known;
      },
      record(record, event) {
        if (records.size >= MOST_KEPT) throw tooMany(place);
        records.add(record, callers.claimIn(event, record.attribution));
      },
      reject: (rejected) => forms.add(rejected),
      pause: () => undefined,
    });
    if (summarizesInput(place)) process.stderr.write(inputSummary(counts, (performance.now() - started) / 1_000));
    for (const words of readWords(counts, forms, place)) note(words);
  });
  return records;
}

function tooMany(place: Places): CommandError {
  const command = [ownCommand('attribute'), ...placeWords(place)].join(' ');
  return new CommandError(
    `The files have more than ${counted(MOST_KEPT, 'record')}, which are too many to keep in memory. Give fewer files, or write the records one by one: ${command}.`,
    1,
  );
}

function s3OptionsOf({ profile, region, requestPayer }: RecordsPlace): S3Options {
  return { profile, region: region === undefined ? undefined : [region], requestPayer };
}

/**
 * Returns notes about the files that were read: what they contain, and what no answer includes.
 * @throws CommandError if nothing in the files can answer a question.
 */
function readWords(counts: RunCounts, forms: UnreadForms, place: RecordsPlace): readonly string[] {
  const found = foundInstead(counts);
  if (found.isError) throw new CommandError([...found.sentences, ...forms.sentences].join(' '), 1);
  return [
    ...found.sentences,
    ...forms.sentences,
    ...lostInput(counts, listUnread(place)),
    ...unmetSettings(counts),
    ...unflaggedCopies(counts),
  ];
}
