import type { AuditRecord } from '../../lib/attribution/record.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { isNamelessSession } from '../../lib/claims/identity.ts';
import { parseIdentityStore } from '../../lib/identity/identity-store.ts';
import { parseTrustedProxy } from '../../lib/identity/trusted-proxy.ts';
import { parseUsernameTemplate } from '../../lib/identity/username.ts';
import { isJsonObject, type JsonObject } from '../../lib/json.ts';
import type { Directory } from '../../lib/ports/directory.ts';
import { type EpochMillis, epochMillis, HOUR, parseInstant } from '../../lib/time.ts';
import { FIELD_NAMES, type FieldName, fieldOf } from '../../lib/usecases/query/filter.ts';
import { type GivenValue, QuestionError, questionOf, type RecordsQuestion } from '../../lib/usecases/query/question.ts';
import { BASE } from '../oracle/clock.ts';
import { type Draw, drawFrom } from '../oracle/draw.ts';
import { generateWorld } from '../oracle/world.ts';
import { Service, SetClock, type Stores } from '../usecases/service.ts';

/** A time after all of the oracle's worlds. */
const LATER = new Date(BASE + 30 * HOUR).toISOString();
const CLUSTERS = ['prod', 'staging', 'dev'];

export type WorldStores = Stores & { readonly directory: Directory };

/**
 * One of the oracle's worlds, delivered to the service: its events of several clusters, and its grants when `grants` is
 * called.
 */
export class AskedWorld {
  readonly service: Service;
  readonly stores: WorldStores;
  readonly draw: Draw;
  readonly #seed: number;

  private constructor(seed: number, stores: WorldStores, clock: SetClock) {
    const { usernameTemplates, trustedProxies, identityStores } = generateWorld(seed);
    const settings = {
      ...DEFAULT_SETTINGS,
      usernameTemplates: usernameTemplates.map((text) => parseUsernameTemplate(text)),
      trustedProxies: trustedProxies.map((text) => parseTrustedProxy(text)),
      identityStores: identityStores.map((text) => parseIdentityStore(text)),
    };
    this.#seed = seed;
    this.draw = drawFrom(seed + 1_000_000);
    this.stores = stores;
    this.service = new Service(stores, clock, { settings, withoutLookups: true });
  }

  static async of(
    seed: number,
    open: (clock: () => EpochMillis) => Promise<WorldStores> | WorldStores,
  ): Promise<AskedWorld> {
    const clock = new SetClock(LATER);
    return new AskedWorld(seed, await open(clock.now), clock);
  }

  /** Delivers the events in the log groups of several clusters. In one of ten worlds no cluster is named. */
  async events(): Promise<void> {
    const isOfNone = this.draw.chance(0.1);
    for (const [turn, value] of generateWorld(this.#seed).audit.entries()) {
      if (!isJsonObject(value)) continue;
      const isBare = value.messageType === undefined && !isOfNone;
      const payload = isBare ? inLogGroup(this.draw.pick(CLUSTERS), value) : value;
      await this.service.ingestPayload(payload, `delivery-${turn}`);
    }
  }

  async grants(): Promise<void> {
    await this.service.grants(generateWorld(this.#seed).cloudtrail.filter(isJsonObject));
  }

  /** Returns a question with some fields and a time range, which matches some records and not others. */
  question(records: readonly AuditRecord[]): RecordsQuestion {
    for (;;) {
      try {
        const question = questionOf(this.#values(records), this.#range(records));
        if (!isUsernameAlone(question)) return question;
      } catch (error) {
        if (!(error instanceof QuestionError)) throw error; // a text of the world that is none of the field's
      }
    }
  }

  #values(records: readonly AuditRecord[]): readonly GivenValue[] {
    const { draw } = this;
    const count = draw.pick([0, 1, 1, 1, 2, 2, 3]);
    return Array.from({ length: count }, () => draw.pick(FIELD_NAMES)).flatMap((name) => {
      const known = records.flatMap((record) => valuesOf(name, record)).filter((value) => value !== '');
      const values = [...known, ...always(name)].filter((text) => name !== 'session' || isAsked(text, records));
      if (values.length === 0) return [];
      const negated = draw.chance(0.3);
      return Array.from({ length: draw.pick([1, 1, 2, 4]) }, () => ({
        name,
        value: this.#wild(name, draw.pick(values)),
        negated,
      }));
    });
  }

  /** Returns some values with a `*` in place of a part. */
  #wild(name: FieldName, value: string): string {
    if (!WILD.includes(name) || this.draw.chance(0.7)) return value;
    const [from, to] = [this.draw.pick([0, 1, 3]), this.draw.pick([2, 4, value.length])];
    return `${value.slice(0, from)}*${value.slice(Math.max(from, to))}`;
  }

  #range(records: readonly AuditRecord[]): { readonly from?: EpochMillis; readonly to?: EpochMillis } {
    const times = records.flatMap(({ time }) => (time === undefined ? [] : (parseInstant(time) ?? [])));
    if (times.length === 0 || this.draw.chance(0.5)) return {};
    const [one, other] = [
      this.draw.pick(times),
      epochMillis(this.draw.pick(times) + this.draw.pick([0, 0.001, 3_600_000])),
    ];
    const ends = [one, other].sort((a, b) => a - b);
    return { ...(this.draw.chance(0.8) && { from: ends[0] }), ...(this.draw.chance(0.8) && { to: ends[1] }) };
  }
}

/**
 * Returns whether the session can be asked for. If a record was decided by its key, and no ARN has the session name, it does
 * not show whether the event stated the name.
 */
function isAsked(session: string, records: readonly AuditRecord[]): boolean {
  const isUntold = ({ caller: { sessionName, arn }, attribution: { status, method } }: AuditRecord) =>
    sessionName !== undefined &&
    arn === undefined &&
    status !== 'unattributed' &&
    method !== 'username' &&
    method !== 'session-name';
  return !isNamelessSession(session) || !records.some(isUntold);
}

function inLogGroup(cluster: string, event: JsonObject): JsonObject {
  return {
    messageType: 'DATA_MESSAGE',
    logGroup: `/aws/eks/${cluster}/cluster`,
    logStream: 'kube-apiserver-audit-1',
    logEvents: [{ id: '0', message: JSON.stringify(event) }],
  };
}

/** The values by which a record may be asked for, if they differ from those for suggestions. */
const OWN: { readonly [Name in FieldName]?: (record: AuditRecord) => readonly (string | undefined)[] } = {
  session: ({ caller }) => [
    caller.accessKeyId,
    caller.sessionName === undefined ? undefined : `${caller.roleId ?? caller.accountId}:${caller.sessionName}`,
    caller.roleId === undefined ? undefined : `${caller.roleId} ${caller.username}`,
  ],
  namespace: ({ request }) => [request?.namespace],
  ip: ({ source }) => source?.ips ?? [],
  userAgent: ({ source }) => [source?.userAgent?.slice(0, 4)],
  status: ({ attribution }) => [attribution.status],
  flag: ({ attribution }) => attribution.flags,
  method: ({ attribution }) => [attribution.method],
};

function valuesOf(name: FieldName, record: AuditRecord): readonly string[] {
  return ((OWN[name] ?? fieldOf(name).valuesOf)?.(record) ?? []).filter((value) => value !== undefined);
}

/** Returns whether the username is the only filter. The service refuses that; over files it is answered. */
function isUsernameAlone({ filter, range }: RecordsQuestion): boolean {
  const leading = ['auditId', 'session', 'key', 'actor', 'candidate', 'role', 'cluster', 'namespace'] as const;
  const isLed = leading.some((name) => filter[name]?.any !== undefined);
  return filter.username?.any !== undefined && !isLed && range.from === undefined && range.to === undefined;
}

/** The fields in whose values `*` stands for any text. */
const WILD: readonly FieldName[] = ['cluster', 'namespace', 'object', 'username'];

/** Values that may match no record of the world. For other fields their words, or their example. */
const ALWAYS: { readonly [Name in FieldName]?: readonly string[] } = {
  session: ['AROANOSUCHROLE000001:nobody'],
  username: ['system:serviceaccount:shop:nobody'],
  cluster: CLUSTERS,
  namespace: ['-', 'no-such-namespace'],
  resource: ['*', 'pods/*', '*/exec'],
  verb: ['get', 'delete'],
  code: ['2xx', '4xx'],
  ip: ['10.0.0.0/8', '2001:db8::/32'],
};

function always(name: FieldName): readonly string[] {
  const { words, example } = fieldOf(name);
  return ALWAYS[name] ?? words ?? [example];
}

/** Returns the fields of a record that no correction changes. Records that are equal in them are the same record. */
export function identityOf({ auditId, stage, time, cluster, request, response, caller, source }: AuditRecord): string {
  return JSON.stringify([auditId, stage, time, cluster, request, response, caller.uid, caller.username, source]);
}

/** Returns the microseconds by which stores order records, the newest first. An unreadable time counts as 0. */
export function microsOf(at: EpochMillis | undefined): number {
  return Math.round(Math.max(at ?? 0, 0) * 1_000);
}
