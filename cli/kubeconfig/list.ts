import { readConfigText } from '../../lib/adapters/kubeconfig/read.ts';
import { roleRef } from '../../lib/identity/arn.ts';
import { present } from '../../lib/json.ts';
import { readProfile } from '../../lib/kubeconfig/aws-profile.ts';
import { type Context, type ContextSignIn, contextsOf } from '../../lib/kubeconfig/contexts.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { awsConfigPath } from '../access/aws-profiles.ts';
import { note, reportFaults } from '../failures/faults.ts';
import { type StructuredFormat, structuredText } from '../format/structured.ts';
import type { View } from '../format/view.ts';
import type { OutputOptions } from '../options/output-options.ts';
import { resultsTo, viewOf } from '../options/view-options.ts';
import { type Column, fittedTable, losing } from '../terminal/fitted-table.ts';
import { written } from '../terminal/text-output.ts';
import { checkKubeconfig, readFiles } from './files.ts';

type ListFormat = 'table' | StructuredFormat | 'names';

interface ListOptions extends Partial<OutputOptions<ListFormat>> {
  readonly kubeconfig?: string;
}

export function listAction({ kubeconfig, format = 'table', outputFile }: ListOptions): Promise<void> {
  checkKubeconfig(kubeconfig);
  return reportFaults(async () => {
    const { files, paths } = await readFiles(kubeconfig);
    const contexts = contextsOf(files);
    const awsConfig = (await readConfigText(awsConfigPath())) ?? '';
    if (contexts.length === 0)
      note(`There is no context in ${paths.join(', ')}. Create one with eks-whois kubeconfig create.`);
    const shown = present<Partial<OutputOptions<string>>>({ format, outputFile });
    await written(listText(contexts, awsConfig, format, viewOf(shown)), resultsTo(shown));
  });
}

function listText(contexts: readonly Context[], awsConfig: string, format: ListFormat, view: View): string {
  if (format === 'names') return contexts.map(({ name }) => `${escapeForTerminal(name)}\n`).join('');
  const rows = contexts.map(({ signIn, ...context }): Row => ({ ...context, as: actsAs(signIn, awsConfig) }));
  return format === 'table' ? fittedTable(losing(COLUMNS, ...LOST), rows, view) : structuredText(format, rows);
}

type Row = Omit<Context, 'signIn'> & { readonly as: string };

const COLUMNS: readonly Column<Row>[] = [
  { title: 'CURRENT', of: ({ current }) => (current ? '*' : '') },
  { title: 'CONTEXT', least: 16, isId: true, of: ({ name }) => name },
  { title: 'CLUSTER', least: 12, of: ({ cluster }) => cluster },
  { title: 'NAMESPACE', least: 9, of: ({ namespace }) => namespace },
  { title: 'AS', least: 16, of: (row) => row.as },
  { title: 'FILE', least: 12, of: ({ path }) => path },
];
/** The order in which columns are dropped on a narrow screen. */
const LOST = ['FILE', 'CLUSTER', 'NAMESPACE'] as const;

/** Returns whose session the cluster will see. A profile that assumes a role is shown as that role. */
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
