import { listValue } from '../../infra/parameters.ts';
import { type AccountCost, ASSUMED_SHARE, type LogVolume } from '../../lib/cost/account.ts';
import { type CostLine, ownDollars } from '../../lib/cost/estimate.ts';
import { PRICES_OF } from '../../lib/cost/prices.ts';
import { bySeverity, type Finding, type UncheckedItem } from '../../lib/doctor/finding.ts';
import { awsAuthSentence, type ClusterAuthentication, readsAwsAuth } from '../../lib/doctor/mapping.ts';
import { type Impersonator, proposedProxies } from '../../lib/doctor/trusted-proxies.ts';
import { templateNotes } from '../../lib/doctor/usernames.ts';
import { quoted } from '../../lib/shell.ts';
import { escapeForTerminal, plainJson } from '../../lib/words/escape.ts';

/** Everything that doctor reports. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly UncheckedItem[];
  /** The checked clusters, and how each authenticates its principals. */
  readonly clusters: readonly ClusterAuthentication[];
  /** The templates for the service's configuration. */
  readonly usernameTemplates: readonly string[];
  /** The callers that act in the name of people. None of them is trusted because it is listed here. */
  readonly impersonators: readonly Impersonator[];
  /** The estimated cost of the service for the clusters. Undefined if nothing was counted. */
  readonly cost: AccountCost | undefined;
  /** The AWS profile that was given. The steps need it too. */
  readonly profile: string | undefined;
  /** Whether the findings are about a deployment to an organization. */
  readonly isOfOrganization?: boolean;
}

export function asJson(found: Diagnosis): string {
  const diagnosis = {
    findings: bySeverity(found.findings),
    unchecked: found.unchecked,
    clusters: found.clusters.map((each) => ({ ...each, awsAuthCounts: each.mode && readsAwsAuth(each) })),
    usernameTemplates: found.usernameTemplates,
    notes: templateNotes(found.usernameTemplates, bytesInEnvironment),
    trustedProxies: proposedProxies(found.impersonators),
    impersonators: found.impersonators,
    cost: found.cost && costJson(found.cost),
    profile: found.profile,
  };
  return `${plainJson(diagnosis, 2)}\n`;
}

/** Returns the report for a person. Quoted data from outside is escaped. */
export function asText({ findings, unchecked, clusters, usernameTemplates, ...others }: Diagnosis): string {
  const { impersonators, cost, profile } = others;
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
    summary(findings, unchecked, others.isOfOrganization === true),
  ].join('\n');
}

function findingText({ id, severity, subject, evidence, why, mend }: Finding): string {
  const [about, seen, step] = [subject, evidence, mend].map(escapeForTerminal);
  return `${severity.toUpperCase()}  ${id}  ${about}\n  seen: ${seen}\n  why:  ${why}\n  fix:  ${step}\n`;
}

function uncheckedText(unchecked: readonly UncheckedItem[]): string {
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

function summary(findings: readonly Finding[], unchecked: readonly UncheckedItem[], isOfOrganization: boolean): string {
  const open = unchecked.length === 0 ? '' : ' COULD NOT CHECK lists what was not checked.';
  if (findings.length === 0 && unchecked.some(({ failed }) => failed))
    return `No findings in what could be checked.${open}\n`;
  const harm = isOfOrganization ? 'would make the deployment fail' : 'keeps sessions unidentified';
  if (findings.length === 0) return `No findings: no check found anything that ${harm}.${open}\n`;
  const counts = (['high', 'medium', 'low'] as const)
    .map((severity) => ({ severity, count: findings.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`);
  return `${findings.length === 1 ? '1 finding' : `${findings.length} findings`}: ${counts.join(', ')}.${open}\n`;
}

/** Returns how many bytes a list takes in a function's environment, where long lists are compressed. */
function bytesInEnvironment(entries: readonly string[]): number {
  return Buffer.byteLength(listValue(entries));
}

/** Returns the lines below a section's heading, escaped. */
function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${escapeForTerminal(line)}\n`).join('');
}

/** Returns the texts as a YAML list on one line, to paste into eks-whois.yaml. */
function yamlList(texts: readonly string[]): string {
  return `[${texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ')}]`;
}

const BELIEVED =
  'If you trust a proxy, eks-whois believes its claim about the person. Whoever controls the proxy, or may create pods with its service account, can act under any name. No proxy is trusted unless you configure it.';
const OTHERS = 'Others that act in the name of people; they are not proposed:';

/** Returns the section on callers that act in the name of people, with the lines to paste. Empty if there are none. */
function proxyTexts(impersonators: readonly Impersonator[]): readonly string[] {
  const [proposed, others] = [true, false].map((is) => impersonators.filter((each) => each.proposed === is));
  const proxies = proposedProxies(impersonators);
  const sections = [
    ...(proposed?.length ? [BELIEVED, ...proposed.flatMap(linesOf)] : []),
    ...(proxies.length > 0 ? ['In eks-whois.yaml:', `trustedProxies: ${yamlList(proxies)}`] : []),
    ...(others?.length ? [OTHERS, ...others.flatMap(linesOf)] : []),
  ];
  return sections.length === 0 ? [] : [`TRUSTED PROXIES that could be configured\n${indented(sections)}`];
}

function linesOf({ caller, tool, proxy, events, names, more, clusters, means }: Impersonator): readonly string[] {
  const where = clusters.length === 0 ? '' : ` (${clusters.join(', ')})`;
  const people = more ? `${names.join(', ')} and others` : names.join(', ');
  const seen = `${events === 1 ? '1 audit event' : `${events} audit events`} in the name of ${people}${where}`;
  return [
    `${tool === undefined ? '' : `${tool}: `}${caller}: ${seen}`,
    `  means: ${means}`,
    ...(proxy === undefined ? [] : [`  --trusted-proxy ${quoted(proxy)}`]),
  ];
}

/**
 * Returns the cost section: the sum a month, the sum for each AWS service, and their basis. Its last line is the
 * command that shows each part.
 */
function costText({ days, clusters, lines, command }: AccountCost): string {
  const services = [...dollarsByService(lines)].map(([service, dollars]) => `${service} ${dollars.toFixed(2)}`);
  return `COST of the service a month, an estimate in US dollars (list prices of us-east-1, ${PRICES_OF})\n${indented([
    `${ownDollars(lines).toFixed(2)}: ${services.join(', ')}; plus ${auditLogDollars(lines).toFixed(2)} for CloudWatch Logs, with or without this service`,
    ...clusters.map(volumeText),
    `from the log groups' metrics of the last ${days} days: all logs of each group, not only the audit log. For each part, or for other numbers, run: ${command}`,
  ])}`;
}

/** Returns the cost section for programs. */
function costJson({ days, clusters, lines, command }: AccountCost) {
  const services = [...dollarsByService(lines)].map(([service, dollars]) => [service, cents(dollars)]);
  return {
    days,
    pricesOf: PRICES_OF,
    month: { own: cents(ownDollars(lines)), auditLog: cents(auditLogDollars(lines)) },
    services: Object.fromEntries(services),
    clusters,
    command,
  };
}

function volumeText({ cluster, region, gbPerDay, logEventsPerDay, passingPerDay, passingBy }: LogVolume): string {
  const all = `${short(gbPerDay)} GB and ${short(logEventsPerDay)} log events a day`;
  return `${cluster} (${region}): ${all}; ${short(passingPerDay)} of them pass the filter (${HOW[passingBy]})`;
}

const HOW = {
  forwarded: 'as its subscription forwards',
  counted: 'as Logs Insights counts the last day',
  assumed: `assumed, 1 in ${1 / ASSUMED_SHARE}: no subscription shows it, --count-events counts them`,
} as const;

function dollarsByService(lines: readonly CostLine[]): ReadonlyMap<string, number> {
  const own = Map.groupBy(
    lines.filter(({ withoutUs }) => !withoutUs),
    ({ service }) => service,
  );
  return new Map([...own].map(([service, each]) => [service, ownDollars(each)]));
}

function auditLogDollars(lines: readonly CostLine[]): number {
  return lines.reduce((sum, { withoutUs, dollars }) => sum + (withoutUs ? dollars : 0), 0);
}

function short(number: number): string {
  return number.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function cents(dollars: number): number {
  return Number(dollars.toFixed(2));
}
