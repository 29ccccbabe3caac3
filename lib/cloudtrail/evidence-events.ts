/**
 * Every CloudTrail event that eks-whois is brought as evidence, by `eventSource`. The rules that read grants, the patterns of
 * EventBridge and of the trail's log group (`infra/sts-events.ts`), `infra/forwarding.yml`, look-ups, `openapi.yaml` and the
 * documents are derived from it. Any other record that reaches `grants` still counts for what its `userIdentity` says.
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
    // Each token that a cluster verifies leaves one, also for keys that no grant lists (FACTS).
    GetCallerIdentity: { is: 'frequent-use' },
  },
  // `aws login` and the console.
  'signin.amazonaws.com': {
    ConsoleLogin: { is: 'use' },
    AuthorizeOAuth2Access: { is: 'use' },
    CreateOAuth2Token: { is: 'use' },
  },
  // Identity Center's `onBehalfOf`.
  'sso.amazonaws.com': {
    CreateToken: { is: 'use' },
    GetRoleCredentials: { is: 'use' },
  },
  // Who changed Identity Center's SAML provider.
  'iam.amazonaws.com': {
    CreateSAMLProvider: { is: 'provider-change' },
    UpdateSAMLProvider: { is: 'provider-change' },
    DeleteSAMLProvider: { is: 'provider-change' },
  },
  // Agents.
  'aws-mcp.amazonaws.com': {
    CallReadWriteTool: { is: 'use' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Evidence>>>>;

/**
 * What an event is evidence of. A `use` says who is behind the key that signed it; a `frequent-use` is taken only where the
 * deployment wants it (its parameter `uses`).
 */
type Evidence =
  | { readonly is: 'grant'; readonly issues: GrantedKind }
  | { readonly is: 'use' | 'frequent-use' | 'provider-change' };

/** Whose credentials a grant issued; decides with which callers it can agree. */
export const GRANTED_KINDS = ['role', 'root', 'federated-user', 'own-user', 'delegated'] as const;
export type GrantedKind = (typeof GRANTED_KINDS)[number];

const OF_STS = EVIDENCE_EVENTS['sts.amazonaws.com'];
type StsEvents = typeof OF_STS;

/** The STS calls that issue credentials (CONTRACT, "grant"). */
export type GrantEventName = {
  [Name in keyof StsEvents]: StsEvents[Name] extends { readonly is: 'grant' } ? Name : never;
}[keyof StsEvents];

export const GRANT_EVENTS: readonly GrantEventName[] = Object.keys(OF_STS).filter(isGrantEvent);

export function isGrantEvent(name: string): name is GrantEventName {
  return evidenceOf('sts.amazonaws.com', name)?.is === 'grant';
}

/** Whose credentials a call of this name issues. */
export function grantedKind(name: GrantEventName): GrantedKind {
  return OF_STS[name].issues;
}

/** What an event of this source and name is evidence of; undefined where it is none that the table lists. */
export function evidenceOf(source: string | undefined, name: string | undefined): Evidence | undefined {
  const sources: Readonly<Record<string, Readonly<Record<string, Evidence>>>> = EVIDENCE_EVENTS;
  if (source === undefined || name === undefined || !Object.hasOwn(sources, source)) return undefined;
  const names = sources[source];
  return names !== undefined && Object.hasOwn(names, name) ? names[name] : undefined;
}
