import { bySeverity, type Finding, type Unchecked } from '../lib/doctor/finding.ts';
import { escapeForTerminal } from './escape.ts';

/** All that doctor says. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly unchecked: readonly Unchecked[];
  /** For the service's configuration. */
  readonly usernameTemplates: readonly string[];
}

export function asJson({ findings, unchecked, usernameTemplates }: Diagnosis): string {
  return `${JSON.stringify({ findings: bySeverity(findings), unchecked, usernameTemplates }, undefined, 2)}\n`;
}

/** For a person; what is quoted is shown escaped. */
export function asText({ findings, unchecked, usernameTemplates }: Diagnosis): string {
  return [
    ...bySeverity(findings).map(findingText),
    ...(unchecked.length === 0 ? [] : [uncheckedText(unchecked)]),
    ...(usernameTemplates.length === 0 ? [] : [templatesText(usernameTemplates)]),
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
    return `  ${escapeForTerminal(`${check}${lacking}: ${reason}`)}\n`;
  });
  return `COULD NOT CHECK\n${lines.join('')}`;
}

function templatesText(templates: readonly string[]): string {
  const list = `[${templates.map((template) => `'${template.replaceAll("'", "''")}'`).join(', ')}]`;
  return `USERNAME TEMPLATES for the service, in serverless.yml\n  usernameTemplates: ${escapeForTerminal(list)}\n`;
}

function summary(findings: readonly Finding[], unchecked: readonly Unchecked[]): string {
  const open = unchecked.length === 0 ? '' : ` ${unchecked.length} could not be checked.`;
  if (findings.length === 0) return `Nothing was found that keeps sessions from being attributed.${open}\n`;
  const counts = (['high', 'medium', 'low'] as const)
    .map((severity) => ({ severity, count: findings.filter((one) => one.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity}`);
  return `${findings.length === 1 ? '1 finding' : `${findings.length} findings`}: ${counts.join(', ')}.${open}\n`;
}
