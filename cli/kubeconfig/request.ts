import { isSessionName } from '../../lib/identity/session-name.ts';
import { isRoleArn, rolePatternFailure } from '../../lib/kubeconfig/role-session.ts';
import { wrongUsage } from '../failures/command-error.ts';
import { checkLine, checkRegion } from '../options/aws-options.ts';
import { checkKubeconfig } from './files.ts';

/** The options of `kubeconfig create`, as commander hands them over. */
export interface CreateOptions {
  readonly region?: string;
  readonly profile?: string;
  readonly project?: string;
  readonly environment?: string;
  readonly rolePattern?: string;
  readonly roleArn?: string;
  readonly sessionName?: string;
  readonly roleIn?: 'profile' | 'arguments';
  readonly alias?: string;
  readonly namespace?: string | boolean;
  readonly kubeconfig?: string;
  readonly use?: boolean;
  readonly hosts?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** The checked request. */
export interface CreateRequest {
  readonly cluster: string;
  /** The name of the context, the cluster entry and the user entry. */
  readonly name: string;
  readonly namespace: string | undefined;
  readonly profile: string | undefined;
  readonly role: RequestedRole | undefined;
  readonly sessionName: string | undefined;
  readonly roleIn: 'profile' | 'arguments';
}

export type RequestedRole =
  | { readonly kind: 'arn'; readonly arn: string }
  | { readonly kind: 'project'; readonly project: string; readonly environment: string; readonly pattern: string };

/**
 * Returns the checked request.
 * @throws the failure for wrong usage.
 */
export function createRequest(cluster: string, options: CreateOptions): CreateRequest {
  if (!/^[0-9A-Za-z][\w-]{0,99}$/.test(cluster))
    throw wrongUsage(`${JSON.stringify(cluster)} is not a valid cluster name. Give the name alone, not the ARN.`);
  checkTexts(options);
  const role = requestedRole(options);
  const { sessionName, namespace } = options;
  if (sessionName !== undefined) checkSessionName(sessionName, role);
  if (typeof namespace === 'string') checkNamespace(namespace);
  const projectName = role?.kind === 'project' ? `${role.project}-${role.environment}` : undefined;
  return {
    cluster,
    name: options.alias ?? (projectName === undefined ? cluster : `${projectName}@${cluster}`),
    namespace: typeof namespace === 'string' ? namespace : namespace === false ? undefined : projectName,
    profile: options.profile,
    role,
    sessionName,
    roleIn: options.roleIn ?? 'profile',
  };
}

function checkTexts({ region, alias, profile, kubeconfig }: CreateOptions): void {
  if (region !== undefined) checkRegion(region);
  if (alias !== undefined) checkLine('--alias', alias);
  if (profile !== undefined) checkLine('--profile', profile);
  checkKubeconfig(kubeconfig);
}

function checkSessionName(sessionName: string, role: RequestedRole | undefined): void {
  if (role === undefined)
    throw wrongUsage(
      '--session-name names the session of a role, and no role is given. Give --project or --role-arn, or leave it out.',
    );
  if (!isSessionName(sessionName))
    throw wrongUsage('--session-name is not valid. Give 2 to 64 letters, digits and _+=,.@-.');
}

function checkNamespace(namespace: string): void {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
    throw wrongUsage(
      `${JSON.stringify(namespace)} is not a valid namespace. Give lower-case letters, digits and -, at most 63.`,
    );
}

function requestedRole({ roleArn, project, environment, rolePattern = '' }: CreateOptions): RequestedRole | undefined {
  if (roleArn !== undefined) {
    if (!isRoleArn(roleArn))
      throw wrongUsage(
        `${JSON.stringify(roleArn)} is not the ARN of a role. Give one like arn:aws:iam::111122223333:role/name.`,
      );
    return { kind: 'arn', arn: roleArn };
  }
  if (project === undefined && environment === undefined) return undefined;
  if (project === undefined || environment === undefined)
    throw wrongUsage('--project and --environment choose a role together, and one is missing. Give both.');
  for (const part of [project, environment]) {
    if (!/^[\w+=,.@-]{1,64}$/.test(part))
      throw wrongUsage(`${JSON.stringify(part)} cannot be part of a role name. Give letters, digits and _+=,.@-.`);
  }
  const failure = rolePatternFailure(rolePattern);
  if (failure !== undefined)
    throw wrongUsage(`--role-pattern ${JSON.stringify(rolePattern)} cannot be used: ${failure}.`);
  return { kind: 'project', project, environment, pattern: rolePattern };
}
