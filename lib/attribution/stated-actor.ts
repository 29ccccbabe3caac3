export const ACTOR_KINDS = [
  'iam-user',
  'root',
  'identity-center-user',
  'saml-user',
  'web-identity-user',
  'aws-service',
  'aws-account-principal',
  'role-session',
  'federated-user',
  'proxied-user',
  'kubernetes-user',
  'kubernetes-service-account',
  'kubernetes-node',
  'kubernetes-system',
  'eks-service',
] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/**
 * The identity at the start of a chain, as records state it.
 * Trust: AWS or an identity provider states `name`. It is never a name that the caller chose. The caller chooses
 * `sessionName` and `sourceIdentity`.
 */
export interface StatedActor {
  readonly kind: ActorKind;
  /** The name at the time of the event, as far as records state it. */
  readonly name?: string | undefined;
  /** The present name for the same ID, if the name has changed. */
  readonly nameToday?: string | undefined;
  readonly accountId?: string | undefined;
  readonly principalId?: string | undefined;
  readonly arn?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  /**
   * The uid of a proxied user, according to the proxy, or of a service account. A service account that was created
   * again has another uid.
   */
  readonly uid?: string | undefined;
  /** The SAML or OIDC provider or the proxy that vouches for the name. */
  readonly provider?: string | undefined;
  /** The format of a SAML user's NameID. A `transient` NameID is different in each session. */
  readonly nameIdFormat?: string | undefined;
  /** The ID of an Identity Center user in its directory. */
  readonly userId?: string | undefined;
  /** The ID of the Identity Center user's directory, `d-…`. */
  readonly directory?: string | undefined;
  /** The role that a service assumed, without its path. */
  readonly roleArn?: string | undefined;
  /**
   * The name by which the actor is found and counted, if others could have the plain name. It is set for an Identity
   * Center user whose directory is stated and is not known to be your own. The administrators of that directory choose
   * the name.
   */
  readonly knownAs?: string | undefined;
  /** The function, pod, instance or task for which an AWS service acts. */
  readonly workload?: string | undefined;
  /** The account in which somebody acts with the identity of the actor, by temporary delegation. */
  readonly delegate?: { readonly accountId: string } | undefined;
}
