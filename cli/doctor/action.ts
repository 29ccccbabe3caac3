import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import { tablePrefix } from '../../lib/adapters/dynamodb/tables.ts';
import type { Judgement } from '../../lib/doctor/audit-log.ts';
import { distinct, type Finding, type UncheckedItem } from '../../lib/doctor/finding.ts';
import {
  type ClusterAuthentication,
  type Mapping,
  principalKey,
  principalOf,
  readsAwsAuth,
} from '../../lib/doctor/mapping.ts';
import { type TrustedRole, trustPolicyFindings } from '../../lib/doctor/trust-policy.ts';
import { impersonators } from '../../lib/doctor/trusted-proxies.ts';
import { unnamedSessionFindings } from '../../lib/doctor/unnamed-sessions.ts';
import { derivedTemplates, usernameFindings } from '../../lib/doctor/usernames.ts';
import { present } from '../../lib/json.ts';
import { quoted } from '../../lib/shell.ts';
import { DAY, type EpochMillis, epochMillis } from '../../lib/time.ts';
import { type ServiceAccess, type ServiceOptions, serviceAccess } from '../access/service-access.ts';
import { chosenService, type ServiceQuestion } from '../access/service-choice.ts';
import { CommandError } from '../failures/command-error.ts';
import { reportFaults } from '../failures/faults.ts';
import { awsSettings } from '../options/aws-options.ts';
import { s3Reading } from '../options/s3-options.ts';
import { sessionRows } from '../sessions/sessions.ts';
import { outputTo } from '../terminal/text-output.ts';
import { type FromAudit, PROXIES, readAudit } from './audit.ts';
import { readDoctorFiles } from './files.ts';
import { checkOptions, type DoctorOptions } from './options.ts';
import { type DoctorProgress, doctorProgress } from './progress.ts';
import { asJson, asText, type Diagnosis } from './report.ts';

export async function doctorAction(given: DoctorOptions): Promise<void> {
  await checkOptions(given);
  const target = await serviceOf(given);
  const options: DoctorOptions = { ...given, ...present<ServiceQuestion>({ api: target.api, table: target.table }) };
  const service = serviceAccess(target); // refuses wrong usage before any request
  return reportFaults(async () => {
    const output = outputTo(options.outputFile);
    const progress = doctorProgress(process.stderr);
    const diagnosis = await diagnosing(options, service, progress)
      .catch((error: unknown) => {
        throw service !== undefined && error instanceof AwsError && error.kind === 'no-region'
          ? withoutRegion(error)
          : error;
      })
      .finally(() => progress.end());
    output.write(options.format === 'json' ? asJson(diagnosis) : asText(diagnosis));
    await output.end();
    conclude(diagnosis);
  });
}

/** Returns the error for a user who named a service and expects that nothing else is needed. */
function withoutRegion(error: AwsError): CommandError {
  return new CommandError(`doctor examines the AWS account too, not only the service. ${error.message}`, 2, {
    cause: error,
  });
}

function diagnosing(
  options: DoctorOptions,
  service: ServiceAccess | undefined,
  progress: DoctorProgress,
): Promise<Diagnosis> {
  if (options.organization === true) return organization(options, progress);
  return options.offline === true ? offline(options, progress) : live(options, service, progress);
}

async function organization(options: DoctorOptions, progress: DoctorProgress): Promise<Diagnosis> {
  const { examineOrganization } = await import('./organization.ts');
  const {
    profile,
    region = [],
    memberRole,
    unit,
    permissionsBoundary: boundary,
    codeBucket,
    withoutForwarding,
  } = options;
  const settings = { ...awsSettings(profile === undefined ? {} : { profile }), region: region[0] };
  const forwards = withoutForwarding !== true;
  const question = { settings, regions: region, memberRole, units: unit, boundary, codeBucket, forwards };
  const examined = await examineOrganization(question, progress);
  const nothing = { clusters: [], usernameTemplates: [], impersonators: [], cost: undefined };
  return { ...nothing, ...examined, profile, isOfOrganization: true };
}

/** Returns how to reach the service. `--profile` is for the account: a named service has a profile of its own. */
async function serviceOf({ offline, organization, api, table, service }: DoctorOptions): Promise<ServiceOptions> {
  if (offline === true || organization === true) return {};
  const named = present<ServiceQuestion>({ api, table, service });
  return (await chosenService(named)) ?? named;
}

/** Sets the exit status: 3 with findings, 1 without findings if a check failed that could have found something. */
function conclude({ findings, unchecked }: Diagnosis): void {
  if (findings.length > 0) {
    process.exitCode = 3;
    return;
  }
  const failed = unchecked.filter((one) => one.failed);
  if (failed.length === 0) return;
  const permissions = [...new Set(failed.flatMap(({ permission }) => permission?.split(', ') ?? []))];
  const needed = permissions.length === 0 ? '' : ` Get these permissions and run it again: ${permissions.join(', ')}.`;
  const what = failed.length === 1 ? '1 check' : `${failed.length} checks`;
  throw new CommandError(`No findings, but ${what} failed, so there may be more to find.${needed}`, 1);
}

/** The checks that need the account. */
const OF_THE_ACCOUNT: UncheckedItem = {
  check: 'audit logs, subscriptions, trails, rules, and who assumes the roles',
  reason: 'they need the account, and --offline looks at the files alone',
  failed: false,
};

const NO_AUDIT: UncheckedItem = {
  check: PROXIES,
  reason: 'the audit log shows them: give audit events with --audit, or leave out --offline',
  failed: false,
};

async function offline(options: DoctorOptions, progress: DoctorProgress): Promise<Diagnosis> {
  const { mappings, roles, findings } = await readDoctorFiles(options);
  const audit = await auditOf(options, progress);
  return {
    findings: [...findings, ...(audit?.findings ?? []), ...clusterFindings(mappings, roles)],
    unchecked: [OF_THE_ACCOUNT, ...(audit === undefined ? [NO_AUDIT] : audit.unchecked)],
    clusters: [],
    usernameTemplates: derivedTemplates(mappings),
    impersonators: impersonators(audit?.impersonations ?? []),
    cost: undefined,
    profile: undefined,
  };
}

async function auditOf(options: DoctorOptions, progress: DoctorProgress): Promise<FromAudit | undefined> {
  const { audit, days = DEFAULT_DAYS } = options;
  if (audit === undefined) return undefined;
  const now = epochMillis(Date.now());
  return readAudit(audit, s3Reading(options, 'audit', { from: epochMillis(now - days * DAY) }, now), progress);
}

async function live(
  options: DoctorOptions,
  service: ServiceAccess | undefined,
  progress: DoctorProgress,
): Promise<Diagnosis> {
  const { examineAccount } = await import('./live.ts');
  const files = await readDoctorFiles(options);
  const audit = await auditOf(options, progress);
  const now = epochMillis(Date.now());
  const days = options.days ?? DEFAULT_DAYS;
  const question = questionOf(options, files.mappings, now, days);
  const account = await examineAccount(question, progress);
  if (service !== undefined) progress.look(SESSIONS);
  const sessions = await checkSessions(options, service, now, days);
  const judged = clusterFindings(account.mappingsInForce, [...files.roles, ...account.roles]);
  return {
    findings: distinct([
      ...files.findings,
      ...(audit?.findings ?? []),
      ...account.findings,
      ...judged,
      ...sessions.findings,
    ]),
    unchecked: [
      ...account.unchecked,
      ...(audit?.unchecked ?? []),
      ...(options.awsAuth === undefined ? account.clusters.filter(readsAwsAuth).map(awsAuthUnread) : []),
      ...sessions.unchecked,
    ],
    clusters: account.clusters,
    usernameTemplates: derivedTemplates(account.mappings),
    impersonators: impersonators([...account.impersonations, ...(audit?.impersonations ?? [])]),
    cost: account.cost,
    profile: options.profile,
  };
}

function questionOf(options: DoctorOptions, mappings: readonly Mapping[], now: EpochMillis, days: number) {
  const { profile, region, cluster, connectedAccount = [], table } = options;
  const settings = awsSettings(profile === undefined ? {} : { profile });
  return {
    settings: { ...settings, region: settings.region ?? region?.[0] }, // any Region knows the account
    regions: region && [...new Set(region)],
    clusters: cluster && [...new Set(cluster)],
    mappings,
    connectedAccounts: connectedAccount,
    days,
    countEvents: options.countEvents === true,
    now,
    prefix: table === undefined ? undefined : tablePrefix(table),
  };
}

const DEFAULT_DAYS = 7;

/**
 * Returns a note with the command that reads and checks the ConfigMap. It is in the cluster, and doctor calls no
 * cluster.
 */
function awsAuthUnread(cluster: ClusterAuthentication): UncheckedItem {
  const read = 'kubectl get configmap aws-auth -n kube-system -o yaml';
  return {
    check: `aws-auth of cluster ${cluster.cluster} (${cluster.region}), and the roles that it alone lets in`,
    reason: `it lies in the cluster; with a context of that cluster: ${read} | eks-whois doctor --offline --aws-auth -`,
    failed: false,
  };
}

const SESSIONS = 'sessions that are unattributed';

/**
 * Checks the service's unattributed sessions. If the service does not answer, the account's findings are still shown.
 */
async function checkSessions(
  { api, table, service: name }: DoctorOptions,
  service: ServiceAccess | undefined,
  now: EpochMillis,
  days: number,
): Promise<Judgement> {
  if (service === undefined) {
    const reason = 'the service has them: give --api, --table or --service';
    return { findings: [], unchecked: [{ check: SESSIONS, reason, failed: false }] };
  }
  const place = api === undefined ? `--table ${quoted(table ?? '')}` : `--api ${quoted(api)}`;
  const named = name === undefined ? place : `--service ${quoted(name)}`;
  try {
    const rows = await sessionRows(service, 'unattributed');
    const since = epochMillis(now - days * DAY);
    const unchecked = unseenSessions(await service.unrecorded());
    return { findings: unnamedSessionFindings(rows, since, { days, service: named }), unchecked };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { findings: [], unchecked: [{ check: SESSIONS, reason: error.message, failed: true }] };
  }
}

/** Returns a note on reads that the service does not record: it cannot show whether their sessions are attributed. */
function unseenSessions(omits: readonly string[]): readonly UncheckedItem[] {
  if (omits.length === 0) return [];
  const reason =
    'the service does not record these reads (its parameter record): it neither names who does nothing else, nor alerts about them';
  return [{ check: `sessions that do nothing but read ${omits.join(', ')}`, reason, failed: false }];
}

/** Returns findings on usernames, and on the roles that a cluster lets in. If no cluster is known, checks all roles. */
function clusterFindings(mappings: readonly Mapping[], roles: readonly TrustedRole[]): readonly Finding[] {
  const mapped = new Set(mappings.filter(({ forNodes }) => !forNodes).map(({ principal }) => principalKey(principal)));
  const judged = roles.filter(({ arn }) => {
    const principal = principalOf(arn);
    return mappings.length === 0 || (principal !== undefined && mapped.has(principalKey(principal)));
  });
  return [...usernameFindings(mappings), ...trustPolicyFindings(judged)];
}
