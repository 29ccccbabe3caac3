import type { RoleSession } from './role-session.ts';

/** The exec API that is current: kubectl reads it since 1.22 (kubernetes.io, "client-go credential plugins"). */
export const EXEC_API_VERSION = 'client.authentication.k8s.io/v1';

/** What a kubeconfig is to say: which cluster, and as whom. */
export interface ClusterAccess {
  /** The name of the context, the cluster entry and the user entry alike. */
  readonly name: string;
  readonly cluster: string;
  readonly region: string;
  /** `https://…` */
  readonly server: string;
  /** Base64 of PEM, as EKS gives it. */
  readonly certificateAuthority: string;
  readonly namespace: string | undefined;
  readonly signIn: SignIn;
}

/** Whose credentials sign the token. */
export type SignIn =
  /** One's own: the AWS profile, or whatever the AWS CLI finds. */
  | { readonly kind: 'oneself'; readonly profile: string | undefined }
  /** A role, assumed under a session name by an AWS profile made for it: works with every AWS CLI. */
  | { readonly kind: 'role-profile'; readonly profile: string }
  /** A role and a session name as arguments of `aws eks get-token`. */
  | { readonly kind: 'role-arguments'; readonly profile: string | undefined; readonly session: RoleSession };

/**
 * The arguments of `aws`. The profile is an argument, and not only `AWS_PROFILE`: credentials in the environment
 * outrank that variable, but not `--profile`, and kubectl would silently act as another (seen with aws-cli 1.45.11;
 * botocore, `create_credential_resolver`).
 */
export function getTokenArguments({ cluster, region, signIn }: ClusterAccess): readonly string[] {
  const base = ['eks', 'get-token', '--cluster-name', cluster, '--region', region, '--output', 'json'];
  const profile = signIn.profile === undefined ? [] : ['--profile', signIn.profile];
  if (signIn.kind !== 'role-arguments') return [...base, ...profile];
  const { roleArn, sessionName } = signIn.session;
  return [...base, '--role-arn', roleArn, '--session-name', sessionName, ...profile];
}

/** `AWS_PROFILE` as `aws eks update-kubeconfig` writes it, for programs that look for it there. */
export function execProfile({ signIn }: ClusterAccess): string | undefined {
  return signIn.profile;
}
