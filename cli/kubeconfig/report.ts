import type { EksCluster } from '../../lib/adapters/eks/clusters.ts';
import { maskedDiff } from '../../lib/kubeconfig/diff.ts';
import type { Plan, TextChange } from '../../lib/kubeconfig/plan.ts';
import { quoted } from '../../lib/shell.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import type { CreateRequest } from './request.ts';
import type { Persona } from './sign-in.ts';

/** The result of `kubeconfig create`. */
export interface Report {
  readonly request: CreateRequest;
  readonly cluster: EksCluster;
  readonly persona: Persona;
  readonly plan: Plan;
  readonly hosts: readonly string[];
}

/** Returns the report in sentences. */
export function reportOf({ request, cluster, persona, plan, hosts }: Report): string {
  const { name, namespace } = request;
  const version = cluster.version === undefined ? '' : `, Kubernetes ${cluster.version}`;
  const lines = [
    `${verbOf(plan)} the context ${name} in ${pathsOf(plan)}.`,
    `  cluster    ${cluster.name} in ${cluster.region}, account ${cluster.accountId}${version}`,
    `  server     ${cluster.endpoint ?? ''}`,
    ...personaLines(persona, plan),
    ...(namespace === undefined ? [] : [`  namespace  ${namespace}`]),
    plan.isCurrent
      ? 'It is the current context.'
      : `To make it the current one: eks-whois kubeconfig use ${quoted(name)}`,
  ];
  if (hosts.length > 0)
    lines.push('The endpoint is private. For /etc/hosts, where its name is not resolved:', ...hosts);
  return `${lines.map(escapeForTerminal).join('\n')}\n`;
}

function verbOf({ entries, texts }: Plan): string {
  if (texts.length === 0) return 'Nothing to do for';
  return entries.some(({ change }) => change === 'updated')
    ? 'Updated'
    : entries.every(({ change }) => change === 'unchanged')
      ? 'Kept'
      : 'Added';
}

function pathsOf({ entries }: Plan): string {
  return [...new Set(entries.map(({ path }) => path))].join(' and ');
}

function personaLines({ session, caller, signIn }: Persona, { profile }: Plan): readonly string[] {
  if (session === undefined) {
    const by = signIn.profile === undefined ? '' : `, by the AWS profile ${signIn.profile}`;
    return [`  as         ${caller === undefined ? 'yourself' : caller.arn}${by}`];
  }
  const where = profile === undefined ? [] : [`  profile    ${profile.name} in ${profile.path}, ${profile.change}`];
  return [`  role       ${session.roleArn}`, `  session    ${session.sessionName}`, ...where];
}

/** Returns what would change, file by file. */
export function diffOf(texts: readonly TextChange[]): string {
  const diff = texts.map(({ path, format, before, after }) => maskedDiff(path, before, after, format)).join('');
  return diff.split('\n').map(escapeForTerminal).join('\n');
}
