import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { everyAccountsRegions } from '../../lib/adapters/cloudtrail/sdk.ts';
import { type ListedCluster, listClusters, type RegionsClusters } from '../../lib/adapters/eks/cluster-list.ts';
import { enabledRegions } from '../../lib/adapters/eks/network.ts';
import { present } from '../../lib/json.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { CommandError } from '../failures/command-error.ts';
import { note, reportFaults } from '../failures/faults.ts';
import { type StructuredFormat, structuredText } from '../format/structured.ts';
import type { View } from '../format/view.ts';
import { awsSettings, checkLine, checkRegion } from '../options/aws-options.ts';
import type { OutputOptions } from '../options/output-options.ts';
import { resultsTo, viewOf } from '../options/view-options.ts';
import { type Column, fittedTable, losing } from '../terminal/fitted-table.ts';

interface ListOptions extends Partial<OutputOptions<'table' | StructuredFormat>> {
  readonly region?: readonly string[];
  readonly profile?: readonly string[];
}

export function listAction({ region, profile, format = 'table', outputFile }: ListOptions): Promise<void> {
  for (const one of region ?? []) checkRegion(one);
  for (const one of profile ?? []) checkLine('--profile', one);
  return reportFaults(async () => {
    const shown = present<Partial<OutputOptions<string>>>({ format, outputFile });
    const output = resultsTo(shown);
    const answers: RegionsClusters[] = [];
    for (const one of new Set(profile ?? [undefined])) {
      const settings = awsSettings(present<{ profile?: string }>({ profile: one }));
      answers.push(...(await listClusters(settings, [...new Set(region ?? (await regionsOf(settings)))])));
    }
    const clusters = answers.flatMap((answer) => ('clusters' in answer ? answer.clusters : []));
    output.write(
      format === 'table' ? tableOf(clusters, viewOf(shown)) : structuredText(format, clusters.map(clusterValue)),
    );
    await output.end();
    reportFailures(answers, clusters, region !== undefined);
  });
}

/**
 * Returns the Regions to query: the enabled ones. If the user may not list these, returns the Regions that every
 * account has.
 */
async function regionsOf(settings: AwsSettings): Promise<readonly string[]> {
  try {
    return await enabledRegions(settings);
  } catch (error) {
    if (!(error instanceof AwsError) || error.kind !== 'denied') throw error;
    const known = await everyAccountsRegions(settings);
    note(
      `The list of enabled Regions cannot be read, so only the ${known.length} Regions of every account are searched. ${error.message}`,
    );
    return known;
  }
}

/**
 * Notes which Regions did not answer, each reason once. Exits with a failure if none answered, or if one that was named
 * did not.
 */
function reportFailures(answers: readonly RegionsClusters[], clusters: readonly ListedCluster[], named: boolean): void {
  const failures = answers.flatMap((answer) => ('failure' in answer ? [answer] : []));
  const failed = failures.length > 0 && (named || failures.length === answers.length);
  const reasons = new Set(failures.map(({ failure }) => failure.message));
  const answered = answers.length - failures.length;
  if (failed) throw new CommandError(escapeForTerminal(failureSentence(failures, [...reasons], answered)), 1);
  for (const { region, failure } of failures) note(`${region} did not answer. ${failure.message}`);
  for (const reason of unreadReasons(clusters)) note(`A cluster could not be described. ${reason}`);
  if (clusters.length === 0)
    note(`There is no EKS cluster in the ${answered === 1 ? 'Region' : `${answered} Regions`} that answered.`);
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

/** The columns to leave out if the screen is narrow, in this order. The cluster, its Region and its audit log stay. */
const LOST = ['ENDPOINT', 'VERSION', 'STATUS'] as const;

function tableOf(clusters: readonly ListedCluster[], view: View): string {
  return fittedTable(losing(COLUMNS, ...LOST), clusters, view);
}

/** Returns the rows, with `?` for what this user may not read. */
function described(
  of: (cluster: Exclude<ListedCluster, { failure: unknown }>) => string,
): (cluster: ListedCluster) => string {
  return (cluster) => ('failure' in cluster ? '?' : of(cluster));
}

const COLUMNS: readonly Column<ListedCluster>[] = [
  { title: 'REGION', of: ({ region }) => region },
  { title: 'ACCOUNT', of: described(({ accountId }) => accountId) },
  { title: 'CLUSTER', least: 12, isId: true, of: ({ name }) => name },
  { title: 'VERSION', of: described(({ version }) => version ?? '?') },
  { title: 'STATUS', of: described(({ status }) => status) },
  {
    title: 'ENDPOINT',
    of: described(({ publicAccess, privateAccess }) =>
      [publicAccess && 'public', privateAccess && 'private'].filter(Boolean).join(' and '),
    ),
  },
  {
    title: 'AUDIT LOG',
    of: described(({ auditLog }) => (auditLog ? 'on' : 'off')),
    tone: (cluster) => ('failure' in cluster || !cluster.auditLog ? 'wrong' : undefined),
  },
];

function clusterValue(cluster: ListedCluster): object {
  if (!('failure' in cluster)) return cluster;
  return { name: cluster.name, region: cluster.region, failure: cluster.failure.message };
}
