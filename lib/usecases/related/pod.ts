import type { KeptRecord } from '../../claims/kept-record.ts';
import { type ServiceAccount, serviceAccountOf, serviceAccountText } from '../../identity/service-account.ts';
import type { EpochMillis } from '../../time.ts';
import { canBePersons, timeOf, wasDone } from '../activity/requests.ts';
import { ENTRANCES, readNamespace } from './namespace-reading.ts';
import { changesOf, namesToLookFor, type OriginByUid, originByName, originByUid } from './origin.ts';
import { type PodLife, podLife, within } from './pod-life.ts';
import type { PodEntry, PodOfRequest, ServiceAccountTokens, TokenIssue } from './related-answer.ts';
import { type RelatedSource, told } from './related-source.ts';

/** The pod of a service account's caller, and the tokens issued for the account. */
export interface PodAndTokens {
  readonly pod: PodOfRequest | undefined;
  readonly serviceAccount: ServiceAccountTokens;
  readonly notKnown: readonly string[];
}

const NO_ORIGIN: OriginByUid = { links: [], open: undefined, begun: undefined };

/** Undefined where the caller is no service account. */
export async function podAndTokens(
  record: KeptRecord,
  at: EpochMillis,
  source: RelatedSource,
  most: number,
): Promise<PodAndTokens | undefined> {
  const { caller, cluster } = record;
  const account = caller.kind === 'kubernetes-service-account' ? serviceAccountOf(caller.username) : undefined;
  if (account === undefined) return undefined;
  const { namespace } = account;
  const { name, uid } = caller.pod ?? {};
  const byUid =
    uid === undefined ? NO_ORIGIN : await originByUid({ kind: 'Pod', uid, name }, { cluster, namespace }, source);
  const { begun } = byUid;
  const read = await readNamespace(
    { cluster, namespace, at, from: undefined, names: namesOf(account, name, byUid) },
    source,
  );
  const { requests } = read;
  const life = podLife(name, begun, requests, at);
  const meanwhile = requests.filter(within(life));
  const earlier = requests.filter((each) => (timeOf(each) ?? at) <= (begun ?? at));
  const serviceAccount = await tokensOf(account, record, meanwhile, { source, most });
  if (caller.pod === undefined) return { pod: undefined, serviceAccount, notKnown: read.notKnown };
  const origin = [...byUid.links, ...originByName(name, byUid, earlier)];
  const entries = entriesOf(name, meanwhile, life, at);
  const changes = changesOf(origin, earlier);
  const left = Math.max(0, entries.length - most) + Math.max(0, changes.length - most);
  const pod: PodOfRequest = {
    ...caller.pod,
    namespace,
    cluster,
    ...life.told,
    origin,
    changes: changes.slice(0, most).map(told),
    entries: entries.slice(0, most),
    leftOut: left > 0 ? left : undefined,
  };
  return { pod, serviceAccount, notKnown: [...read.notKnown, ...originNotKnown(name, byUid, origin)] };
}

/** Every name that matters in the namespace, so that it is read once. */
function namesOf(account: ServiceAccount, pod: string | undefined, byUid: OriginByUid): readonly string[] {
  const ofOrigin = byUid.links.flatMap(({ name }) => name ?? []);
  const byName = namesToLookFor(pod, byUid).map(({ name }) => name);
  return [account.name, ...(pod === undefined ? [] : [pod]), ...ofOrigin, ...byName];
}

/** Reading a pod's ephemeral containers is no way in. */
function entriesOf(
  name: string | undefined,
  requests: readonly KeptRecord[],
  life: PodLife,
  at: EpochMillis,
): PodEntry[] {
  const isEntry = ({ request }: KeptRecord) =>
    request?.resource === 'pods' &&
    request.name === name &&
    ENTRANCES.some((entrance) => entrance === request.subresource) &&
    !(request.subresource === 'ephemeralcontainers' && request.verb === 'get');
  return requests
    .filter((record) => isEntry(record) && wasDone(record))
    .map((record): PodEntry => {
      const time = timeOf(record) ?? at;
      return {
        record: told(record),
        ...(time > at && { afterRequest: true }),
        ...(life.mayBeOfAnother(time) && { mayBeOfAnother: true }),
      };
    });
}

/** Events that say to have issued one token: copies, of which there are a few. */
const MOST_ISSUES = 4;

async function tokensOf(
  account: ServiceAccount,
  { caller, cluster }: KeptRecord,
  requests: readonly KeptRecord[],
  { source, most }: { readonly source: RelatedSource; readonly most: number },
): Promise<ServiceAccountTokens> {
  const name = serviceAccountText(account);
  const issued = caller.credentialId === undefined ? [] : await source.issued(caller.credentialId);
  const own = issued.filter((token) => token.cluster === cluster && token.serviceAccount === name);
  const isOwn = (record: KeptRecord) =>
    own.some(({ auditId, issuedAt }) => record.auditId === auditId && timeOf(record) === issuedAt);
  const events = own.slice(0, MOST_ISSUES).map(({ auditId, issuedAt }) => ({
    auditId,
    at: issuedAt,
    cluster,
    namespace: account.namespace,
  }));
  const used = (await Promise.all(events.map((event) => source.stagesOf(event)))).flat();
  const all = [...requests, ...used].filter(
    ({ request, ...record }) =>
      request?.resource === 'serviceaccounts' &&
      request.subresource === 'token' &&
      request.verb === 'create' &&
      request.name === account.name &&
      request.namespace === account.namespace &&
      wasDone(record as KeptRecord),
  );
  const distinct = [
    ...new Map(all.map((record) => [`${record.auditId} ${record.time} ${record.stage}`, record])).values(),
  ];
  const tokens = distinct
    .map((record): TokenIssue => (isOwn(record) ? { record: told(record), used: true } : { record: told(record) }))
    .toSorted((a, b) => rank(a) - rank(b));
  const left = tokens.length - most;
  return { name, tokens: tokens.slice(0, most), leftOut: left > 0 ? left : undefined };
}

/** The one that was used, then people's. */
function rank({ used, record }: TokenIssue): number {
  return used ? 0 : canBePersons(record) ? 1 : 2;
}

function originNotKnown(
  name: string | undefined,
  { open, links }: OriginByUid,
  origin: PodOfRequest['origin'],
): string[] {
  if (open === undefined && links.length > 0) return [];
  const what =
    links.length === 0 ? `the pod ${name ?? ''}`.trim() : `the ${open?.kind ?? 'owner'} ${open?.name ?? ''}`.trim();
  const instead = origin.some(({ foundBy }) => foundBy === 'name') ? ' What was found instead is by name only.' : '';
  return [
    `The create of ${what} is not among what is known. Controllers' requests reach the service with the parameter serviceAccounts=all only, and the answer to a create is in EKS's audit log, not in Security Lake.${instead}`,
  ];
}
