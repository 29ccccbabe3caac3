import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { Connections } from '../../lib/adapters/cloudtrail/connections.ts';
import type { LookupScope } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { LookupSource } from '../../lib/adapters/cloudtrail/lookup-source.ts';
import { Pacer, realTimer } from '../../lib/adapters/cloudtrail/pacer.ts';
import { sendBy } from '../../lib/adapters/cloudtrail/sdk.ts';
import { DEFAULT_DEADLINE, DEFAULT_SETTINGS } from '../../lib/attribution/settings.ts';
import { LONGEST_CREDENTIALS } from '../../lib/cloudtrail/grant.ts';
import { type EpochMillis, epochMillis, MINUTE } from '../../lib/time.ts';
import { callerRequestOf, whoisOfCaller } from '../../lib/usecases/query/whois.ts';
import { type CloudTrailServer, startCloudTrail } from '../../local/cloudtrail/server.ts';
import { calmWorld } from '../../test/stand-ins/memory/memory-world.ts';
import { memoryStores } from '../../test/usecases/service.ts';
import type { AllSizes } from '../options.ts';
import { type BenchLine, benchLine, OutputsDiffer, rounded } from '../result.ts';
import { newDay, SEED } from '../world/day.ts';

/**
 * Rows of `whois` by CloudTrail alone, compared with reading every AssumeRole event of the window. The scarce resource
 * is requests.
 */

/** Seconds between two events: 10,000 of them take 20 hours. */
const SECONDS_APART = 7.2;
/** 2026-03-11T00:00:00Z, after the last session of the day. */
const NOW = epochMillis(Date.UTC(2026, 2, 11));
const HOME = 'eu-west-1';
const REGIONS = [HOME, 'us-east-1'];
/** Requests to LookupEvents a second that an account may make in a Region (FACTS). */
const PER_SECOND = 2;

const CREDENTIALS = { accessKeyId: 'AKIALOCAL00000000000', secretAccessKey: 'local' };

export async function* whoisCloudTrailRows({ trail: events }: AllSizes): AsyncGenerator<BenchLine> {
  const records = [...newDay(SEED, events, events * SECONDS_APART).records] as IssuedGrant[]; // our own generator's
  const server = await startCloudTrail({ records, requestsPerSecond: Number.POSITIVE_INFINITY, now: () => NOW });
  try {
    const byPages = await allPages(server, events);
    yield await rowOf('whois-cloudtrail', heldBy(records, false), server, byPages);
    yield await rowOf('whois-cloudtrail-hop', heldBy(records, true), server, byPages);
  } finally {
    await server.close();
  }
}

interface GrantedKey {
  readonly accessKeyId: string;
  readonly at: EpochMillis;
  /** Sessions between it and the person. */
  readonly hops: number;
}

/** The fields of a day's record that are read here. */
interface IssuedGrant {
  readonly eventTime: string;
  readonly userIdentity: { readonly type: string; readonly accessKeyId: string };
  readonly responseElements: { readonly credentials: { readonly accessKeyId: string } };
}

/** A session of the day that a user began, or the session of a user. */
function heldBy(records: readonly IssuedGrant[], isChained: boolean): GrantedKey {
  const isOfUser = ({ userIdentity }: IssuedGrant) => userIdentity.type === 'IAMUser';
  const ofUsers = new Set(records.filter(isOfUser).map(keyIssuedBy));
  const found = records.find((each) => (isChained ? ofUsers.has(each.userIdentity.accessKeyId) : isOfUser(each)));
  if (found === undefined) throw new Error('no such session in the day');
  const at = epochMillis(Date.parse(found.eventTime) + MINUTE);
  return { accessKeyId: keyIssuedBy(found), at, hops: isChained ? 1 : 0 };
}

function keyIssuedBy({ responseElements }: IssuedGrant): string {
  return responseElements.credentials.accessKeyId;
}

async function rowOf(bench: string, held: GrantedKey, server: CloudTrailServer, all: number): Promise<BenchLine> {
  const mine = (await countRequests(held, server)) / REGIONS.length;
  return benchLine(bench, {
    ours: { requestsARegion: mine, secondsAtTheLimit: rounded(mine / PER_SECOND) },
    against: {
      what: 'every AssumeRole event of the window, page by page, in one Region',
      requestsARegion: all,
      secondsAtTheLimit: rounded(all / PER_SECOND),
    },
    reach: `${1 + held.hops} ${held.hops > 0 ? 'requests' : 'request'} a Region`,
    note: `${REGIONS.length} Regions asked side by side, at ${PER_SECOND} requests a second each; not waited for here`,
  });
}

/** Asks the product, with empty tables. Returns how many requests it made. */
async function countRequests({ accessKeyId, at }: GrantedKey, server: CloudTrailServer): Promise<number> {
  const clock = () => NOW;
  const before = server.requests.length;
  const lookups = new LookupSource({
    scopes: scopesOf(server),
    attribution: DEFAULT_SETTINGS,
    lookback: LONGEST_CREDENTIALS,
    now: clock,
    waiting: realTimer,
    signal: AbortSignal.timeout(60_000),
  });
  const service = { ...memoryStores(calmWorld(clock)), clock, settings: DEFAULT_SETTINGS, deadline: DEFAULT_DEADLINE };
  const { attribution } = await whoisOfCaller(callerRequestOf({ accessKeyId, at }), { ...service, lookups });
  if (attribution.status !== 'attributed') throw new OutputsDiffer(`whois answers ${JSON.stringify(attribution)}`);
  return server.requests.length - before;
}

function scopesOf({ url: endpoint }: CloudTrailServer): LookupScope[] {
  const { slots } = new Connections();
  return REGIONS.map((region) => ({
    account: '',
    region,
    send: sendBy(() => new CloudTrailClient({ endpoint, region, credentials: CREDENTIALS })),
    pacer: new Pacer(1_000, realTimer),
    slots,
  }));
}

/** Reads every page, as somebody would who has no attribute to search by. Returns how many requests it made. */
async function allPages({ url: endpoint }: CloudTrailServer, events: number): Promise<number> {
  const client = new CloudTrailClient({ endpoint, region: HOME, credentials: CREDENTIALS });
  let requests = 0;
  let found = 0;
  let token: string | undefined;
  do {
    const LookupAttributes = [{ AttributeKey: 'EventName', AttributeValue: 'AssumeRole' } as const];
    const page = await client.send(new LookupEventsCommand({ LookupAttributes, MaxResults: 50, NextToken: token }));
    requests += 1;
    found += page.Events?.length ?? 0;
    token = page.NextToken;
  } while (token !== undefined);
  if (found !== events) throw new OutputsDiffer(`${found} of ${events} events were found page by page`);
  return requests;
}
