/**
 * Every CloudTrail event that eks-whois collects as evidence, by `eventSource`. What is derived from it: the rules that
 * read grants, look-ups, `openapi.yaml` and the documents. Also the patterns of EventBridge and of the trail's log
 * group (`infra/sts-events.ts`), and `infra/forwarding.yml`. The function `grants` also reads the `userIdentity` of any
 * other record that it receives.
 */
export const EVIDENCE_EVENTS = {
  'sts.amazonaws.com': {
    AssumeRole: { is: 'grant', issues: 'role' },
    AssumeRoleWithSAML: { is: 'grant', issues: 'role' },
    AssumeRoleWithWebIdentity: { is: 'grant', issues: 'role' },
    AssumeRoot: { is: 'grant', issues: 'root' },
    GetFederationToken: { is: 'grant', issues: 'federated-user' },
    GetSessionToken: { is: 'grant', issues: 'own-user' },
    GetDelegatedAccessToken: { is: 'grant', issues: 'delegated' },
    GetWebIdentityToken: { is: 'grant', issues: 'web-identity-token' },
    // Each token that a cluster verifies causes one record, even for keys that no grant lists (FACTS).
    GetCallerIdentity: { is: 'frequent-use' },
  },
  // `aws login` and the console cause these.
  'signin.amazonaws.com': {
    ConsoleLogin: { is: 'use' },
    AuthorizeOAuth2Access: { is: 'use' },
    CreateOAuth2Token: { is: 'use' },
  },
  // These have Identity Center's `onBehalfOf`.
  'sso.amazonaws.com': {
    CreateToken: { is: 'use' },
    GetRoleCredentials: { is: 'use' },
  },
  // These show who changed Identity Center's SAML provider, and when an IAM user's name began and ended.
  'iam.amazonaws.com': {
    CreateSAMLProvider: { is: 'provider-change' },
    UpdateSAMLProvider: { is: 'provider-change' },
    DeleteSAMLProvider: { is: 'provider-change' },
    CreateUser: { is: 'user-change' },
    UpdateUser: { is: 'user-change' },
    DeleteUser: { is: 'user-change' },
  },
  // These change who gets into a cluster, and what its logs show. No audit log has them.
  'eks.amazonaws.com': {
    CreateAccessEntry: { is: 'cluster-change' },
    UpdateAccessEntry: { is: 'cluster-change' },
    DeleteAccessEntry: { is: 'cluster-change' },
    AssociateAccessPolicy: { is: 'cluster-change' },
    DisassociateAccessPolicy: { is: 'cluster-change' },
    UpdateClusterConfig: { is: 'cluster-change' },
    AssociateIdentityProviderConfig: { is: 'cluster-change' },
    DisassociateIdentityProviderConfig: { is: 'cluster-change' },
    CreatePodIdentityAssociation: { is: 'cluster-change' },
    UpdatePodIdentityAssociation: { is: 'cluster-change' },
    DeletePodIdentityAssociation: { is: 'cluster-change' },
  },
  // These show who put or deleted a subscription filter, without which no audit event arrives.
  'logs.amazonaws.com': {
    PutSubscriptionFilter: { is: 'filter-change' },
    DeleteSubscriptionFilter: { is: 'filter-change' },
  },
  // Hosted agents cause these.
  'aws-mcp.amazonaws.com': {
    CallReadWriteTool: { is: 'use' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Evidence>>>>;

/**
 * What an event is evidence of. A `use` shows who is behind the access key that signed it. A `frequent-use` is
 * collected only if the deployment enables it (parameter `uses`).
 */
type Evidence =
  | { readonly is: 'grant'; readonly issues: GrantedKind }
  | { readonly is: 'use' | 'frequent-use' | 'provider-change' | 'user-change' | 'cluster-change' | 'filter-change' };

/**
 * The kinds of credentials that a grant can issue. The kind decides which callers a grant can match. A web identity
 * token is no session, but AssumeRoleWithWebIdentity exchanges it for one.
 */
export const GRANTED_KINDS = ['role', 'root', 'federated-user', 'own-user', 'delegated', 'web-identity-token'] as const;
export type GrantedKind = (typeof GRANTED_KINDS)[number];

const STS_EVENTS = EVIDENCE_EVENTS['sts.amazonaws.com'];
type StsEvents = typeof STS_EVENTS;

/** The STS calls that issue credentials (CONTRACT, "grant"). */
export type GrantEventName = {
  [Name in keyof StsEvents]: StsEvents[Name] extends { readonly is: 'grant' } ? Name : never;
}[keyof StsEvents];

/** The names of all STS calls that issue credentials. */
export const GRANT_EVENTS: readonly GrantEventName[] = Object.keys(STS_EVENTS).filter(isGrantEvent);

/** The names of the calls of the EKS API that change access to a cluster, or its logs. */
export const CLUSTER_CHANGES: readonly string[] = Object.keys(EVIDENCE_EVENTS['eks.amazonaws.com']);

/** The names of the calls that put or delete a subscription filter. */
export const FILTER_CHANGES: readonly string[] = Object.keys(EVIDENCE_EVENTS['logs.amazonaws.com']);

/** Returns whether an STS call of this name issues credentials. */
export function isGrantEvent(name: string): name is GrantEventName {
  return evidenceOf('sts.amazonaws.com', name)?.is === 'grant';
}

/** Returns the kind of credentials that a call of this name issues. */
export function grantedKind(name: GrantEventName): GrantedKind {
  return STS_EVENTS[name].issues;
}

/** Returns what an event of this source and name is evidence of. Undefined if the table does not list it. */
export function evidenceOf(source: string | undefined, name: string | undefined): Evidence | undefined {
  const sources: Readonly<Record<string, Readonly<Record<string, Evidence>>>> = EVIDENCE_EVENTS;
  if (source === undefined || name === undefined || !Object.hasOwn(sources, source)) return undefined;
  const names = sources[source];
  return names !== undefined && Object.hasOwn(names, name) ? names[name] : undefined;
}
