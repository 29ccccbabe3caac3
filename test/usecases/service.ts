import { sha256 } from '../../lib/adapters/digest.ts';
import type { Question } from '../../lib/attribution/questions.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type AttributionSettings, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL, type Recording } from '../../lib/audit/recording.ts';
import { type AlertCause, DEFAULT_ALERT_CAUSES } from '../../lib/claims/alert-cause.ts';
import type { LookupGap } from '../../lib/claims/lookup-gap.ts';
import { filingId, questionsAnsweredBy } from '../../lib/claims/waits.ts';
import { parseTrailRecord, type TrailFacts } from '../../lib/cloudtrail/record.ts';
import { auditIdOf } from '../../lib/identity/audit-id.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { AlertBoard } from '../../lib/ports/alerts.ts';
import type { Attempts } from '../../lib/ports/attempts.ts';
import type { ClaimIntents, Claims, ClaimWaits, Leases } from '../../lib/ports/claims.ts';
import type { CountStore } from '../../lib/ports/counts.ts';
import type { Heartbeats } from '../../lib/ports/heartbeats.ts';
import type { ClaimLookups, LookupProgress } from '../../lib/ports/lookups.ts';
import type { Notes } from '../../lib/ports/notes.ts';
import type { RecordStore } from '../../lib/ports/records.ts';
import type { SessionStore } from '../../lib/ports/sessions.ts';
import type { Volumes } from '../../lib/ports/volumes.ts';
import { type EpochMillis, epochMillis, MINUTE, parseInstant } from '../../lib/time.ts';
import { storeGrants } from '../../lib/usecases/grants/grants.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { ingest } from '../../lib/usecases/ingest/ingest.ts';
import type { IngestOutcome } from '../../lib/usecases/ingest/ingest-service.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { type SettleOutcome, type SettleRun, settle } from '../../lib/usecases/settle/settle.ts';
import { MemoryAlertBoard } from '../stand-ins/memory/memory-alert-board.ts';
import { MemoryAttempts } from '../stand-ins/memory/memory-attempts.ts';
import { MemoryClaims } from '../stand-ins/memory/memory-claims.ts';
import { MemoryCounts } from '../stand-ins/memory/memory-counts.ts';
import { MemoryDirectory } from '../stand-ins/memory/memory-directory.ts';
import { MemoryHeartbeats } from '../stand-ins/memory/memory-heartbeats.ts';
import { MemoryIntents } from '../stand-ins/memory/memory-intents.ts';
import { MemoryLeases } from '../stand-ins/memory/memory-leases.ts';
import { MemoryNotes } from '../stand-ins/memory/memory-notes.ts';
import { MemoryOutbox } from '../stand-ins/memory/memory-outbox.ts';
import { MemoryRecords } from '../stand-ins/memory/memory-records.ts';
import { MemorySessions } from '../stand-ins/memory/memory-sessions.ts';
import { MemoryVolumes } from '../stand-ins/memory/memory-volumes.ts';
import { MemoryWaits } from '../stand-ins/memory/memory-waits.ts';
import type { MemoryWorld } from '../stand-ins/memory/memory-world.ts';

/** A clock that the test sets. */
export class SetClock {
  at: EpochMillis;

  constructor(text: string) {
    this.at = instant(text);
  }

  readonly now = (): EpochMillis => this.at;

  set(text: string): void {
    this.at = instant(text);
  }

  pass(millis: number): void {
    this.at = epochMillis(this.at + millis);
  }
}

export function instant(text: string): EpochMillis {
  const at = parseInstant(text);
  if (at === undefined) throw new Error(`no time: ${text}`);
  return at;
}

const DOWN: LookupGap = { scope: 'eu-west-1', code: 'unreachable', why: 'CloudTrail is out of reach' };

/** A CloudTrail that answers from a list of records, like LookupEvents: exact names only. */
export class ListedTrail {
  records: JsonObject[] = [];
  isDown = false;
  requests = 0;
  /** The accounts in which the grants may be. */
  readonly noted = new Set<string>();
  /** Accounts and Regions that never answer. */
  gaps: LookupGap[] = [];

  lookups({ keep, read }: LookupProgress): ClaimLookups {
    const requestsOf = () => this.requests;
    const gapsOf = () => (this.isDown ? [DOWN] : this.requests > 0 ? this.gaps : []);
    return {
      read,
      get requests() {
        return requestsOf();
      },
      get gaps() {
        return gapsOf();
      },
      noteAccount: (account) => {
        if (account !== undefined) this.noted.add(account);
      },
      canAsk: (questions) => questions.some(canBeAsked),
      answer: async (questions) => {
        this.requests += 1;
        if (this.isDown) return [];
        const wanted = new Set(questions.filter((question) => !isGuess(question)).map(filingId));
        const facts = this.records.map(parseTrailRecord).filter((fact): fact is TrailFacts => typeof fact !== 'string');
        const isWanted = (fact: TrailFacts) =>
          questionsAnsweredBy([fact]).some(
            (each) => wanted.has(filingId(each)) || wanted.has(filingId(ofAnyAccount(each))),
          );
        const found = facts.filter(isWanted);
        await keep(found);
        return found;
      },
    };
  }
}

/** LookupEvents finds grants to services by the session name alone. */
function ofAnyAccount(question: Question): Question {
  return question.kind === 'unnamed-service-grants' ? { ...question, accountId: undefined } : question;
}

/** Returns whether LookupEvents can answer the question. */
function canBeAsked(question: Question): boolean {
  if (question.kind === 'uses-of-key') return question.only === undefined;
  return question.kind === 'grants-of-key' || (isGrants(question) && !isGuess(question));
}

function isGrants({ kind }: Question): boolean {
  return kind === 'grants-of-session' || kind === 'unnamed-service-grants';
}

function isGuess(question: Question): boolean {
  if (question.kind === 'unnamed-service-grants') return question.weak === true;
  return question.kind === 'grants-of-session' && question.guess !== false;
}

export interface Stores {
  readonly sessions: SessionStore;
  readonly records: RecordStore;
  readonly claims: Claims;
  readonly waits: ClaimWaits;
  readonly intents: ClaimIntents;
  readonly leases: Leases;
  readonly alertBoard: AlertBoard;
  readonly counts: CountStore;
  readonly notes: Notes;
  readonly heartbeats: Heartbeats;
  readonly volumes: Volumes;
  readonly attempts: Attempts;
}

export interface Options {
  readonly alertOn?: readonly AlertCause[];
  readonly withoutLookups?: boolean;
  readonly lookupDelay?: number;
  readonly settings?: AttributionSettings;
  readonly recording?: Recording;
  /** In milliseconds; without it each alert goes out at once. */
  readonly alertWindow?: number;
  /** Where settle notes its runs; without it, it notes none. */
  readonly attempts?: Attempts;
  /** Called before each alert or digest goes out; what it throws is a crash there. */
  readonly beforePublish?: () => void;
}

/** The whole service, on any stores. */
export class Service {
  readonly outbox: MemoryOutbox;
  readonly #memory = new KeyMemory();
  readonly trail = new ListedTrail();
  readonly clock: SetClock;
  readonly stores: Stores;
  readonly options: Options;

  constructor(stores: Stores, clock: SetClock, options: Options = {}) {
    this.stores = stores;
    this.clock = clock;
    this.options = options;
    this.outbox = new MemoryOutbox(options.beforePublish);
  }

  ingest(events: readonly JsonObject[], delivery = 'delivery-1', live = true): Promise<IngestOutcome> {
    const payload = {
      messageType: 'DATA_MESSAGE',
      logGroup: '/aws/eks/prod-1/cluster',
      logStream: 'kube-apiserver-audit-1',
      logEvents: events.map((event, at) => ({ id: String(at), message: JSON.stringify(event) })),
    };
    return this.ingestPayload(payload, delivery, live);
  }

  /** A delivery of any form. */
  ingestPayload(payload: unknown, delivery: string, live = true): Promise<IngestOutcome> {
    const batch = readBatch(payload, 'batch', { inflate: () => ({ ok: false, reason: 'awslogs-data-unreadable' }) });
    return ingest(
      batch,
      { id: delivery, isLive: live },
      {
        ...this.#shared(),
        digest: sha256,
        rejects: this.outbox,
        memory: this.#memory,
        recording: this.options.recording ?? RECORD_ALL,
      },
    );
  }

  grants(records: readonly JsonObject[]): Promise<void> {
    const pieces = records.map((record, at) => ({ record, file: 'queue', place: String(at) }));
    return storeGrants(pieces, { ...this.#shared(), rejects: this.outbox });
  }

  settle(minutes = 1, part: Partial<SettleRun> = {}): Promise<SettleOutcome> {
    const { leases, alertBoard: board } = this.stores;
    const run = { leases, owner: 'settle', stopAt: epochMillis(this.clock.at + minutes * MINUTE), ...part };
    const lookups = this.options.withoutLookups ? undefined : (of: LookupProgress) => this.trail.lookups(of);
    return settle(
      {
        ...this.#shared(),
        lookups,
        deadline: 30 * MINUTE,
        lookupDelay: this.options.lookupDelay ?? 0,
        alerts: this.outbox,
        digests: { board, window: this.options.alertWindow ?? 0, digest: sha256 },
        counting: {},
        attempts: this.options.attempts,
        serviceAddress: { tables: 'eks-whois-test', region: 'eu-west-1' },
      },
      run,
    );
  }

  /** Settles every minute, as the schedule does. */
  async settleFor(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      await this.settle();
      this.clock.pass(MINUTE);
    }
  }

  async recordsOf(auditId: string): Promise<readonly AuditRecord[]> {
    const page = await this.stores.records.query({ by: 'audit-id', auditId: auditIdOf(auditId) }, {}, { limit: 100 });
    return page.records.map(({ record }) => record);
  }

  async only(auditId = '7a0e1c5e-0000-4000-8000-000000000001'): Promise<AuditRecord> {
    const [record] = await this.recordsOf(auditId);
    if (record === undefined) throw new Error('no record');
    return record;
  }

  #shared() {
    const { sessions, records, claims, waits, intents, counts } = this.stores;
    const { alertOn = DEFAULT_ALERT_CAUSES, settings = DEFAULT_SETTINGS } = this.options;
    return {
      sessions,
      records,
      claims,
      waits,
      intents,
      counts,
      metrics: this.outbox,
      clock: this.clock.now,
      settings,
      alertOn,
    };
  }
}

export interface MemoryStores extends Stores {
  readonly records: MemoryRecords;
  readonly claims: MemoryClaims;
  readonly directory: MemoryDirectory;
  readonly intents: MemoryIntents;
}

export function memoryStores(world: MemoryWorld): MemoryStores {
  const records = new MemoryRecords(world);
  return {
    sessions: new MemorySessions(world),
    records,
    directory: new MemoryDirectory(records, world.clock),
    claims: new MemoryClaims(world),
    waits: new MemoryWaits(world),
    intents: new MemoryIntents(world),
    leases: new MemoryLeases(),
    alertBoard: new MemoryAlertBoard(world),
    counts: new MemoryCounts(world),
    notes: new MemoryNotes(world),
    heartbeats: new MemoryHeartbeats(world),
    volumes: new MemoryVolumes(world),
    attempts: new MemoryAttempts(world),
  };
}
