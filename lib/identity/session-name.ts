/**
 * A session name is chosen by whoever assumes the role, except for Identity Center's roles, where AWS sets it.
 * Shape: STS `RoleSessionName`, `[\w+=,.@-]{2,64}`.
 */
export const SESSION_NAME_SHAPE = '[\\w+=,.@-]{2,64}';

const SESSION_NAME = new RegExp(`^${SESSION_NAME_SHAPE}$`);

export function isSessionName(text: string): boolean {
  return SESSION_NAME.test(text);
}

const MADE_UP =
  /^(?:botocore-session-\d+|aws-cli-session-\d+|aws-go-sdk-\d+|aws-sdk-\w+-?\d*|EKSGetTokenAuth|i-[0-9a-f]{8,17}|\d{6,})$/i;

/** Whether it is one that programs make up, and that names nobody (FACTS: botocore, aws-iam-authenticator, instances). */
export function isMadeUpName(name: string): boolean {
  return MADE_UP.test(name);
}

/** `{{SessionName}}` of the authenticator turns `@` into `-` and nothing else; two names are compared in this form. */
export function dashed(name: string): string {
  return name.includes('@') ? name.replaceAll('@', '-') : name;
}

/** The parts of `<id>:<name>`, as STS writes the principal of a role session or a federated user. */
export interface SessionPrincipal {
  /** `AROA…`, or the account of a federated user. */
  readonly id: string;
  readonly name: string;
}

/** Undefined where the text has no colon: a principal that is no session. */
export function parseSessionPrincipal(principalId: string | undefined): SessionPrincipal | undefined {
  const colon = principalId?.indexOf(':') ?? -1;
  if (principalId === undefined || colon < 1) return undefined;
  return { id: principalId.slice(0, colon), name: principalId.slice(colon + 1) };
}

/**
 * Whether a session name that was only guessed from a username may decide: short names, or ones without a digit,
 * are found in too many usernames by chance (CONTRACT, rule 2).
 */
export function mayDecideAsGuess(name: string): boolean {
  return name.length >= 10 && /\d/.test(name);
}
