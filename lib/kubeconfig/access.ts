import type { RoleSession } from './role-session.ts';

/** The version of the exec API. kubectl supports it since 1.22 (kubernetes.io, "client-go credential plugins"). */
export const EXEC_API_VERSION = 'client.authentication.k8s.io/v1';

/** The cluster and identity that a kubeconfig context stands for. */
export interface ClusterAccess {
  /** The name of the context, the cluster entry and the user entry. */
  readonly name: string;
  readonly cluster: string;
  readonly region: string;
  /** The URL of the API server, `https://…`. */
  readonly server: string;
  /** The certificate as PEM in base64, as EKS returns it. */
  readonly certificateAuthority: string;
  readonly namespace: string | undefined;
  readonly signIn: SignIn;
}

/** The credentials that sign the token. */
export type SignIn =
  /** The user's own credentials: those of the AWS profile, or of the AWS CLI's default chain. */
  | { readonly kind: 'oneself'; readonly profile: string | undefined }
  /** A role, assumed with a session name by an AWS profile that is made for it. It works with every AWS CLI. */
  | { readonly kind: 'role-profile'; readonly profile: string }
  /** A role and a session name as arguments of `aws eks get-token`. */
  | { readonly kind: 'role-arguments'; readonly profile: string | undefined; readonly session: RoleSession };

/**
 * Returns the arguments of `aws`. The profile is an argument, not only `AWS_PROFILE`. Credentials in the environment
 * override that variable, but not `--profile`. With the variable alone, kubectl would silently act as somebody else.
 * Source: seen with aws-cli 1.45.11; botocore, `create_credential_resolver`.
 */
export function getTokenArguments({ cluster, region, signIn }: ClusterAccess): readonly string[] {
  const base = ['eks', 'get-token', '--cluster-name', cluster, '--region', region, '--output', 'json'];
  const profile = signIn.profile === undefined ? [] : ['--profile', signIn.profile];
  if (signIn.kind !== 'role-arguments') return [...base, ...profile];
  const { roleArn, sessionName } = signIn.session;
  return [...base, '--role-arn', roleArn, '--session-name', sessionName, ...profile];
}

/** Returns `AWS_PROFILE` as `aws eks update-kubeconfig` writes it, for programs that read the variable. */
export function execProfile({ signIn }: ClusterAccess): string | undefined {
  return signIn.profile;
}
