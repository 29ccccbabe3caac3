import { MOST_REGIONS, type StackReport } from '../../heartbeats/report.ts';
import {
  LONGEST_CAUSE,
  MOST_FAILED,
  MOST_SPOKES,
  type RegionAccounts,
  ROLL_OUT,
  type RollOut,
} from '../../heartbeats/roll-out.ts';
import { isFarOver } from '../../heartbeats/volume.ts';
import { accountIn, clusterArn } from '../../identity/cluster.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, present, textAt } from '../../json.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Heartbeats } from '../../ports/heartbeats.ts';
import type { Volumes } from '../../ports/volumes.ts';
import type { EpochMillis } from '../../time.ts';
import { isUnheard, type Outcome, STANDINGS } from '../subscribe/outcome.ts';

/** The source and type of the reports of stacks on the hub's event bus. */
export const REPORT = { source: 'eks-whois.spoke', detailType: 'Stack report' } as const;

/** The maximum number of clusters of a report. EKS allows 100 in an account and Region by default. */
const MOST_CLUSTERS = 500;
const LONGEST_VERSION = 40;
const LONGEST_WHY = 600;
/** The maximum number of bytes of a report with its reasons. An item of DynamoDB has 400 KB at most. */
const MOST_BYTES = 200_000;

/** A stack that reports. */
export interface ReportingStack {
  readonly region: string;
  readonly version: string;
  /** Whether it sends the CloudTrail records of its account and Region to the hub. */
  readonly sendsGrants: boolean;
}

/** Returns the report of a stack about itself, as the detail of an event on the hub's bus. */
export function reportDetail(
  { region, version, sendsGrants }: ReportingStack,
  outcomes: readonly Outcome[],
): JsonObject {
  const clusters = outcomes.slice(0, MOST_CLUSTERS).map((outcome) =>
    present({
      name: outcome.cluster,
      standing: outcome.standing,
      isUnheard: isUnheard(outcome),
      why: outcome.why?.slice(0, LONGEST_WHY),
    }),
  );
  return { region, version, clusters, sendsGrants };
}

/** Returns the last report of a stack, after which the hub expects nothing more of it. */
export function lastReportDetail({ region, version }: ReportingStack): JsonObject {
  return { region, version, clusters: [], isLast: true };
}

/** Returns whether an event of the hub's bus is a report, of a stack or of a roll-out. */
export function isReport(envelope: unknown): envelope is JsonObject {
  return isJsonObject(envelope) && [REPORT, ROLL_OUT].some((each) => isOf(envelope, each));
}

function isOf(envelope: JsonObject, { source, detailType }: typeof REPORT | typeof ROLL_OUT): boolean {
  return envelope.source === source && envelope['detail-type'] === detailType;
}

/** The service behind reports of stacks. */
export interface ReportService {
  readonly heartbeats: Heartbeats;
  readonly volumes: Volumes;
  readonly clock: Clock;
  readonly ceiling: number;
}

/**
 * Stores the report of a stack or a roll-out. Trust: EventBridge states the account, so a stack speaks only for
 * clusters of its own account. Statements of a roll-out about other accounts are stored as those of its own account. A
 * report that is too large is stored without its reasons. Each report counts towards the account's ceiling as one
 * event, plus
 * one for each cluster or spoke.
 * @returns false if nothing was stored. The report cannot be read, the account is far over its ceiling, or it has too
 * many stacks.
 */
export async function takeReport(
  envelope: JsonObject,
  { heartbeats, volumes, clock, ceiling }: ReportService,
): Promise<boolean> {
  const account = accountIn(textAt(envelope, 'account'));
  if (account === undefined || isFarOver(await volumes.of(account), ceiling)) return false;
  if (isOf(envelope, ROLL_OUT)) {
    const rollOut = parseRollOut(envelope, account, clock());
    const listed = [...rollOut.spokes, ...(rollOut.missing ?? [])];
    const spokes = listed.reduce((sum, { accounts }) => sum + accounts.length, rollOut.failed.length);
    await volumes.add(account, { attempted: 1 + spokes });
    await heartbeats.rollOut(rollOut);
    return true;
  }
  const report = parseReport(envelope, account, clock());
  await volumes.add(account, { attempted: 1 + (report?.clusters.length ?? 0) });
  return report === undefined ? false : heartbeats.report(limitReport(report));
}

function limitReport(report: StackReport): StackReport {
  if (new TextEncoder().encode(JSON.stringify(report)).length <= MOST_BYTES) return report;
  return { ...report, clusters: report.clusters.map(({ why: _, ...cluster }) => cluster) };
}

function parseReport(envelope: JsonObject, accountId: string, at: EpochMillis): StackReport | undefined {
  const detail = objectAt(envelope, 'detail');
  const [region = '', version = ''] = [textAt(detail, 'region'), textAt(detail, 'version')];
  const given = (listAt(detail, 'clusters') ?? []).filter(isJsonObject).slice(0, MOST_CLUSTERS);
  const isPlace = clusterArn({ region, accountId, name: 'any' }) !== undefined;
  if (!isPlace || version.length > LONGEST_VERSION) return undefined;
  const clusters = given.flatMap((each) => {
    const [name = '', standing = '', why] = [textAt(each, 'name'), textAt(each, 'standing'), textAt(each, 'why')];
    if (clusterArn({ region, accountId, name }) === undefined || !STANDINGS.some((known) => known === standing))
      return [];
    return present({ name, standing, isUnheard: each.isUnheard === true, why: why?.slice(0, LONGEST_WHY), since: at });
  });
  const grantsSince = detail?.sendsGrants === true ? at : undefined;
  return present({
    accountId,
    region,
    version,
    at,
    clusters,
    grantsSince,
    isLast: detail?.isLast === true || undefined,
  });
}

/** Returns the roll-out. Entries without an account and Region are left out. */
function parseRollOut(envelope: JsonObject, accountId: string, at: EpochMillis): RollOut {
  const detail = objectAt(envelope, 'detail');
  const isPlace = (account: string, region: string) =>
    clusterArn({ region, accountId: account, name: 'any' }) !== undefined;
  let left = MOST_SPOKES;
  const accountsIn = (regions: JsonObject): readonly RegionAccounts[] =>
    Object.entries(regions)
      .slice(0, MOST_REGIONS)
      .flatMap(([region, listed]) => {
        const given = Array.isArray(listed) ? listed.filter((each) => typeof each === 'string').slice(0, left) : [];
        const accounts = [...new Set(given.filter((each) => isPlace(each, region)))];
        left -= accounts.length;
        return accounts.length === 0 ? [] : [{ region, since: at, accounts }];
      });
  const absent = objectAt(detail, 'missing');
  const missing = absent && accountsIn(absent);
  const spokes = accountsIn(objectAt(detail, 'deployed') ?? {});
  const failures = (listAt(detail, 'failed') ?? []).filter(isJsonObject).slice(0, MOST_FAILED);
  const failed = failures.flatMap((each) => {
    const [account = '', region = '', why] = [textAt(each, 'account'), textAt(each, 'region'), textAt(each, 'why')];
    return isPlace(account, region) ? [present({ accountId: account, region, why: why?.slice(0, LONGEST_CAUSE) })] : [];
  });
  const cut = detail?.left;
  const leftOut = typeof cut === 'number' && Number.isSafeInteger(cut) && cut > 0 ? cut : undefined;
  return present({ accountId, at, spokes, failed, missing, left: leftOut });
}
