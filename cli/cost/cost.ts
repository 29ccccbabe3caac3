import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type CostLine,
  dollarsOfMillionEvents,
  dollarsOfMillionRecords,
  dollarsOfMillionWithGrants,
  dollarsOfOther,
  dollarsSaved,
  estimatedCosts,
  ownDollars,
  type Payers,
  type Usage,
} from '../../lib/cost/estimate.ts';
import { PRICES_OF } from '../../lib/cost/prices.ts';
import { EVENTS_OF_SESSION, GRANTS_OF_SESSION, USUAL } from '../../lib/cost/usage.ts';
import { csvCell, plainJson } from '../../lib/words/escape.ts';
import { csvLine } from '../../lib/words/record-csv.ts';
import { type CommandHelp, withHelp } from '../help/command-help.ts';
import { refuseEmptyValues } from '../options/empty-values.ts';
import { type OutputOptions, withOutput } from '../options/output-options.ts';
import { printed } from '../terminal/text-output.ts';
import { textTable } from '../terminal/text-table.ts';

const FORMATS = ['table', 'json', 'csv'] as const;

interface CostOptions extends OutputOptions<(typeof FORMATS)[number]> {
  readonly eventsPerDay: number;
  readonly sessionsPerDay?: number;
  readonly grantsPerDay?: number;
  readonly omittedShare: number;
  readonly lateShare: number;
  readonly sessionHours: number;
  readonly podsPerDay: number;
  readonly questionsPerDay: number;
  readonly auditGbPerDay?: number;
  readonly accounts: number;
  readonly regions: number;
  readonly forwardingStacks?: number;
  readonly clusters?: number;
  readonly recordDays: number;
  readonly sessionDays: number;
  readonly logDays: number;
}

/** Defines `eks-whois cost`. */
export function costCommand(): Command {
  const command = refuseEmptyValues(new Command('cost'))
    .summary('what the service would cost a month, before it is deployed')
    .description(
      'Estimates what each AWS service would charge a month, from what happens on a day. It also shows what CloudWatch Logs charges ' +
        'for the audit log itself. AWS is not queried.',
    )
    .optionsGroup('What happens on a day:')
    .requiredOption(
      '--events-per-day <number>',
      'audit events that match the subscription filter, usually requests of people',
      amount,
    )
    .option(
      '--sessions-per-day <number>',
      `new sessions that reach a cluster (default: one for ${EVENTS_OF_SESSION} events)`,
      amount,
    )
    .option(
      '--grants-per-day <number>',
      `AssumeRole and other grants in all accounts, used in a cluster or not (default: ${GRANTS_OF_SESSION} for each session)`,
      amount,
    )
    .option(
      '--audit-gb-per-day <GB>',
      "the whole audit log with Kubernetes' own events: IncomingBytes of the log groups",
      amount,
    )
    .addOption(
      numberOption(
        '--pods-per-day <number>',
        'pods, and the objects that create them, that match the subscription filter',
        USUAL.pods,
      ),
    )
    .addOption(numberOption('--questions-per-day <number>', 'queries of analysts and pages', USUAL.questions))
    .addOption(
      numberOption(
        '--omitted-share <share>',
        'share of the events, 0 to 1, that record=omit-reads:… leaves out',
        USUAL.omittedShare,
      ).argParser(share),
    )
    .addOption(
      numberOption(
        '--late-share <share>',
        'share of the sessions, 0 to 1, whose grant comes after their first event',
        USUAL.lateShare,
      ).argParser(share),
    )
    .addOption(numberOption('--session-hours <hours>', 'how long a session is used', USUAL.hoursOfSession))
    .optionsGroup('How it is deployed:')
    .addOption(
      numberOption(
        '--accounts <number>',
        'number of accounts. One has the hub, each other one a spoke that sends it events',
        1,
      ),
    )
    .addOption(numberOption('--regions <number>', 'Regions in which each account has a spoke (SpokeRegions)', 1))
    .option(
      '--forwarding-stacks <number>',
      'stacks that forward grants, one for each account and Region (default: one for each spoke)',
      amount,
    )
    .option('--clusters <number>', 'clusters in all accounts (default: one for each account)', amount)
    .addOption(numberOption('--record-days <days>', 'how long records are kept (recordDays)', USUAL.recordDays))
    .addOption(numberOption('--session-days <days>', 'how long grants are kept (sessionDays)', USUAL.sessionDays))
    .addOption(numberOption('--log-days <days>', 'retention of the log groups', USUAL.logDays));
  withOutput(command, { says: 'how to write the estimate', formats: FORMATS, unless: 'table' });
  return withHelp(command, HELP).action((options: CostOptions) => costAction(options));
}

const HELP: CommandHelp = {
  common: [
    '--events-per-day',
    '--sessions-per-day',
    '--grants-per-day',
    '--audit-gb-per-day',
    '--pods-per-day',
    '--questions-per-day',
    '--omitted-share',
    '--late-share',
    '--session-hours',
    '--accounts',
    '--regions',
    '--forwarding-stacks',
    '--clusters',
    '--record-days',
    '--session-days',
    '--log-days',
    '--output',
    '--output-file',
  ],
  topics: [
    {
      heading: 'How it is estimated:',
      text: `
Prices are AWS list prices of us-east-1 as of ${PRICES_OF}, without free tiers: check them for your Region. The numbers of
DynamoDB write units are the limits that the tests allow (docs/cost.md). Lambda's seconds were measured on a laptop.`,
    },
    {
      heading: 'How to count events:',
      text: `
To count the events that match the subscription filter, run this Logs Insights query on a cluster's log group over a day.
docs/recording.md has a query for each parameter.
  filter user.username not like /^(system|eks):/ or user.uid like /^aws-iam-authenticator/ | stats count(*)

To count the reads of some resources among them, use eks-whois records --verb get --verb list --verb watch --resource leases …,
or GET /summary?by=resource and by=verb (docs/recording.md, "How much you save").`,
    },
  ],
  examples: [
    {
      asks: 'What does the service cost, and the audit log itself?',
      command: 'eks-whois cost --events-per-day 100000 --sessions-per-day 2000 --audit-gb-per-day 0.67',
    },
    {
      asks: 'What does it cost for 40 clusters in an organization of 100 accounts, with spokes in two Regions?',
      command: 'eks-whois cost --events-per-day 1000000 --accounts 100 --regions 2 --clusters 40 -o json',
    },
    {
      asks: 'What do I save if reads are not recorded?',
      command: 'eks-whois cost --events-per-day 1000000 --omitted-share 0.6',
    },
  ],
  exitStatus: '0 done; 1 failed; 2 wrong usage.',
};

function numberOption(flags: string, says: string, unless: number): Option {
  return new Option(flags, says).default(unless).argParser(amount);
}

function amount(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('Give a number of 0 or more, such as 100000 or 0.5.');
}

/** Parses a share of a whole. @throws InvalidArgumentError for any other text. */
function share(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('Give a number from 0 to 1, such as 0.3.');
}

async function costAction(options: CostOptions): Promise<void> {
  await printed(costText(usageOf(options), options.format, options), options.outputFile);
}

function usageOf(options: CostOptions): Usage {
  const { eventsPerDay: events, accounts, regions, clusters = accounts } = options;
  const sessions = options.sessionsPerDay ?? events / EVENTS_OF_SESSION;
  const spokes = Math.max(0, accounts * regions - 1);
  return {
    events,
    sessions,
    grants: options.grantsPerDay ?? sessions * GRANTS_OF_SESSION,
    omittedShare: Math.min(1, options.omittedShare),
    lateShare: Math.min(1, options.lateShare),
    hoursOfSession: options.sessionHours,
    pods: options.podsPerDay,
    questions: options.questionsPerDay,
    auditGb: options.auditGbPerDay,
    clusters,
    spokes,
    forwardingStacks: options.forwardingStacks ?? spokes,
    recordDays: options.recordDays,
    sessionDays: options.sessionDays,
    logDays: options.logDays,
  };
}

const ALONE: Payers = { accounts: 1, regions: 1 };

/** Returns the estimate as a table, JSON or CSV. */
export function costText(usage: Usage, format: CostOptions['format'], payers = ALONE): string {
  const lines = estimatedCosts(usage);
  if (format === 'json') return `${plainJson(costJson(usage, lines, payers), 2)}\n`;
  if (format === 'csv') {
    const rows = lines.map((line) => [
      line.service,
      line.what,
      line.quantity,
      line.unit,
      line.price,
      cents(line.dollars),
    ]);
    return [CSV_FIELDS, ...rows.map((row) => row.map((cell) => csvCell(String(cell))))].map(csvLine).join('');
  }
  return costTable(usage, lines, payers);
}

const CSV_FIELDS = ['service', 'what', 'quantity', 'unit', 'price', 'dollars'];

/** Returns what the hub's account pays, and what each other account pays on average. Undefined with one account. */
function paid(lines: readonly CostLine[], payers: Payers) {
  if (payers.accounts <= 1) return undefined;
  const eachOther = dollarsOfOther(lines, payers);
  return { hubAccount: ownDollars(lines) - eachOther * (payers.accounts - 1), eachOther };
}

function costJson(usage: Usage, lines: readonly CostLine[], payers: Payers) {
  const byAccount = paid(lines, payers);
  const auditLog = lines.filter(({ withoutUs }) => withoutUs).reduce((sum, { dollars }) => sum + dollars, 0);
  return {
    pricesOf: PRICES_OF,
    region: 'us-east-1',
    month: {
      own: round(ownDollars(lines)),
      auditLog: usage.auditGb === undefined ? undefined : round(auditLog),
      ...(byAccount && { hubAccount: round(byAccount.hubAccount), eachOther: round(byAccount.eachOther) }),
    },
    millionRecords: round(dollarsOfMillionRecords()),
    ...(usage.omittedShare > 0 && {
      omitted: {
        share: usage.omittedShare,
        saved: round(dollarsSaved(usage)),
        millionEvents: round(dollarsOfMillionEvents(usage.omittedShare)),
      },
    }),
    lines: lines.map((line) => ({ ...line, dollars: round(line.dollars) })),
  };
}

function costTable(usage: Usage, lines: readonly CostLine[], payers: Payers): string {
  const own = lines.filter(({ withoutUs }) => !withoutUs);
  const others = lines.filter(({ withoutUs }) => withoutUs);
  const rows = [...own.map(row), ['', '', '', 'a month', cents(ownDollars(lines))], ...others.map(row)];
  const table = textTable(['SERVICE', 'WHAT', 'HOW MANY', 'UNIT', 'DOLLARS'], rows);
  const audit =
    usage.auditGb === undefined
      ? 'Not included: what CloudWatch Logs charges for the audit log itself, with or without this service. --audit-gb-per-day adds it.'
      : 'The last lines are charged as soon as the audit log is on, with or without this service.';
  const million = `Each further million records: ${cents(dollarsOfMillionRecords())}. List prices of us-east-1, ${PRICES_OF}, in US dollars.`;
  const withGrants = `With their sessions and ${GRANTS.join(', ')} grants for each session: ${GRANTS.map((each) => cents(dollarsOfMillionWithGrants(each))).join(', ')}.`;
  return `${table}\n${payersText(lines, payers)}${audit}\n${million}\n${withGrants}\n${omittedText(usage)}`;
}

function payersText(lines: readonly CostLine[], payers: Payers): string {
  const byAccount = paid(lines, payers);
  if (byAccount === undefined) return '';
  const others = payers.accounts - 1;
  const who = others === 1 ? 'the other account' : `each of the ${others} other accounts`;
  return `The hub's account pays ${cents(byAccount.hubAccount)} of it, and ${who} ${cents(byAccount.eachOther)} on average, for its own spokes.\n`;
}

/** Grants for each session that reaches a cluster, from few accounts to many. */
const GRANTS = [1, 5, 20];

/** Says how much the parameter `record` saves, and what a million events cost with and without it. */
function omittedText(usage: Usage): string {
  const { omittedShare } = usage;
  if (omittedShare === 0) return '';
  const share = (100 * omittedShare).toLocaleString('en-US', { maximumFractionDigits: 1 });
  const [before, after] = [dollarsOfMillionRecords(), dollarsOfMillionEvents(omittedShare)].map(cents);
  const million = `a million events cost ${after} instead of ${before}`;
  return `record leaves out ${share} % of the events, which saves ${cents(dollarsSaved(usage))} a month: ${million}.\n`;
}

function row({ service, what, quantity, unit, dollars }: CostLine): string[] {
  return [service, what, quantity.toLocaleString('en-US', { maximumSignificantDigits: 4 }), unit, cents(dollars)];
}

function cents(dollars: number): string {
  return dollars.toFixed(2);
}

function round(dollars: number): number {
  return Number(cents(dollars));
}
