import { Command } from 'commander';
import { clusterInFull, clusterText, NAMELESS } from '../../lib/identity/cluster.ts';
import { changedBy } from '../../lib/usecases/changes/changes.ts';
import type { FleetAnswer, FleetEntry, HeardEntry } from '../../lib/usecases/query/fleet.ts';
import { gapsText } from '../../lib/usecases/query/partial-roll-out.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import { type ServiceOptions, serviceOrLocal } from '../access/service-access.ts';
import { type Field, fieldsText } from '../format/fields.ts';
import { shownTime } from '../format/shown-time.ts';
import { isStructured, structuredText } from '../format/structured.ts';
import type { View } from '../format/view.ts';
import { type CommandHelp, withHelp } from '../help/command-help.ts';
import { type OutputOptions, withOutput } from '../options/output-options.ts';
import { SERVICE_TOPIC, withService } from '../options/service-options.ts';
import { type ViewOptions, viewOf, withView } from '../options/view-options.ts';
import { GROUP_FORMATS, type GroupFormat } from '../records/groups/record-groups.ts';
import { type Column, fittedTable, losing } from '../terminal/fitted-table.ts';
import { printed } from '../terminal/text-output.ts';
import { counted } from '../terminal/text-table.ts';

interface FleetOptions extends ServiceOptions, OutputOptions<GroupFormat>, ViewOptions {
  readonly troubled?: true;
}

/** Defines `eks-whois fleet`. */
export function fleetCommand(): Command {
  const command = new Command('fleet')
    .summary('the accounts, Regions and clusters that send data to the service')
    .description(
      'Lists every account, Region and cluster that the service knows. A row shows when the last event arrived and how late, ' +
        'whether the audit log is subscribed, and what is wrong. The command reads what the service has stored, and queries no other account.',
    )
    .option('--troubled', 'only rows with troubles');
  withOutput(command, { says: 'how to write the list', formats: GROUP_FORMATS, unless: 'table' });
  withService<FleetOptions>(withView(command));
  return withHelp(command, HELP).action((options: FleetOptions) => fleetAction(options));
}

const HELP: CommandHelp = {
  common: ['--troubled', '--api', '--table', '--service', '--profile', '--region', '--output', '--output-file'],
  topics: [
    {
      heading: 'Columns:',
      text: `
EVENTS is the time of the cluster's latest audit event, and LAG how late its last delivery was. GRANTS is the time of the latest
CloudTrail record of the account and Region. SUBSCRIBED and VERSION are what the stack there reports every ten minutes. A
stack whose parameters list its clusters reports nothing. VERSION is "removed" if the stack was deleted. TROUBLES are those of the
alarm fleet (docs/alerts.md). Rows with troubles come first.

FILTER CHANGED says when a subscription filter of the cluster's log group was last put or deleted, and by whom. Only CloudTrail
events that arrived count. It shows a name if the evidence proves one, otherwise what CloudTrail states. -o json also has the event's ID.`,
    },
    SERVICE_TOPIC,
  ],
  examples: [
    { asks: 'Does the service hear all clusters?', command: 'eks-whois fleet --table eks-whois-prod' },
    { asks: 'What is wrong now?', command: 'eks-whois fleet --troubled' },
    {
      asks: 'When did no CloudTrail records arrive in the last two weeks?',
      command:
        "eks-whois fleet -o jsonl | jq -r 'select(.grants.silences | length > 0) | [.accountId, .region, .grants.silences]'",
    },
  ],
  exitStatus: '0 done, even if there are troubles; 1 failed; 2 wrong usage.',
};

async function fleetAction(options: FleetOptions): Promise<void> {
  await checkSignIn(options);
  const answer = await serviceOrLocal(options).fleet();
  const rows = options.troubled === true ? answer.fleet.filter(({ troubles }) => troubles.length > 0) : answer.fleet;
  await printed(fleetText(rows, options.format, viewOf(options)), options.outputFile);
  process.stderr.write(`${summaryText(answer)}\n`);
}

/** Returns how much is shown: accounts, clusters, how many rows have troubles, and what the list lacks. */
export function summaryText({ fleet, left, partialRollOuts = [] }: FleetAnswer): string {
  const accounts = new Set(fleet.flatMap(({ accountId }) => accountId ?? [])).size;
  const clusters = fleet.filter(({ cluster }) => cluster !== undefined).length;
  const troubled = fleet.filter(({ troubles }) => troubles.length > 0).length;
  const more = left === undefined ? '' : `, ${left} rows left out`;
  const counts = `${counted(accounts, 'account')}, ${counted(clusters, 'cluster')}, ${counted(troubled, 'row')} with troubles${more}`;
  return [counts, ...partialRollOuts.flatMap(gapsText)].join('\n');
}

const CELLS = {
  accountId: ({ accountId = '' }) => accountId,
  region: ({ region = '' }) => region,
  cluster: ({ cluster = '' }) => cluster,
  clusterArn: (row) => (row.cluster === undefined ? '' : clusterText(row)),
  subscribed: ({ subscription }) => subscription?.standing ?? '',
  events: ({ events }) => events?.last ?? '',
  lagSeconds: ({ events }) => (events === undefined ? '' : String(events.lagSeconds)),
  grants: ({ grants }) => grants?.last ?? '',
  filterChanged: ({ filter }) => filter?.time ?? '',
  filterChangedBy: ({ filter }) => (filter === undefined ? '' : changedBy(filter)),
  version: ({ stack }) => (stack?.removed === true ? 'removed' : (stack?.version ?? '')),
  rollOut: ({ rollOut = [] }) =>
    rollOut.map(({ reportedBy, state, why = '' }) => `${state} (${reportedBy}) ${why}`.trim()).join('; '),
  troubles: ({ troubles }) => troubles.join(' '),
} as const satisfies Readonly<Record<string, (row: FleetEntry) => string>>;

const FIELDS: readonly Field<FleetEntry>[] = Object.entries(CELLS).map(([name, text]) => ({ name, text }));

/** Returns the rows in the format. */
export function fleetText(rows: readonly FleetEntry[], format: GroupFormat, view: View): string {
  if (isStructured(format)) return structuredText(format, rows);
  if (format === 'csv') return fieldsText(rows, FIELDS, format, view);
  const timeOf = (heard: HeardEntry | undefined) => (heard === undefined ? '' : shownTime(heard.last, view.clock));
  const filterTextOf = ({ filter }: FleetEntry) =>
    filter === undefined ? '' : `${shownTime(filter.time, view.clock)} by ${changedBy(filter)}`;
  const columns: readonly Column<FleetEntry>[] = [
    { title: 'ACCOUNT', of: CELLS.accountId },
    { title: 'REGION', of: CELLS.region },
    { title: 'CLUSTER', of: shownCluster, least: 10, isId: true },
    { title: 'SUBSCRIBED', of: CELLS.subscribed },
    { title: 'EVENTS', of: ({ events }) => timeOf(events) },
    { title: 'LAG', of: ({ events }) => (events === undefined ? '' : `${events.lagSeconds} s`) },
    { title: 'GRANTS', of: ({ grants }) => timeOf(grants) },
    { title: 'FILTER CHANGED', of: filterTextOf, least: 16 },
    { title: 'VERSION', of: CELLS.version },
    { title: 'TROUBLES', of: CELLS.troubles, least: 14, tone: () => 'wrong' },
  ];
  return fittedTable(losing(columns, 'VERSION', 'LAG', 'FILTER CHANGED', 'SUBSCRIBED', 'GRANTS'), rows, view);
}

/**
 * Returns the cluster's name, followed by the account that hands over its events, if that is another one. If the file
 * or log group of audit events names no cluster, returns a text that says so.
 */
function shownCluster({ cluster, origin, events }: FleetEntry): string {
  if (cluster !== undefined && origin !== undefined) return clusterInFull(clusterText({ cluster, origin }));
  return cluster ?? (events === undefined ? '' : NAMELESS);
}
