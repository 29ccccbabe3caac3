import { listValue } from '../../infra/parameters.ts';
import type { AccountCost } from '../../lib/cost/account.ts';
import { awsAuthSentence, type ClusterAuthentication, readsAwsAuth } from '../../lib/doctor/authentication.ts';
import { bySeverity, type Finding, type Unchecked } from '../../lib/doctor/finding.ts';
import { type Impersonator, proposedProxies } from '../../lib/doctor/trusted-proxies.ts';
import { templateNotes } from '../../lib/doctor/username-templates.ts';
import { quoted } from '../../lib/shell.ts';
import { escapeForTerminal, plainJson } from '../../lib/words/escape.ts';
import { costJson, costText } from './cost-text.ts';
import { proxyTexts } from './proxies.ts';
import { indented, yamlList } from './section.ts';

/** All that doctor says. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  /** The clusters that were looked at, and by what they know their principals. */
  readonly clusters: readonly ClusterAuthentication[];
  /** For the service's configuration. */
  readonly usernameTemplates: readonly string[];
  /** Who acts in the name of people; none of them is trusted by that. */
  readonly impersonators: readonly Impersonator[];
  /** What the service would cost for the clusters; undefined where nothing was counted. */
  readonly cost: AccountCost | undefined;
  /** The AWS profile that was given, by which the steps are to be done too. */
  readonly profile: string | undefined;
}

export function asJson({
  findings,
  unchecked,
  clusters,
  usernameTemplates,
  impersonators,
  cost,
  profile,
}: Diagnosis): string {
  const looked = clusters.map((each) => ({ ...each, awsAuthCounts: each.mode && readsAwsAuth(each) }));
  const diagnosis = {
    findings: bySeverity(findings),
    unchecked,
    clusters: looked,
    usernameTemplates,
    notes: templateNotes(usernameTemplates, bytesInEnvironment),
    trustedProxies: proposedProxies(impersonators),
    impersonators,
    cost: cost && costJson(cost),
    profile,
  };
  return `${plainJson(diagnosis, 2)}\n`;
}

/** For a person; what is quoted is shown escaped. */
export function asText({
  findings,
  unchecked,
  clusters,
  usernameTemplates,
  impersonators,
  cost,
  profile,
}: Diagnosis): string {
  return [
    ...bySeverity(findings).map(findingText),
    ...(findings.length === 0 || profile === undefined
      ? []
      : [`Before the steps: export AWS_PROFILE=${escapeForTerminal(quoted(profile))}\n`]),
    ...(unchecked.length === 0 ? [] : [uncheckedText(unchecked)]),
    ...(clusters.length === 0 ? [] : [clustersText(clusters)]),
    ...(usernameTemplates.length === 0 ? [] : [templatesText(usernameTemplates)]),
    ...proxyTexts(impersonators),
    ...(cost === undefined ? [] : [costText(cost)]),
    summary(findings, unchecked),
  ].join('\n');
}

function findingText({ id, severity, subject, evidence, why, mend }: Finding): string {
  const [about, seen, step] = [subject, evidence, mend].map(escapeForTerminal);
  return `${severity.toUpperCase()}  ${id}  ${about}\n  seen: ${seen}\n  why:  ${why}\n  mend: ${step}\n`;
}

function uncheckedText(unchecked: readonly Unchecked[]): string {
  const lines = unchecked.map(({ check, reason, permission }) => {
    const lacking = permission === undefined ? '' : ` (needs ${permission})`;
    return `${check}${lacking}: ${reason}`;
  });
  return `COULD NOT CHECK\n${indented(lines)}`;
}

function clustersText(clusters: readonly ClusterAuthentication[]): string {
  return `CLUSTERS\n${indented(clusters.map((each) => `${each.cluster} (${each.region}): ${awsAuthSentence(each)}`))}`;
}

function templatesText(templates: readonly string[]): string {
  const lines = [`usernameTemplates: ${yamlList(templates)}`, ...templateNotes(templates, bytesInEnvironment)];
  return `USERNAME TEMPLATES for the service, in eks-whois.yaml\n${indented(lines)}`;
}

function summary(findings: readonly Finding[], unchecked: readonly Unchecked[]): string {
  const open = unchecked.length === 0 ? '' : ` ${unchecked.length} could not be checked.`;
  if (findings.length === 0 && unchecked.some(({ failed }) => failed))
    return `Nothing was found in what could be checked.${open}\n`;
  if (findings.length === 0) return `Nothing was found that keeps sessions from being attributed.${open}\n`;
  const counts = (['high', 'medium', 'low'] as const)
    .map((severity) => ({ severity, count: findings.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`);
  return `${findings.length === 1 ? '1 finding' : `${findings.length} findings`}: ${counts.join(', ')}.${open}\n`;
}

/** What a list takes in a function's environment, where long ones are packed. */
function bytesInEnvironment(entries: readonly string[]): number {
  return Buffer.byteLength(listValue(entries));
}
