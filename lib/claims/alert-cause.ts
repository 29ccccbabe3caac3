/** What an alert can be about; each can be switched on and off. */
export const ALERT_CAUSES = [
  'unattributed',
  'ambiguous',
  'partial',
  'access-key-mismatch',
  'name-chosen-by-caller',
  'key-not-listed',
  'token-of-service-account',
  'through-agent',
  'identity-provider-changed',
  'foreign-identity-store',
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'anonymous-access',
  'session-name-claims-other-actor',
  'source-identity-claims-other-actor',
] as const;

export type AlertCause = (typeof ALERT_CAUSES)[number];

/** Left out: what whole fleets show every day, and needs no hurry (docs/alerts.md says which shows what). */
export const DEFAULT_ALERT_CAUSES: readonly AlertCause[] = [
  'unattributed',
  'ambiguous',
  'identity-provider-changed',
  'foreign-identity-store',
  'node-role-used-by-person',
  'eks-name-used-by-person',
  'anonymous-access',
  'session-name-claims-other-actor',
  'source-identity-claims-other-actor',
];
