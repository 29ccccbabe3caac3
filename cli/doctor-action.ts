import type { Finding } from '../lib/doctor/finding.ts';
import { type Mapping, principalKey, principalOf } from '../lib/doctor/mapping.ts';
import { type TrustedRole, trustPolicyFindings } from '../lib/doctor/trust-policy.ts';
import { unnamedSessionFindings } from '../lib/doctor/unnamed-sessions.ts';
import { derivedTemplates, usernameFindings } from '../lib/doctor/usernames.ts';
import { DAY, type EpochMillis, epochMillis } from '../lib/time.ts';
import { awsSettings, checkRegion } from './aws-options.ts';
import { type DoctorFiles, readDoctorFiles } from './doctor-files.ts';
import { asJson, asText, type Diagnosis } from './doctor-report.ts';
import { CommandFailure, wrongUsage } from './failure.ts';
import { tellingFaults } from './faults.ts';
import { type ServiceOptions, serviceAccess } from './service-access.ts';
import { sessionRows } from './sessions.ts';

interface DoctorOptions extends DoctorFiles, ServiceOptions {
  readonly offline?: boolean;
  readonly region?: readonly string[];
  readonly cluster?: readonly string[];
  readonly profile?: string;
  readonly connectedAccount?: readonly string[];
  readonly days?: number;
  readonly output?: 'text' | 'json';
}

export function doctorAction(options: DoctorOptions): Promise<void> {
  checkOptions(options);
  return tellingFaults(async () => {
    const diagnosis = options.offline === true ? await offline(options) : await live(options);
    process.stdout.write(options.output === 'json' ? asJson(diagnosis) : asText(diagnosis));
    if (diagnosis.findings.length > 0) process.exitCode = 3;
    else if (diagnosis.unchecked.some(({ permission }) => permission !== undefined))
      throw new CommandFailure('Not all could be checked, so that nothing was found does not say that all is well.', 1);
  });
}

function checkOptions({ offline, region, awsAuth, accessEntries, trustPolicies, api, table }: DoctorOptions): void {
  const files = [awsAuth, accessEntries, trustPolicies].filter((file) => file !== undefined);
  if (offline === true && files.length === 0)
    throw wrongUsage('Give --aws-auth, --access-entries or --trust-policies with --offline.');
  if (offline === true && (api ?? table) !== undefined)
    throw wrongUsage('--offline asks no service: leave out --api and --table.');
  if (files.filter((file) => file === '-').length > 1) throw wrongUsage('Only one file can be standard input (-).');
  for (const one of region ?? []) checkRegion(one);
}

async function offline(options: DoctorOptions): Promise<Diagnosis> {
  const { mappings, roles, findings } = await readDoctorFiles(options);
  return {
    findings: [...findings, ...clusterFindings(mappings, roles)],
    unchecked: [],
    usernameTemplates: derivedTemplates(mappings),
  };
}

async function live(options: DoctorOptions): Promise<Diagnosis> {
  const { examineAccount } = await import('./doctor-live.ts');
  const files = await readDoctorFiles(options);
  const now = epochMillis(Date.now());
  const account = await examineAccount({
    settings: awsSettings(options.profile === undefined ? {} : { profile: options.profile }, process.env),
    regions: options.region && [...new Set(options.region)],
    clusters: options.cluster,
    mappings: files.mappings,
    connectedAccounts: options.connectedAccount ?? [],
    days: options.days ?? DEFAULT_DAYS,
    now,
  });
  const judged = clusterFindings(account.mappings, [...files.roles, ...account.roles]);
  return {
    findings: [...files.findings, ...account.findings, ...judged, ...(await sessionFindings(options, now))],
    unchecked: [
      ...account.unchecked,
      ...(options.awsAuth === undefined ? [AWS_AUTH] : []),
      ...((options.api ?? options.table) === undefined ? [SESSIONS] : []),
    ],
    usernameTemplates: derivedTemplates(account.mappings),
  };
}

export const DEFAULT_DAYS = 7;
const AWS_AUTH = {
  check: 'mapRoles and mapUsers of aws-auth',
  reason: 'they are in the clusters: kubectl get configmap aws-auth -n kube-system -o yaml, and give --aws-auth',
};
const SESSIONS = { check: 'sessions that are unattributed', reason: 'the service has them: give --api or --table' };

async function sessionFindings(options: DoctorOptions, now: EpochMillis): Promise<readonly Finding[]> {
  const service = serviceAccess(options);
  if (service === undefined) return [];
  const days = options.days ?? DEFAULT_DAYS;
  return unnamedSessionFindings(await sessionRows(service, 'unattributed'), epochMillis(now - days * DAY), days);
}

/** On usernames, and on the roles that a cluster lets in; on all roles where no cluster is known. */
function clusterFindings(mappings: readonly Mapping[], roles: readonly TrustedRole[]): readonly Finding[] {
  const mapped = new Set(mappings.filter(({ forNodes }) => !forNodes).map(({ principal }) => principalKey(principal)));
  const judged = roles.filter(({ arn }) => {
    const principal = principalOf(arn);
    return mappings.length === 0 || (principal !== undefined && mapped.has(principalKey(principal)));
  });
  return [...usernameFindings(mappings), ...trustPolicyFindings(judged)];
}
