import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { callerIdentity } from '../../lib/adapters/aws/caller-identity.ts';
import { readConfigText } from '../../lib/adapters/kubeconfig/read.ts';
import type { SignIn } from '../../lib/kubeconfig/access.ts';
import { type CredentialSource, hasCredentials, profileName, readProfile } from '../../lib/kubeconfig/aws-profile.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import type { ProfileRequest } from '../../lib/kubeconfig/plan.ts';
import {
  type CallerIdentity,
  personsSessionName,
  projectRoleArn,
  type RoleSession,
} from '../../lib/kubeconfig/role-session.ts';
import { awsConfigPath, awsCredentialsPath } from '../access/aws-profiles.ts';
import { note } from '../failures/faults.ts';
import { readEnvironment } from '../options/environment.ts';
import type { CreateRequest } from './request.ts';

/** The identity that a context signs in with, and the profile that the AWS config file must have for it. */
export interface Persona {
  readonly signIn: SignIn;
  readonly session: RoleSession | undefined;
  readonly caller: CallerIdentity | undefined;
  /** Reads the AWS config file. Undefined if no profile is needed. */
  readonly profile: () => Promise<ProfileRequest | undefined>;
}

export async function personaOf(request: CreateRequest, settings: AwsSettings): Promise<Persona> {
  if (request.role === undefined) return oneself(request, settings);
  const { profile } = request;
  if (request.roleIn === 'arguments') {
    const session = await roleSession(request, settings);
    const none = async () => undefined;
    return { signIn: { kind: 'role-arguments', profile, session }, session, caller: undefined, profile: none };
  }
  const name = profileName(request.name);
  await refuseOwnProfile(name, profile);
  const session = await roleSession(request, settings);
  const source = await credentialSource(request, settings);
  return {
    signIn: { kind: 'role-profile', profile: name },
    session,
    caller: undefined,
    profile: async () => {
      const path = awsConfigPath();
      return { ...session, source, name, path, text: (await readConfigText(path)) ?? '' };
    },
  };
}

/**
 * Returns the caller's own identity. Only the report shows it, so if STS cannot be reached, the context is created
 * anyway.
 */
async function oneself({ profile }: CreateRequest, settings: AwsSettings): Promise<Persona> {
  const persona: Persona = {
    signIn: { kind: 'oneself', profile },
    session: undefined,
    caller: undefined,
    profile: async () => undefined,
  };
  try {
    const caller = await callerIdentity(settings);
    const named = personsSessionName(caller);
    if (named.kind === 'unnamed') note(`The audit log will not say who you are: ${named.reason}.`);
    return { ...persona, caller };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    note(`Whose credentials these are is not known. ${error.message}`);
    return persona;
  }
}

/** Returns the identity with the role. Calls STS only for what the options do not give. */
async function roleSession({ role, sessionName, cluster }: CreateRequest, settings: AwsSettings): Promise<RoleSession> {
  const known = role?.kind === 'arn' || role?.pattern.startsWith('arn:') === true;
  const caller = known && sessionName !== undefined ? undefined : await callerIdentity(settings);
  const roleArn =
    role?.kind === 'arn'
      ? role.arn
      : projectRoleArn(role?.pattern ?? '', { ...projectOf(role), cluster }, () => needed(caller));
  if (sessionName !== undefined) return { roleArn, sessionName };
  const named = personsSessionName(needed(caller));
  if (named.kind === 'named') return { roleArn, sessionName: named.sessionName };
  throw new KubeconfigError(`No session name can be made from your identity: ${named.reason}. Give --session-name.`);
}

function projectOf(role: CreateRequest['role']): { project: string; environment: string } {
  return role?.kind === 'project' ? role : { project: '', environment: '' };
}

function needed(caller: CallerIdentity | undefined): CallerIdentity {
  if (caller === undefined)
    throw new KubeconfigError('Your AWS account cannot be determined. Give --role-arn instead of --project.');
  return caller;
}

/**
 * Returns where the AWS CLI finds the credentials that assume the role. It is the place in which the SDK found them
 * now.
 */
async function credentialSource({ profile }: CreateRequest, { credentials }: AwsSettings): Promise<CredentialSource> {
  if (profile !== undefined) return { kind: 'profile', profile };
  if (credentials !== undefined) return { kind: 'place', place: 'Environment' };
  const environment = readEnvironment();
  const named = environment.AWS_PROFILE;
  if (named) return { kind: 'profile', profile: named };
  if (await hasDefaultProfile()) return { kind: 'profile', profile: 'default' };
  const container =
    environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ?? environment.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  return { kind: 'place', place: container === undefined ? 'Ec2InstanceMetadata' : 'EcsContainer' };
}

async function hasDefaultProfile(): Promise<boolean> {
  const [config = '', credentials = ''] = await Promise.all(
    [awsConfigPath(), awsCredentialsPath()].map(readConfigText),
  );
  return readProfile(config, 'default') !== undefined || hasCredentials(credentials, 'default');
}

/**
 * Refuses to change a person's own profile into one that assumes a role. With `role_arn` in it, every program that uses
 * the profile would act as the role from then on. `signedInWith` is the value of `--profile`.
 * @throws KubeconfigError
 */
async function refuseOwnProfile(name: string, signedInWith: string | undefined): Promise<void> {
  const reason = ownProfileReason(name, signedInWith) ?? (await credentialsReason(name));
  if (reason === undefined) return;
  throw new KubeconfigError(
    `The profile ${name} cannot take the role: it is ${reason}, and all that use it would act as the role. ` +
      'Give --alias for another name, or the --profile that you sign in with.',
  );
}

function ownProfileReason(name: string, signedInWith: string | undefined): string | undefined {
  if (name === 'default') return 'the AWS profile that programs use by default';
  const { AWS_PROFILE, AWS_DEFAULT_PROFILE } = readEnvironment();
  const own = signedInWith === undefined ? [AWS_PROFILE, AWS_DEFAULT_PROFILE] : [signedInWith];
  return own.includes(name) ? 'the AWS profile that you sign in with' : undefined;
}

async function credentialsReason(name: string): Promise<string | undefined> {
  const path = awsCredentialsPath();
  const text = (await readConfigText(path)) ?? '';
  return hasCredentials(text, name) ? `an AWS profile with credentials of its own in ${path}` : undefined;
}
