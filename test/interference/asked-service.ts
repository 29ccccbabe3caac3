import { gzipSync } from 'node:zlib';
import { NotFoundAnswer, routesOf } from '../../functions/http/routes.ts';
import { sha256 } from '../../lib/adapters/digest.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { KnownGrants } from '../../lib/attribution/known-grants.ts';
import { DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import type { StackReport } from '../../lib/heartbeats/report.ts';
import { isJsonObject, type JsonObject, textAt } from '../../lib/json.ts';
import { asRequests } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { HOUR } from '../../lib/time.ts';
import { sourceOfPages } from '../../lib/usecases/activity/request-source.ts';
import { listChanges } from '../../lib/usecases/changes/changes-query.ts';
import { lookupIn } from '../../lib/usecases/changes/file-changes.ts';
import { incidentReport, windowAround } from '../../lib/usecases/incident/incident.ts';
import type { IncidentReport } from '../../lib/usecases/incident/report.ts';
import { takeHandedOver } from '../../lib/usecases/ingest/deliveries.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { answerAnything } from '../../lib/usecases/query/anything/anything.ts';
import { Informant } from '../../lib/usecases/query/anything/informant.ts';
import type { AnythingAnswer } from '../../lib/usecases/query/anything/outcomes.ts';
import { serviceSources } from '../../lib/usecases/query/anything/service-sources.ts';
import { listKnown } from '../../lib/usecases/query/known-query.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { endOfOpenRange } from '../../lib/usecases/query/up-to-now.ts';
import { callerRequestOf, whoisOfCaller } from '../../lib/usecases/query/whois.ts';
import { utc } from '../builders/company.ts';
import { busEvent } from '../functions/deployed.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

/** Records of a page. An API can return fewer than asked for, so a small flood fills all pages that an answer reads. */
export const PAGE = 8;

/** Requests of one account's cluster, as its spoke hands them over. */
export interface Delivery {
  readonly account: string;
  readonly cluster: string;
  readonly events: readonly JsonObject[];
}

/** The service in memory, with what the accounts of an organization handed over. */
export class AskedService {
  readonly #clock = new SetClock(utc('14:00:00'));
  readonly stores = memoryStores(calmWorld(this.#clock.now));
  readonly #running = new Service(this.stores, this.#clock, { withoutLookups: true });

  async take(grants: readonly JsonObject[], deliveries: readonly Delivery[]): Promise<void> {
    await this.#running.grants(grants);
    for (const { account, cluster, events } of deliveries) {
      const logEvents = events.map((event, at) => ({ id: String(at), message: JSON.stringify(event) }));
      const log = { logGroup: `/aws/eks/${cluster}/cluster`, logStream: 'kube-apiserver-audit-1', owner: account };
      const data = gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', ...log, logEvents })).toString('base64');
      const { rejects, metrics } = { rejects: this.#running.outbox, metrics: this.#running.outbox };
      await takeHandedOver(
        busEvent({ awslogs: { data }, region: 'eu-west-1' }, account),
        { inflate: inflatePayload, samples: 20 },
        {
          ...this.stores,
          rejects,
          metrics,
          clock: this.#clock.now,
          digest: sha256,
          settings: DEFAULT_SETTINGS,
          alertOn: [],
          memory: new KeyMemory(),
          recording: RECORD_ALL,
          ceiling: 0,
        },
      );
    }
    await this.#running.settle();
  }

  /** Reports a cluster that cannot be heard, as the stack of this account and Region does. */
  async takeReport(stack: Pick<StackReport, 'accountId' | 'region'>, cluster: string): Promise<void> {
    const at = this.#clock.now();
    const clusters = [{ name: cluster, standing: 'audit-log-off', isUnheard: true, since: at }];
    await this.stores.heartbeats.report({ ...stack, version: '0.1.0', at, clusters });
  }

  get now() {
    return this.#clock.now();
  }

  /** Returns the answer to a text. */
  async ask(text: string): Promise<AnythingAnswer | undefined> {
    const recognized = asRequests(recognize(text));
    return recognized.outcome === 'subjects' ? answerAnything(recognized, this.informant()) : undefined;
  }

  /** Returns the answer of the API, with all its pages. */
  async get(path: string, parameters: Readonly<Record<string, string>>): Promise<readonly JsonObject[]> {
    const { now } = this.#clock;
    const tables = { ...this.stores, within: () => this.stores };
    const context = { tables, clock: now, settings: DEFAULT_SETTINGS, deadline: HOUR };
    const { [path]: route } = routesOf(context, 'all');
    const pages: JsonObject[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ ...parameters, ...(cursor !== undefined && { cursor }) });
      const answer = await route?.(query.toString(), () => undefined);
      const page: unknown = JSON.parse(JSON.stringify(answer instanceof NotFoundAnswer ? answer.also : answer));
      if (!isJsonObject(page)) throw new Error(`no answer: ${path}?${query}`);
      pages.push(page);
      cursor = textAt(page, 'cursor');
    } while (cursor !== undefined);
    return pages;
  }

  /** Returns the report of the incident that the text is about. Undefined if nothing is recognized. */
  async report(text: string): Promise<IncidentReport | undefined> {
    const answer = await this.ask(text);
    const range = answer && windowAround(answer, undefined, HOUR);
    if (answer === undefined || range === undefined) return undefined;
    const informant = this.informant();
    const tables = { ...this.stores, end: endOfOpenRange(this.now) };
    return incidentReport(
      { answer, range, now: this.now },
      {
        requests: sourceOfPages((request) => queryRecords({ ...request, limit: PAGE }, tables)),
        sessionsOfPerson: (person) => informant.sessionsOfPerson(person, undefined),
        clusterChanges: (within) => informant.clusterChanges(within),
      },
    );
  }

  informant(): Informant {
    const { now } = this.#clock;
    const tables = { ...this.stores, end: endOfOpenRange(now()) };
    const deciding = { clock: now, settings: DEFAULT_SETTINGS, deadline: HOUR, lookups: undefined, ...tables };
    const noGrants = lookupIn({ known: new KnownGrants(), settings: DEFAULT_SETTINGS });
    return new Informant(
      serviceSources({
        clock: now,
        records: (request) => queryRecords({ ...request, limit: Math.min(request.limit, PAGE) }, tables),
        known: ({ kind, prefix, limit, cursor }) =>
          listKnown(kind, prefix, { limit: Math.min(limit, PAGE), position: cursor }, tables),
        changes: ({ question, limit, cursor }) => {
          const { from = now(), to = now() } = question.range;
          return listChanges({ question, range: { from, to }, limit, cursor }, { ...tables, whois: noGrants });
        },
        whois: (question) => whoisOfCaller(callerRequestOf(question), deciding),
      }),
    );
  }
}
