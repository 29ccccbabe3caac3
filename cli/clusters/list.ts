import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { everyAccountsRegions } from '../../lib/adapters/cloudtrail/sdk.ts';
import { type ListedCluster, listClusters, type RegionsClusters } from '../../lib/adapters/eks/cluster-list.ts';
import { enabledRegions } from '../../lib/adapters/eks/network.ts';
import { present } from '../../lib/json.ts';
import { CommandError } from '../failures/command-error.ts';
import { note, tellingFaults } from '../failures/faults.ts';
import { awsSettings, checkLine, checkRegion } from '../options/aws-options.ts';
import type { OutputOptions } from '../options/output-options.ts';
import { escapeForTerminal } from '../terminal/escape.ts';
import { outputTo } from '../terminal/text-output.ts';
import { textTable } from '../terminal/text-table.ts';

interface ListOptions extends Partial<OutputOptions<'table' | 'jsonl'>> {
  readonly region?: readonly string[];
  readonly profile?: readonly string[];
}

export function listAction({ region, profile, format = 'table', outputFile }: ListOptions): Promise<void> {
  for (const one of region ?? []) checkRegion(one);
  for (const one of profile ?? []) checkLine('--profile', one);
  return tellingFaults(async () => {
    const output = outputTo(outputFile);
    const answers: RegionsClusters[] = [];
    for (const one of new Set(profile ?? [undefined])) {
      const settings = awsSettings(present<{ profile?: string }>({ profile: one }));
      answers.push(...(await listClusters(settings, [...new Set(region ?? (await regionsOf(settings)))])));
    }
    const clusters = answers.flatMap((answer) => ('clusters' in answer ? answer.clusters : []));
    if (clusters.length > 0) output.write(format === 'table' ? tableOf(clusters) : jsonLinesOf(clusters));
    await output.end();
    tell(answers, clusters, region !== undefined);
  });
}

/** The Regions to ask: those that are enabled, or, where that may not be read, those that every account has. */
async function regionsOf(settings: AwsSettings): Promise<readonly string[]> {
  try {
    return await enabledRegions(settings);
  } catch (error) {
    if (!(error instanceof AwsError) || error.kind !== 'denied') throw error;
    const known = await everyAccountsRegions(settings);
    note(
      `Which Regions are enabled is not known, so the ${known.length} are asked that every account has. ${error.message}`,
    );
    return known;
  }
}

/** Says what did not answer, each reason once; where that is all, or was asked for by name, it is a failure. */
function tell(answers: readonly RegionsClusters[], clusters: readonly ListedCluster[], named: boolean): void {
  const failures = answers.flatMap((answer) => ('failure' in answer ? [answer] : []));
  const failed = failures.length > 0 && (named || failures.length === answers.length);
  const reasons = new Set(failures.map(({ failure }) => failure.message));
  const answered = answers.length - failures.length;
  if (failed) throw new CommandError(escapeForTerminal(failureSentence(failures, [...reasons], answered)), 1);
  for (const { region, failure } of failures) note(`${region} did not answer. ${failure.message}`);
  for (const reason of unreadReasons(clusters)) note(`A cluster could not be described. ${reason}`);
  if (clusters.length === 0)
    note(`No EKS cluster in the ${answered === 1 ? 'Region' : `${answered} Regions`} that answered.`);
}

function failureSentence(
  failures: readonly { region: string; failure: AwsError }[],
  reasons: readonly string[],
  answered: number,
): string {
  const rest = reasons.length > 1 ? ` (and ${reasons.length - 1} other reasons)` : '';
  const regions =
    failures.length > 3 ? `${failures.length} Regions` : [...new Set(failures.map(({ region }) => region))].join(', ');
  return `${regions} did not answer${answered === 0 ? '' : ', the others did'}. ${reasons[0] ?? ''}${rest}`;
}

function unreadReasons(clusters: readonly ListedCluster[]): ReadonlySet<string> {
  return new Set(clusters.flatMap((cluster) => ('failure' in cluster ? [cluster.failure.message] : [])));
}

function tableOf(clusters: readonly ListedCluster[]): string {
  const titles = ['REGION', 'ACCOUNT', 'CLUSTER', 'VERSION', 'STATUS', 'ENDPOINT', 'AUDIT LOG'];
  return textTable(titles, clusters.map(rowOf));
}

function rowOf(cluster: ListedCluster): readonly string[] {
  if ('failure' in cluster) return [cluster.region, '?', cluster.name, '?', '?', '?', '?'];
  const { region, accountId, name, version, status, publicAccess, privateAccess, auditLog } = cluster;
  const endpoint = [publicAccess && 'public', privateAccess && 'private'].filter(Boolean).join(' and ');
  return [region, accountId, name, version ?? '?', status, endpoint, auditLog ? 'on' : 'off'];
}

function jsonLinesOf(clusters: readonly ListedCluster[]): string {
  return clusters
    .map((cluster) =>
      'failure' in cluster ? { name: cluster.name, region: cluster.region, failure: cluster.failure.message } : cluster,
    )
    .map((cluster) => `${JSON.stringify(cluster)}\n`)
    .join('');
}
