import { Command, InvalidArgumentError, Option } from 'commander';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { SECOND } from '../../lib/time.ts';
import { FIELD_NAMES } from '../../lib/usecases/query/filter.ts';
import { PAGE, pagesOf } from '../../lib/usecases/query/pages.ts';
import { negatedName, questionOf } from '../../lib/usecases/query/question.ts';
import { checkSignIn } from '../access/aws-profiles.ts';
import { defaultCluster } from '../access/configuration.ts';
import { serviceOrLocal } from '../access/service-access.ts';
import { CommandError, wrongUsage } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { formatsHelp, RECORD_FORMATS } from '../format/formats.ts';
import { refusingEmptyValues } from '../options/empty-values.ts';
import { withOutput } from '../options/output-options.ts';
import { firstSeenOption, QUESTION_HELP, withQuestion } from '../options/question-options.ts';
import { SERVICE_HELP, wholeOf, withService } from '../options/service-options.ts';
import { withRange } from '../options/time-range.ts';
import { SYSTEM_HELP, VIEW_HELP, withView } from '../options/view-options.ts';
import type { RecordsOptions } from './options.ts';
import { checkSame, type SamePlace, withSame, withSameness } from './same.ts';

export function recordsCommand(): Command {
  const command = refusingEmptyValues(new Command('records'))
    .summary('query the records of the deployed or local service')
    .description(
      'Says who did what. Ask by a time, or by who, where and what, in any combination. Records come newest first (by ' +
        '--status session by session); with --follow as they happen; with --summary counted by who acted.',
    );
  withQuestion(command).option(
    '-A, --all-clusters',
    'of all clusters, also where EKS_WHOIS_CLUSTER or the configuration names one',
  );
  withSameness(command)
    .option('--candidates', 'with --actor: what he or she may have done, being one of several')
    .addOption(firstSeenOption());
  withRange(command)
    .option('--limit <number>', 'at most so many records (default: all)', wholeOf)
    .option('--max-pages <number>', 'read at most so many pages of the answer, and say that there may be more', wholeOf)
    .option('-w, --follow', 'go on with new and corrected records as they come, until Ctrl-C')
    .addOption(
      new Option('--interval <seconds>', 'with --follow: how often to look').argParser(secondsOf).default(5_000, '5'),
    )
    .option('--summary', 'count them: who, how often, where, with which verbs, when first and last');
  withOutput(command, { says: 'how records are written', formats: RECORD_FORMATS, unless: 'table' });
  withView(command);
  return meaningCluster(withService(command))
    .addHelpText('after', HELP)
    .action((options: RecordsOptions) => recordsAction(options));
}

const HELP = `
${QUESTION_HELP}

WHO is the person or workload behind the request, ? where nobody can be named; HOW OR WHY is the method by which the actor
was found, or the reason why not; FLAGS are warnings; NOTE stands for these where there is little room. docs/record.md has
them all. AUDIT ID leads on: eks-whois whois --audit-id, records --audit-id -o yaml.

${formatsHelp(RECORD_FORMATS)}
In a table that is followed nothing is padded.

${VIEW_HELP}
${SYSTEM_HELP}
--limit counts the other rows.

--follow begins ten minutes back, or where --since or --from say. Audit events and CloudTrail's records come minutes
late, so each look goes over the last two minutes again, and once a minute over 45 minutes. A record is shown once, and
once more where another answer was found for it (not where an answer only became final): with what was shown before in the
line below it, in the field or column corrected, in OCSF's unmapped. What comes later than that is not shown. Trouble of the
network is told once and waited out. An --output-file is then written to as they come.

In a table, and for --summary, a request is one row and counts once: a watch or an exec has a record for each of its stages,
which the other formats write. --limit counts rows, and says where there are more.

Of an actor it is told in how many more requests he is one of several who can be meant; --candidates shows these. An answer
without records says what of the question nothing is known of, and what is near.

An audit id, a session, a key, an actor, a status or a role leads to the records at once; of a cluster, or of a time alone,
every namespace is read, newest first, and the rest of the question is looked for among these records: --since and
--max-pages keep that short. Nothing leads to a username: it wants one of all these, a namespace or a time beside it. Of
more than some hundred namespaces, or 100 actors by --first-seen-since, records come in groups, newest first in each, and it
is told.

--summary reads all pages, and says where --limit or --max-pages cut them. Rows are actors; where nobody is known they are
sessions, an actor's also those in which he is one of several.

Events without a readable time are found only where no time is asked about.

${SERVICE_HELP}
Where no --cluster is given, EKS_WHOIS_CLUSTER or the configuration's cluster counts, and it is told; not with -A, and not
for --audit-id.

--table needs the stack's managed policy for analysts (dynamodb:Query, GetItem, BatchGetItem). An API with a JWT authorizer
takes the token from EKS_WHOIS_TOKEN; otherwise requests to it are signed with SigV4.

Examples:
  eks-whois records --actor alice --cluster prod --since 24h --api https://abc.execute-api.eu-west-1.amazonaws.com
  eks-whois records --actor emma.fischer@example.com --from 2026-03-09T00:00:00Z --to 2026-03-10T00:00:00Z --summary
  eks-whois records --cluster prod --namespace payments --object feature-flags --table eks-whois-prod
  eks-whois records --cluster prod --namespace payments --follow
  eks-whois records --cluster prod --since 2h --verb delete --resource pods/exec --resource secrets --no-system
  eks-whois records --same-role 7a0e1c5e-0000-4000-8000-000000000001 --window 30m --summary
  eks-whois records --role eks-admin --code 403 --from yesterday
  eks-whois records --first-seen-since 7d --verb create --resource pods/exec
  eks-whois records --status unattributed -o csv --output-file unnamed.csv

Exit status: 0 done, also after Ctrl-C with --follow; 1 it failed; 2 wrong usage.`;

async function recordsAction(options: RecordsOptions): Promise<void> {
  checkUsage(options);
  await checkSignIn(options);
  if (asksSame(options)) return recordsAction(await withSame(options, samePlace(options)));
  if (options.follow === true) return (await import('./follow.ts')).followAction(options);
  if (options.summary === true) return (await import('./summary.ts')).summaryAction(options);
  return (await import('./answer.ts')).recordsAnswer(options);
}

/** Of records that bear one audit id: some thousand. */
const MOST_PAGES_OF_ID = 10;

/** All of them: whoever sends a request may bury it under others of its audit id. */
function samePlace(options: RecordsOptions): SamePlace {
  return {
    async records(auditId) {
      const question = questionOf([{ name: 'auditId', value: auditId, negated: false }], {});
      const found: AuditRecord[] = [];
      for await (const { records, isLast } of pagesOf(question, serviceOrLocal(options).records, {
        most: MOST_PAGES_OF_ID,
      })) {
        found.push(...records);
        if (isLast) return found;
      }
      throw new CommandError(
        `More than ${PAGE * MOST_PAGES_OF_ID} records bear the audit id ${auditId}, which the client may choose: give --role or --ip, with --from and --to.`,
        1,
      );
    },
    none: 'no record of the service bears this audit id',
  };
}

function asksSame({ sameRole, sameIp }: RecordsOptions): boolean {
  return (sameRole ?? sameIp) !== undefined;
}

function checkUsage(options: RecordsOptions): void {
  checkSame(options);
  if (options.follow === true && options.summary === true) throw wrongUsage('Give --follow or --summary, not both.');
  if (options.follow === true && options.to !== undefined)
    throw wrongUsage('--follow has no end: leave out --to, or leave out --follow.');
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds < 0.1 || seconds > 3_600)
    throw new InvalidArgumentError('Give seconds, from 0.1 to 3600.');
  return seconds * SECOND;
}

/**
 * Gives the command the default cluster where the question names none and is one without it: a default alone asks for
 * nothing. That it counts is told, since a filter that nobody sees hides records.
 */
function meaningCluster(command: Command): Command {
  return command.hook('preAction', async () => {
    const options = command.opts<RecordsOptions>();
    if (options.allClusters === true && options.cluster !== undefined)
      throw wrongUsage('Give --cluster or --all-clusters, not both.');
    if (!canMean(options)) return;
    const meant = await defaultCluster();
    if (meant === undefined) return;
    note(`cluster ${meant.cluster}, from ${meant.from}; -A for all.`);
    command.setOptionValueWithSource('cluster', [meant.cluster], 'config');
  });
}

/** What a question without a cluster may ask by. */
const PARTS: readonly string[] = ['since', 'from', 'to', 'follow', ...FIELD_NAMES, ...FIELD_NAMES.map(negatedName)];

/** An audit id leads to its event in whatever cluster. */
function canMean(options: RecordsOptions): boolean {
  const isOfClusters = options.allClusters === true || (options.cluster ?? options.notCluster) !== undefined;
  if (isOfClusters || options.auditId !== undefined) return false;
  const given: Readonly<Record<string, unknown>> = { ...options };
  return PARTS.some((part) => given[part] !== undefined) || options.system === false;
}
