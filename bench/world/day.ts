import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Data for the benchmark: the size and shape of real records, from a seed, without a clock. */

/** Seed of every row that draws a day. */
export const SEED = 20_260_310;

export interface BenchSize {
  /** Number of audit events, about 1.2 KB each. */
  readonly audit: number;
  /** Number of AssumeRole records, about 1.5 KB each. */
  readonly grants: number;
  readonly seed: number;
  /** Share of events by nodes; the others are people's. */
  readonly system?: number;
  /** Seconds after midnight by which all grants are made; if absent, the first 20 hours. */
  readonly within?: number;
  /** Number of keys that the events use, each equally often; if absent, all. */
  readonly keys?: number;
  /** Whether CloudTrail's records are JSON lines instead of `{"Records":[…]}`. */
  readonly trailLines?: boolean;
}

/** Share of the files' events with a key that no grant issued. */
const UNKNOWN_KEY = 0.05;

/** Share of grants called by the session of another grant. */
const CHAINED = 0.1;

const EVENTS_PER_FILE = 25_000;
const RECORDS_PER_FILE = 1_000;

/** 2026-03-10T00:00:00Z. Grants are in the first 20 hours, so that no session outlasts the day. */
export const MIDNIGHT = Date.UTC(2026, 2, 10);
const GRANT_SECONDS = 20 * 3600;
const SESSION_SECONDS = 3600;

/** Number of last grants from which a calling session is drawn. */
const RECENT = 900;

const ROLES = 40;
const USERS = 500;
const NAMESPACES = ['orders', 'payments', 'reports', 'search', 'kube-system'];
const RESOURCES = ['pods', 'services', 'configmaps', 'secrets', 'events'];
const VERBS = ['get', 'list', 'watch', 'patch'];

/** The parts of a grant that audit events need. */
interface IssuedGrant {
  readonly key: string;
  readonly roleId: string;
  readonly roleName: string;
  readonly account: string;
  readonly sessionName: string;
  readonly atSecond: number;
}

/** An IAM user, by number. */
interface User {
  readonly number: number;
  readonly id: string;
}

/** A grant and its caller, from which its record is made. */
export interface MadeGrant {
  readonly grant: IssuedGrant;
  readonly caller: User | IssuedGrant;
  /** Last part of the caller's address. */
  readonly address: number;
  readonly requestId: string;
  readonly eventId: string;
}

interface Random {
  /** Returns a whole number in [0, below). */
  readonly below: (below: number) => number;
  readonly letters: (alphabet: string, length: number) => string;
  readonly uuid: () => string;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const HEX = '0123456789abcdef';

/** Returns an xorshift32 generator: 300,000 records need about 20 million draws. */
function random(seed: number): Random {
  let state = seed | 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const below = (limit: number) => next() % limit;
  const letters = (alphabet: string, length: number) => {
    let text = '';
    for (let index = 0; index < length; index += 1) text += alphabet.charAt(below(alphabet.length));
    return text;
  };
  const uuid = () => [8, 4, 4, 4, 12].map((length) => letters(HEX, length)).join('-');
  return { below, letters, uuid };
}

/**
 * Writes `<folder>/audit/*.jsonl` in the order of time, and `<folder>/cloudtrail/*.json`. The same size and seed give
 * the same bytes.
 */
export function writeBench(folder: string, size: BenchSize): void {
  const { audit, grants, seed, system = 0, within, keys = grants, trailLines = false } = size;
  const dice = random(seed);
  const made = [...madeGrants(grants, within ?? GRANT_SECONDS, peopleOf(dice))];
  mkdirSync(join(folder, 'audit'), { recursive: true });
  mkdirSync(join(folder, 'cloudtrail'), { recursive: true });
  writeGrants(join(folder, 'cloudtrail'), made, trailLines);
  const issued = made.map(({ grant }) => grant);
  const moments = momentsOf(issued, { audit, keys }, dice).values();
  writeAudit(join(folder, 'audit'), audit, () => {
    const { grant, at } = moments.next().value ?? { grant: undefined, at: 0 };
    return auditEvent(grant, { system, unknownKey: UNKNOWN_KEY, during: [at, at + 1] }, dice);
  });
}

/** Returns the times at which each key is used, in order. Every key is used equally often while its session lasts. */
function momentsOf(issued: readonly IssuedGrant[], { audit, keys }: { audit: number; keys: number }, dice: Random) {
  const moments = Array.from({ length: issued.length === 0 ? 0 : audit }, (_, number) => {
    const grant = issued[Math.floor(((number % keys) * issued.length) / keys)];
    return { grant, at: (grant?.atSecond ?? 0) + 1 + dice.below(SESSION_SECONDS - 1) };
  });
  return moments.sort((a, b) => a.at - b.at);
}

/** The mix of events to draw. */
export interface Mix {
  /** Seconds of the day between which all events are; if absent, each is within its session. */
  readonly during?: readonly [from: number, to: number];
  /** Share of events by nodes. */
  readonly system: number;
  /** Share of people's events with a key that no grant issued. */
  readonly unknownKey: number;
}

/** A day's grants, each record made on demand, and any number of events. */
export interface Day {
  /** AssumeRole records. Read all of them before the first event. */
  readonly records: Iterable<object>;
  readonly event: (mix: Mix) => object;
}

/**
 * Draws a day.
 * @param within seconds after midnight by which all grants are made.
 */
export function newDay(seed: number, grants: number, within = GRANT_SECONDS): Day {
  const dice = random(seed);
  const made = madeGrants(grants, within, peopleOf(dice));
  const issued: IssuedGrant[] = [];
  let number = 0;
  return {
    records: Iterator.from(made).map((each) => {
      issued.push(each.grant);
      return recordOf(each);
    }),
    event: (mix) => auditEvent(issued[number++ % issued.length], mix, dice),
  };
}

/** Returns the grants of the same day one by one. Only those that may still call are kept in memory. */
export function grantsOfDay(seed: number, grants: number, within = GRANT_SECONDS): Iterable<MadeGrant> {
  return madeGrants(grants, within, peopleOf(random(seed)));
}

function peopleOf(dice: Random): People {
  const roleIds = Array.from({ length: ROLES }, () => `AROA${dice.letters(BASE32, 17)}`);
  const userIds = Array.from({ length: USERS }, () => `AIDA${dice.letters(BASE32, 17)}`);
  return { dice, roleIds, userIds };
}

interface People {
  readonly dice: Random;
  readonly roleIds: readonly string[];
  readonly userIds: readonly string[];
}

function* madeGrants(count: number, within: number, people: People): Generator<MadeGrant> {
  const { dice } = people;
  const recent: IssuedGrant[] = [];
  for (let index = 0; index < count; index += 1) {
    const atSecond = Math.floor((index / count) * within);
    const grant = newGrant(people, index, atSecond);
    const caller = callerOf(people, recent, grant);
    yield { grant, caller, address: dice.below(256), requestId: dice.uuid(), eventId: dice.uuid() };
    recent.push(grant);
    if (recent.length >= 2 * RECENT) recent.splice(0, RECENT);
  }
}

function writeGrants(folder: string, grants: readonly MadeGrant[], asLines: boolean): void {
  for (let from = 0; from < grants.length; from += RECORDS_PER_FILE) {
    const number = String(from / RECORDS_PER_FILE).padStart(5, '0');
    const file = join(folder, `111122223333_CloudTrail_eu-west-1_20260310T${number}.json`);
    const records = grants.slice(from, from + RECORDS_PER_FILE).map(recordOf);
    const lines = records.map((record) => `${JSON.stringify(record)}\n`);
    writeFileSync(file, asLines ? lines.join('') : JSON.stringify({ Records: records }));
  }
}

function newGrant({ dice, roleIds }: People, index: number, atSecond: number): IssuedGrant {
  const role = dice.below(ROLES);
  return {
    key: `ASIA${dice.letters(BASE32, 16)}`,
    roleId: roleIds[role] ?? '',
    roleName: `project-${role}-developer`,
    account: role % 2 === 0 ? '444455556666' : '111122223333',
    sessionName: index % 2 === 0 ? 'EKSGetTokenAuth' : `botocore-session-${MIDNIGHT / 1000 + atSecond}`,
    atSecond,
  };
}

/** Returns an IAM user, or the session of a grant of the last quarter of an hour. */
function callerOf(
  { dice, userIds }: People,
  issued: readonly IssuedGrant[],
  { atSecond }: IssuedGrant,
): User | IssuedGrant {
  const recent = issued[issued.length - 1 - dice.below(RECENT)];
  const chained = dice.below(1_000_000) < CHAINED * 1_000_000;
  if (chained && recent && atSecond - recent.atSecond < 900) return recent;
  const number = dice.below(USERS);
  return { number, id: userIds[number] ?? '' };
}

function userKey({ number }: User): string {
  return `AKIA${String(number).padStart(16, 'A')}`;
}

function userName({ number }: User): string {
  return `user.${number}`;
}

function userIdentity(user: User): object {
  return {
    type: 'IAMUser',
    principalId: user.id,
    arn: `arn:aws:iam::111122223333:user/${userName(user)}`,
    accountId: '111122223333',
    accessKeyId: userKey(user),
    userName: userName(user),
  };
}

function sessionIdentity({ roleId, sessionName, account, roleName, key, atSecond }: IssuedGrant): object {
  return {
    type: 'AssumedRole',
    principalId: `${roleId}:${sessionName}`,
    arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
    accountId: account,
    accessKeyId: key,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: roleId,
        arn: `arn:aws:iam::${account}:role/${roleName}`,
        accountId: account,
        userName: roleName,
      },
      attributes: { creationDate: second(atSecond), mfaAuthenticated: 'false' },
    },
  };
}

/** Returns the AssumeRole record of a grant. */
export function recordOf({ grant, caller, address, requestId, eventId }: MadeGrant): object {
  const { key, roleId, roleName, account, sessionName, atSecond } = grant;
  const roleArn = `arn:aws:iam::${account}:role/${roleName}`;
  return {
    eventVersion: '1.11',
    userIdentity: 'number' in caller ? userIdentity(caller) : sessionIdentity(caller),
    eventTime: second(atSecond),
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    awsRegion: 'eu-west-1',
    sourceIPAddress: `203.0.113.${address}`,
    userAgent: 'aws-cli/2.27.40 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0 lang/python#3.13.4 md/command#eks.get-token',
    requestParameters: { roleArn, roleSessionName: sessionName, durationSeconds: SESSION_SECONDS },
    responseElements: {
      credentials: { accessKeyId: key, sessionToken: 'REDACTED', expiration: expiration(atSecond + SESSION_SECONDS) },
      assumedRoleUser: {
        assumedRoleId: `${roleId}:${sessionName}`,
        arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`,
      },
    },
    additionalEventData: { RequestDetails: { awsServingRegion: 'eu-west-1', endpointType: 'regional' } },
    requestID: requestId,
    eventID: eventId,
    readOnly: true,
    resources: [{ accountId: account, type: 'AWS::IAM::Role', ARN: roleArn }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: 'sts.eu-west-1.amazonaws.com',
    },
  };
}

function writeAudit(folder: string, count: number, event: () => object): void {
  for (let from = 0; from < count; from += EVENTS_PER_FILE) {
    const number = String(from / EVENTS_PER_FILE).padStart(3, '0');
    const output = openSync(join(folder, `kube-apiserver-audit-${number}.jsonl`), 'w');
    for (let start = from; start < Math.min(from + EVENTS_PER_FILE, count); start += 1_000) {
      const end = Math.min(start + 1_000, from + EVENTS_PER_FILE, count);
      const lines = Array.from({ length: end - start }, () => JSON.stringify(event()));
      writeSync(output, `${lines.join('\n')}\n`);
    }
    closeSync(output);
  }
}

function auditEvent(grant: IssuedGrant | undefined, { system, unknownKey, during }: Mix, dice: Random): object {
  const kind = dice.below(1_000_000) / 1_000_000;
  const between = ([from, to]: readonly [number, number]) => from + dice.below(to - from);
  if (!grant || kind < system) return eventOf(nodeUser(dice), between(during ?? [0, 86_000]), dice);
  const known = kind >= system + unknownKey * (1 - system);
  const key = known ? grant.key : `ASIA${dice.letters(BASE32, 16)}`;
  return eventOf(
    sessionUser(grant, key),
    between(during ?? [grant.atSecond + 1, grant.atSecond + SESSION_SECONDS]),
    dice,
  );
}

function nodeUser(dice: Random): object {
  const host = `ip-192-0-2-${dice.below(256)}.eu-west-1.compute.internal`;
  return { username: `system:node:${host}`, groups: ['system:nodes', 'system:authenticated'] };
}

function sessionUser({ roleId, roleName, account, sessionName }: IssuedGrant, key: string): object {
  const arn = `arn:aws:sts::${account}:assumed-role/${roleName}/${sessionName}`;
  return {
    username: arn,
    uid: `aws-iam-authenticator:${account}:${roleId}`,
    groups: ['developers', 'system:authenticated'],
    extra: {
      accessKeyId: [key],
      arn: [arn],
      canonicalArn: [`arn:aws:iam::${account}:role/${roleName}`],
      principalId: [roleId],
      sessionName: [sessionName],
      'sigs.k8s.io/aws-iam-authenticator/principalId': [roleId],
    },
  };
}

function eventOf(user: object, atSecond: number, dice: Random): object {
  const namespace = NAMESPACES[dice.below(NAMESPACES.length)];
  const resource = RESOURCES[dice.below(RESOURCES.length)];
  const name = `api-${dice.letters(HEX, 8)}`;
  const received = new Date(MIDNIGHT + atSecond * 1000).toISOString().slice(0, 19);
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: dice.uuid(),
    stage: 'ResponseComplete',
    requestURI: `/api/v1/namespaces/${namespace}/${resource}/${name}`,
    verb: VERBS[dice.below(VERBS.length)],
    user,
    sourceIPs: [`203.0.113.${dice.below(256)}`],
    userAgent: 'kubectl/v1.33.2 (linux/amd64) kubernetes/a57b6f7',
    objectRef: { resource, namespace, name, apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: `${received}.${100_000 + dice.below(800_000)}Z`,
    stageTimestamp: `${received}.${900_000 + dice.below(100_000)}Z`,
    annotations: {
      'authorization.k8s.io/decision': 'allow',
      'authorization.k8s.io/reason': `RBAC: allowed by RoleBinding "developers/${namespace}" of ClusterRole "edit" to Group "developers"`,
    },
  };
}

function second(atSecond: number): string {
  return `${new Date(MIDNIGHT + atSecond * 1000).toISOString().slice(0, 19)}Z`;
}

/** Formats an expiration like CloudTrail: `Mar 10, 2026, 1:00:00 PM`, with U+202F before AM/PM. */
function expiration(atSecond: number): string {
  const at = new Date(MIDNIGHT + atSecond * 1000);
  const hours = at.getUTCHours();
  const clock = at.toISOString().slice(14, 19);
  return `Mar ${at.getUTCDate()}, 2026, ${hours % 12 || 12}:${clock}\u202f${hours < 12 ? 'AM' : 'PM'}`;
}

/** Returns a subscription's delivery with this many events: base64 of gzip. */
export function deliveryOf(count: number, event: () => object): string {
  const logEvents = Array.from({ length: count }, (_, at) => ({
    id: String(at).padStart(56, '3'),
    timestamp: MIDNIGHT,
    message: JSON.stringify(event()),
  }));
  const payload = {
    messageType: 'DATA_MESSAGE',
    owner: '111122223333',
    logGroup: '/aws/eks/prod-1/cluster',
    logStream: 'kube-apiserver-audit-5ad7e6c1f1e4b7b7bd37e5c0a1b2c3d4',
    subscriptionFilters: ['eks-whois'],
    logEvents,
  };
  return gzipSync(JSON.stringify(payload)).toString('base64');
}
