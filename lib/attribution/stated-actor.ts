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
 * The identity at the start of a role chain, as records state it.
 *
 * Trust: AWS or an identity provider states `name`; it is never a name that the caller chose. The caller chooses
 * `sessionName` and `sourceIdentity`.
 */
export interface StatedActor {
  readonly kind: ActorKind;
  /** The name at the time of the event, as far as records state it. */
  readonly name?: string | undefined;
  /** The current name of the same ID, if it is another one. */
  readonly nameToday?: string | undefined;
  readonly accountId?: string | undefined;
  readonly principalId?: string | undefined;
  readonly arn?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  /** The uid of a proxied user, as the proxy stated it, or of a service account. A service account that is created again has another uid. */
  readonly uid?: string | undefined;
  /** The SAML or OIDC provider, or the proxy, that vouches for the name. */
  readonly provider?: string | undefined;
  /** The format of a SAML user's NameID. A `transient` one is another one in each session. */
  readonly nameIdFormat?: string | undefined;
  /** The ID of an Identity Center user in its directory. */
  readonly userId?: string | undefined;
  /** The ID of the user's directory, `d-…`. */
  readonly directory?: string | undefined;
  /** The role that a service assumed, without its path. */
  readonly roleArn?: string | undefined;
  /**
   * The name by which the actor is found and counted, if the name alone could be another person's. It is set for an Identity Center
   * user whose directory is stated and is not known to be your own; that directory's administrators choose the name.
   */
  readonly knownAs?: string | undefined;
  /** The function, pod, instance or task for which a service acts. */
  readonly workload?: string | undefined;
  /** The account in which somebody acts with the actor's identity, by temporary delegation. */
  readonly delegate?: { readonly accountId: string } | undefined;
}
