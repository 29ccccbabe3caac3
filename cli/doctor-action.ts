import type { Finding } from '../lib/doctor/finding.ts';
import { type Mapping, principalKey, principalOf } from '../lib/doctor/mapping.ts';
import { type TrustedRole, trustPolicyFindings } from '../lib/doctor/trust-policy.ts';
import { derivedTemplates, usernameFindings } from '../lib/doctor/usernames.ts';
import { type DoctorFiles, readDoctorFiles } from './doctor-files.ts';
import { asJson, asText, type Diagnosis } from './doctor-report.ts';
import { wrongUsage } from './failure.ts';

interface DoctorOptions extends DoctorFiles {
  readonly offline?: boolean;
  readonly output?: 'text' | 'json';
}

export async function doctorAction(options: DoctorOptions): Promise<void> {
  const { awsAuth, accessEntries, trustPolicies } = options;
  const files = [awsAuth, accessEntries, trustPolicies].filter((file) => file !== undefined);
  if (options.offline !== true) throw wrongUsage('Give --offline and files: an account cannot be looked at yet.');
  if (files.length === 0) throw wrongUsage('Give --aws-auth, --access-entries or --trust-policies with --offline.');
  if (files.filter((file) => file === '-').length > 1) throw wrongUsage('Only one file can be standard input (-).');
  const { mappings, roles, findings } = await readDoctorFiles(options);
  tell(options, {
    findings: [...findings, ...clusterFindings(mappings, roles)],
    unchecked: [],
    usernameTemplates: derivedTemplates(mappings),
  });
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

function tell({ output }: DoctorOptions, diagnosis: Diagnosis): void {
  process.stdout.write(output === 'json' ? asJson(diagnosis) : asText(diagnosis));
  if (diagnosis.findings.length > 0) process.exitCode = 3;
}
