import { gzipSync } from 'node:zlib';
import { limitedAnswer, problemOf } from '../../functions/http/problem.ts';
import { clustersOf } from '../../functions/http/request.ts';
import { NotFoundAnswer, routesOf } from '../../functions/http/routes.ts';
import { SealedCursors } from '../../functions/http/sealed-cursors.ts';
import { sha256 } from '../../lib/adapters/digest.ts';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { RECORD_ALL } from '../../lib/audit/recording.ts';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { takeEvents, takeHandedOver } from '../../lib/usecases/ingest/deliveries.ts';
import { KeyMemory } from '../../lib/usecases/ingest/key-memory.ts';
import { ceilingEntriesIn } from '../../lib/usecases/query/ceiling-gaps.ts';
import { seesCluster, type VisibleClusters } from '../../lib/usecases/query/visible-tables.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, ROLE_ID, utc } from '../builders/company.ts';
import { iamUser } from '../builders/trail-callers.ts';
import { grant } from '../builders/trail-records.ts';
import { busEvent } from '../functions/deployed.ts';
import { MemoryOutbox } from '../stand-ins/memory/memory-outbox.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { memoryStores, Service, SetClock } from '../usecases/service.ts';

const SENDER = '444455556666';
const log = (name: string) => ({ logGroup: `/aws/eks/${name}/cluster`, logStream: 'kube-apiserver-audit-1' });

/** Returns what becomes of an event, as Example 10d says it: `an allowed get of pods`, `a denied get of pods`. */
export async function underCeiling(event: string, records: string, handedOver: string): Promise<string> {
  const clock = new SetClock(utc('12:10:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const outbox = new MemoryOutbox();
  const taking = {
    ...stores,
    ...{ rejects: outbox, metrics: outbox, clock: clock.now, digest: sha256, settings: DEFAULT_SETTINGS },
    ...{ alertOn: [], memory: new KeyMemory(), recording: RECORD_ALL, ceiling: 100 },
  };
  const [, how, verb, resource] = /^an? (?:(allowed|denied) )?`(\w+)` of (\w+)$/.exec(event) ?? [];
  await stores.volumes.add(records.endsWith('another account') ? '777788889999' : SENDER, {
    recorded: Number.parseInt(records, 10),
  });
  const message = JSON.stringify(
    auditEvent({
      verb,
      objectRef: { resource, namespace: 'shop', name: 'web', apiVersion: 'v1' },
      responseStatus: { code: how === 'denied' ? 403 : 200 },
      annotations: { 'authorization.k8s.io/decision': how === 'denied' ? 'forbid' : 'allow' },
    }),
  );
  const payload = { messageType: 'DATA_MESSAGE', owner: SENDER, ...log('prod'), logEvents: [{ id: '1', message }] };
  const reading = { inflate: inflatePayload, samples: 1 };
  const data = gzipSync(JSON.stringify(payload)).toString('base64');
  const { recorded } =
    handedOver === 'yes'
      ? await takeHandedOver(busEvent({ awslogs: { data } }, SENDER), reading, taking)
      : await takeEvents(readBatch(payload, 'own', reading), { id: 'own', isLive: true }, taking);
  return recorded === 1 ? 'recorded' : 'left out';
}

const CLAIM = 'https://example.com/clusters';

/** Returns the clusters of a token, whose claim is a text, a list in JSON, or nothing. */
function clustersOfClaim(claim: string): VisibleClusters | undefined {
  const list = claim.startsWith('[') ? parseJson(claim) : undefined;
  const value = list?.ok === true ? list.value : claim;
  const claims = claim === 'nothing' ? {} : { [CLAIM]: value };
  return clustersOf(`Bearer a.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c`, CLAIM);
}

/** Returns whether a token with this claim sees a cluster, as Example 13b says it. */
export function seenBy(claim: string, cluster: string): string {
  const [, name, accountId] = /^sees `(\w+)` of account (\d+)$/.exec(cluster) ?? [];
  const clusters = clustersOfClaim(claim);
  if (clusters === undefined) return '403';
  const clusterArn = `arn:aws:eks:eu-west-1:${accountId}:cluster/${name}`;
  return clusters === 'all' || seesCluster(clusters, clusterKeyOf({ cluster: name ?? '', clusterArn })) ? 'yes' : 'no';
}

/** Returns the header of an answer to a token with this claim, and the status for a cursor that somebody without limits got (Example 13d). */
export async function answeredTo(claim: string): Promise<readonly [header: string, status: string]> {
  const clusters = clustersOfClaim(claim) ?? [];
  const { headers } = limitedAnswer({ headers: {} }, clusters);
  const cursors = new SealedCursors({ get: async () => new Uint8Array(32) });
  // Only a user with limits gets sealed cursors (functions/api.ts).
  const opened = clusters === 'all' ? undefined : await cursors.opened('cursor=eyJvZiI6IngifQ').catch(problemOf);
  const status = isJsonObject(opened) ? opened.status : 200;
  return [String(headers?.['eks-whois-clusters'] ?? 'none'), String(status)];
}

const keyOf = (name: string) => `ASIA${name.toUpperCase().padEnd(16, 'X')}`;

/** A service in which carol acted in two clusters, bob in one of them, and a session without a grant in the other one. */
export async function twoClusters() {
  const clock = new SetClock(utc('12:30:00'));
  const stores = memoryStores(calmWorld(clock.now));
  const service = new Service(stores, clock);
  await service.grants(
    ['bob', 'carol'].map((name) =>
      grant({ id: name, session: `${name}-1`, key: keyOf(name), by: iamUser(name, { accountId: ACCOUNT }) }),
    ),
  );
  const acts = [
    ['mine', 'mine-carol', 'carol-1', 'carol'],
    ['mine', 'mine-none', 'none-1', 'none'],
    ['secret', 'secret-carol', 'carol-1', 'carol'],
    ['secret', 'secret-bob', 'bob-1', 'bob'],
  ] as const;
  for (const [cluster, auditID, session, key] of acts) {
    const event = auditEvent({
      auditID,
      user: roleUser({ session, key: keyOf(key) }),
      requestReceivedTimestamp: utc('12:10:00'),
    });
    const logEvents = [{ id: '1', message: JSON.stringify(event) }];
    await service.ingestPayload({ messageType: 'DATA_MESSAGE', owner: ACCOUNT, ...log(cluster), logEvents }, auditID);
  }
  await service.settleFor(60);
  const things = ['audit:secret-bob', 'audit:mine-carol', `session:${ROLE_ID}:carol-1`];
  for (const about of things) {
    const when = epochMillis(clock.at - 1);
    await stores.notes.add({ id: about, about, kind: 'note', text: 'secret or mine', who: { id: 'analyst' }, when });
  }
  return asking(stores, clock);
}

/** Returns how a question of somebody who may see `mine` only is answered (Example 13c). */
export async function answerToLimited(question: string, ask: AskApi): Promise<string> {
  const answer = await ask(question, ['mine']);
  if (answer.status === 403) return '403';
  const lists = ['records', 'sessions', 'known', 'notes'].flatMap((name) => answer.body[name] ?? []);
  if (answer.status === 404 || (Array.isArray(lists) && lists.length === 0)) return 'with nothing';
  return JSON.stringify(lists).includes('"secret"') ? 'with what belongs to others' : 'with what belongs to `mine`';
}

/** A service that left out reads of one account from 10:00 on 10 March on. */
export async function overCeiling() {
  const clock = new SetClock('2026-03-10T10:00:00Z');
  const stores = memoryStores(calmWorld(clock.now));
  await stores.volumes.noteGap(SENDER, 'reads', epochMillis(clock.at));
  clock.pass(3 * 24 * 3_600_000);
  return asking(stores, clock);
}

/** Returns what an answer says that it lacks (Example 13e). */
export async function gapsIn(question: string, ask: AskApi): Promise<string> {
  const { body } = await ask(question, 'all');
  return (
    ceilingEntriesIn(body)
      .map(({ what }) => what)
      .join(', ') || 'none'
  );
}

type AskApi = (
  question: string,
  clusters: VisibleClusters,
) => Promise<{ readonly status: number; readonly body: JsonObject }>;

function asking(stores: ReturnType<typeof memoryStores>, { now: clock }: SetClock): AskApi {
  const tables = { ...stores, within: () => stores };
  const context = { tables, clock, settings: DEFAULT_SETTINGS, deadline: DEFAULT_DEADLINE };
  return async (question, clusters) => {
    const [path = '', query = ''] = question.split('?');
    try {
      const answer = await routesOf(context, clusters)[path]?.(query, () => undefined);
      const isMissing = answer instanceof NotFoundAnswer;
      const body: unknown = JSON.parse(JSON.stringify(isMissing ? answer.also : answer));
      return { status: isMissing ? 404 : 200, body: isJsonObject(body) ? body : {} };
    } catch (error) {
      return { status: problemOf(error).status, body: {} };
    }
  };
}
