import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { type RecordHead, recordHead } from '../../lib/attribution/record.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { AuditEvent } from '../../lib/audit/audit-event.ts';
import { type CreatedObject, createdObjectOf } from '../../lib/audit/created-object.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { type EventSite, type KnownCluster, knownSite } from '../../lib/audit/event-site.ts';
import { type IssuedToken, issuedTokenOf } from '../../lib/audit/issued-token.ts';
import { firstWhere } from '../../lib/by-halves.ts';
import { sessionOf } from '../../lib/claims/identity.ts';
import type { KeptRecord } from '../../lib/claims/kept-record.ts';
import type { AuditId } from '../../lib/identity/audit-id.ts';
import { serviceAccountOf } from '../../lib/identity/service-account.ts';
import type { EventSource, RecordSource, RereadableSource } from '../../lib/ports/input.ts';
import { sourceOfRecords } from '../../lib/usecases/activity/request-source.ts';
import { timeOf } from '../../lib/usecases/activity/requests.ts';
import { attributeFiles } from '../../lib/usecases/attribute/attribute-files.ts';
import { auditEvents } from '../../lib/usecases/attribute/audit-events.ts';
import { changesOfFiles, TrailCoverage } from '../../lib/usecases/changes/file-changes.ts';
import type { RunCounts } from '../../lib/usecases/counting/run-counts.ts';
import { isInRange } from '../../lib/usecases/query/question.ts';
import { RESOURCES } from '../../lib/usecases/related/pod.ts';
import { canBeOf, createdKind, isOfNamespace } from '../../lib/usecases/related/pod-uses.ts';
import { AROUND, isRequested, type RelatedRequest } from '../../lib/usecases/related/related.ts';
import { isOfEvent, type RelatedSource } from '../../lib/usecases/related/related-source.ts';
import { exchangedKinds } from '../../lib/words/exchanged-kinds.ts';
import { eventDigest } from '../attribute/event-digest.ts';
import { exchangedIn } from '../attribute/found-instead.ts';
import { CommandError } from '../failures/command-error.ts';

/**
 * The files from which `related` answers. The audit events are read twice, because related events can come before the
 * request.
 */
interface RelatedFiles {
  /** Returns a new reader of the audit events each time. */
  audit(): RecordSource;
  /** The same files, to read ahead. */
  readonly again: RereadableSource;
  readonly cloudtrail: RecordSource;
  readonly known: KnownCluster;
  readonly settings: AttributionSettings;
}

/**
 * Returns what the files contain about the requests with the audit ID. Undefined if no event has it.
 * @throws CommandError if the files of an option are of the other kind.
 */
export async function sourceOfFiles(
  request: RelatedRequest,
  files: RelatedFiles,
): Promise<{ readonly source: RelatedSource; readonly counts: RunCounts } | undefined> {
  const { heads, created, issued, kinds } = await requestsAndObjects(request, files);
  refuse(exchangedKinds({ audit: kinds }));
  if (heads.length === 0) return undefined;
  const belongs = belongingTo(request.auditId, heads, issued);
  const wanted = new Set([...heads.flatMap(({ caller }) => caller.credentialId ?? []), ...issued]);
  const tokens: IssuedToken[] = [];
  const kept: KeptRecord[] = [];
  const coverage = new TrailCoverage();
  let grants = new KnownGrants();
  const counts = await attributeFiles({
    audit: notingTokens(files, (token) => {
      if (wanted.has(token.credentialId)) tokens.push(token);
    }),
    cloudtrail: coverage.of(files.cloudtrail),
    settings: files.settings,
    digest: eventDigest,
    grantsKnown: (known) => {
      grants = known;
    },
    record(record) {
      if (belongs(record)) kept.push(record);
    },
    reject: () => undefined,
    pause: () => undefined,
  });
  refuse(exchangedIn(counts));
  const records = kept.toSorted((a, b) => (timeOf(b) ?? 0) - (timeOf(a) ?? 0));
  const trail = { known: grants, settings: files.settings };
  const changes: RelatedSource['changes'] = (range, isWanted) => changesOfFiles(range, coverage, trail, isWanted);
  return { source: { ...sourceOf(records, created, tokens), changes }, counts };
}

function refuse(exchanged: string | undefined): void {
  if (exchanged !== undefined) throw new CommandError(exchanged, 1);
}

function sourceOf(
  records: readonly KeptRecord[],
  created: ReadonlyMap<string, readonly CreatedObject[]>,
  tokens: readonly IssuedToken[],
): Omit<RelatedSource, 'changes'> {
  return {
    ...sourceOfRecords(async (take) => records.forEach(take)),
    ofAuditId: async (auditId, range) => ({
      records: records.filter((record) => record.auditId === auditId && isInRange(record, range)),
      isComplete: true,
    }),
    stagesOf: async (event) => records.filter((record) => isOfEvent(record, event)),
    created: async (uid) => created.get(uid) ?? [],
    issued: async (credentialId) => tokens.filter((token) => token.credentialId === credentialId),
  };
}

/**
 * Returns the requests with the audit ID, and the IDs of the tokens that they issued. Also returns every object that an
 * event created, because a pod's owners were created before the pod.
 */
async function requestsAndObjects(request: RelatedRequest, { audit, known }: RelatedFiles) {
  const heads: RecordHead[] = [];
  const issued = new Set<string>();
  const kinds = { events: 0, trailRecords: 0 };
  const created = new Map<string, CreatedObject[]>();
  await audit().read(
    {
      audit(value, stated) {
        const event = parseAuditEvent(value);
        if (typeof event === 'string') return;
        kinds.events += 1;
        const site = knownSite(stated, known);
        if (event.auditId === request.auditId) noteRequest({ event, site }, request, { heads, issued });
        const object = createdObjectOf(event, site);
        if (object !== undefined)
          created.set(object.uid, [...(created.get(object.uid) ?? []), object].slice(0, MOST_COPIES));
      },
      trail: () => {
        kinds.trailRecords += 1;
      },
      ignored: () => undefined,
      reject: () => undefined,
    },
    () => undefined,
  );
  return { heads, created, issued, kinds };
}

interface RequestedHeads {
  readonly heads: RecordHead[];
  /** The IDs of the tokens that the requests issued. */
  readonly issued: Set<string>;
}

function noteRequest(
  { event, site }: { readonly event: AuditEvent; readonly site: EventSite },
  request: RelatedRequest,
  { heads, issued }: RequestedHeads,
): void {
  const head = recordHead(event, site);
  if (!isRequested(head, request)) return;
  heads.push(head);
  const token = issuedTokenOf(event, site);
  if (token !== undefined) issued.add(token.credentialId);
}

/**
 * The maximum number of events that are kept about the creation of one object. Usually there is one; further ones are
 * copies.
 */
const MOST_COPIES = 16;

function notingTokens(files: RelatedFiles, note: (token: IssuedToken) => void): EventSource {
  const events = auditEvents(files.audit(), { known: files.known, again: files.again });
  return {
    ...(events.ahead && { ahead: events.ahead }),
    read: (sink, pause) =>
      events.read(
        {
          event(event) {
            if (event.token !== undefined) note(event.token);
            sink.event(event);
          },
          ignored: (what) => sink.ignored(what),
          reject: (rejected) => sink.reject(rejected),
        },
        pause,
      ),
  };
}

/** Returns whether `related` can need the record. A reading keeps no others. */
type BelongsTest = (head: RecordHead) => boolean;

/**
 * Returns a test that passes the records that `related` needs for these requests:
 * - the requests themselves;
 * - what their sessions did around them;
 * - what was done in their namespaces;
 * - what was done with tokens that they `issued`.
 * A client can give one audit ID to thousands of requests. So a record is looked up by its identity, not compared with
 * each request.
 */
export function belongingTo(
  auditId: AuditId,
  requests: readonly RecordHead[],
  issued: ReadonlySet<string> = new Set(),
): BelongsTest {
  const creates = requests.filter((each) => createdKind(each) !== undefined);
  const namespaces = new Set([
    ...requests.flatMap(({ caller }) => serviceAccountOf(caller.username)?.namespace ?? []),
    ...creates.flatMap(({ request }) => request?.namespace ?? []),
  ]);
  const isByPod = byPodsOf(creates);
  const times = timesOf(requests);
  const isByToken = ({ caller: { credentialId } }: RecordHead) =>
    credentialId !== undefined && issued.has(credentialId);
  return (head) => {
    if (head.auditId === auditId || isByToken(head) || isByPod(head)) return true;
    const { namespace, resource = '', subresource, apiGroup = '' } = head.request ?? {};
    const group = apiGroup === '' ? resource : `${resource}.${apiGroup}`;
    const name = subresource === undefined ? group : `${group}/${subresource}`;
    if (namespace !== undefined && namespaces.has(namespace) && RESOURCES.includes(name)) return true;
    const at = timeOf(head);
    return at !== undefined && identitiesOf(head).some((whose) => isNear(at, times.get(whose)));
  };
}

/**
 * Returns a test for requests of pods that can come from these creates. It compares names only; uids are compared
 * later.
 */
function byPodsOf(creates: readonly RecordHead[]): BelongsTest {
  const named = new Map(
    creates.map((create) => {
      const { namespace = '', name } = create.request ?? {};
      const kind = createdKind(create) ?? 'Pod';
      return [JSON.stringify([namespace, kind, name]), { namespace, kind, name }];
    }),
  );
  return (head) =>
    head.caller.pod !== undefined &&
    [...named.values()].some(
      ({ namespace, kind, name }) => isOfNamespace(head, namespace) && canBeOf(head, kind, name),
    );
}

/** Returns the times of the requests for each user and each session, the earliest first. */
function timesOf(requests: readonly RecordHead[]): ReadonlyMap<string, readonly number[]> {
  const times = new Map<string, number[]>();
  for (const head of requests) {
    const at = timeOf(head);
    if (at === undefined) continue;
    for (const whose of identitiesOf(head)) {
      const known = times.get(whose);
      if (known === undefined) times.set(whose, [at]);
      else known.push(at);
    }
  }
  for (const each of times.values()) each.sort((a, b) => a - b);
  return times;
}

/** Returns the user of the request, and its session if it is known. */
function identitiesOf({ caller }: RecordHead): readonly string[] {
  const { uid, username } = caller;
  const session = sessionOf({ ...caller, userId: uid?.split(':').at(-1) });
  const user = JSON.stringify([uid ?? null, username ?? null]);
  return session === undefined ? [user] : [user, `session ${session}`];
}

/** Returns whether any of the times, sorted ascending, is near this one. */
function isNear(at: number, times: readonly number[] = []): boolean {
  const next = times[firstWhere(times, (time) => time >= at - AROUND)];
  return next !== undefined && next <= at + AROUND;
}
