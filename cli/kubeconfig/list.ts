import { readConfigText } from '../../lib/adapters/kubeconfig/read.ts';
import { roleRef } from '../../lib/identity/arn.ts';
import { readProfile } from '../../lib/kubeconfig/aws-profile.ts';
import { type Context, type ContextSignIn, contextsOf } from '../../lib/kubeconfig/contexts.ts';
import { awsConfigPath } from '../access/aws-files.ts';
import { note, tellingFaults } from '../failures/faults.ts';
import type { OutputOptions } from '../options/output-options.ts';
import { escapeForTerminal } from '../terminal/escape.ts';
import { printed } from '../terminal/text-output.ts';
import { textTable } from '../terminal/text-table.ts';
import { checkKubeconfig, readFiles } from './files.ts';

interface ListOptions extends Partial<OutputOptions<'table' | 'jsonl' | 'names'>> {
  readonly kubeconfig?: string;
}

export function listAction({ kubeconfig, format = 'table', outputFile }: ListOptions): Promise<void> {
  checkKubeconfig(kubeconfig);
  return tellingFaults(async () => {
    const { files, paths } = await readFiles(kubeconfig);
    const contexts = contextsOf(files);
    const awsConfig = (await readConfigText(awsConfigPath())) ?? '';
    if (contexts.length === 0)
      note(`There is no context in ${paths.join(', ')}: make one with eks-whois kubeconfig create.`);
    await printed(contexts.length === 0 ? '' : WRITERS[format](contexts, awsConfig), outputFile);
  });
}

type Writer = (contexts: readonly Context[], awsConfig: string) => string;

const WRITERS: Readonly<Record<'table' | 'jsonl' | 'names', Writer>> = {
  table: (contexts, awsConfig) =>
    textTable(
      ['CURRENT', 'CONTEXT', 'CLUSTER', 'NAMESPACE', 'AS', 'FILE'],
      contexts.map(({ current, name, cluster, namespace, signIn, path }) => [
        current ? '*' : '',
        name,
        cluster,
        namespace,
        actsAs(signIn, awsConfig),
        path,
      ]),
    ),
  jsonl: (contexts, awsConfig) =>
    contexts
      .map(({ signIn, ...context }) => `${JSON.stringify({ ...context, as: actsAs(signIn, awsConfig) })}\n`)
      .join(''),
  names: (contexts) => contexts.map(({ name }) => `${escapeForTerminal(name)}\n`).join(''),
};

/** Whose session the cluster will see. A role that its profile assumes is shown as the role. */
function actsAs(signIn: ContextSignIn, awsConfig: string): string {
  if (signIn.kind === 'command') return signIn.command;
  if (signIn.kind === 'other') return signIn.how;
  const { profile, roleArn, sessionName } = signIn;
  if (roleArn !== undefined) return `${roleName(roleArn)}, session ${sessionName ?? 'EKSGetTokenAuth, shared'}`;
  const settings = profile === undefined ? undefined : readProfile(awsConfig, profile);
  if (settings?.role_arn !== undefined) {
    return `${roleName(settings.role_arn)}, session ${settings.role_session_name ?? 'without a set name'}`;
  }
  return profile === undefined ? 'yourself' : `profile ${profile}`;
}

function roleName(arn: string): string {
  return roleRef(arn)?.roleName ?? arn;
}
