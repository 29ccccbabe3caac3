/**
 * The form of a session name: STS `RoleSessionName`, `[\w+=,.@-]{2,64}`. Whoever assumes the role chooses the name. For
 * Identity Center's roles, AWS does.
 */
export const SESSION_NAME_SHAPE = '[\\w+=,.@-]{2,64}';

const SESSION_NAME = new RegExp(`^${SESSION_NAME_SHAPE}$`);

export function isSessionName(text: string): boolean {
  return SESSION_NAME.test(text);
}

/**
 * The form of an EC2 instance's ID: 17 hexadecimal digits, or 8 (old). Source: EC2 User Guide, "Resource IDs".
 */
export const INSTANCE_ID_SHAPE = 'i-(?:[0-9a-f]{17}|[0-9a-f]{8})';

const INSTANCE_ID = new RegExp(`^${INSTANCE_ID_SHAPE}$`);
const MADE_UP =
  /^(?:botocore-session-\d+|aws-cli-session-\d+|aws-go-sdk-\d+|aws-sdk-\w+-?\d*|EKSGetTokenAuth|\d{6,})$/i;

/**
 * Returns whether a program generated the name, so that it identifies nobody (FACTS: botocore, aws-iam-authenticator,
 * instances).
 */
export function isMadeUpName(name: string): boolean {
  return MADE_UP.test(name) || INSTANCE_ID.test(name);
}

/**
 * Returns whether the text is the ID of an EC2 instance. The session that EC2 obtains for an instance has this name
 * (FACTS).
 */
export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}

/**
 * Returns the name as the authenticator's `{{SessionName}}` writes it, with `-` for `@` and nothing else changed. Names
 * from usernames are compared in this form.
 */
export function dashed(name: string): string {
  return name.includes('@') ? name.replaceAll('@', '-') : name;
}

/** The parts of `<id>:<name>`, as STS writes the principal of a role session or a federated user. */
export interface SessionPrincipal {
  /** `AROA…`, or the account of a federated user. */
  readonly id: string;
  readonly name: string;
}

/** Parses `<ID>:<session name>`. Undefined without a colon, because such a principal is not a session. */
export function parseSessionPrincipal(principalId: string | undefined): SessionPrincipal | undefined {
  const colon = principalId?.indexOf(':') ?? -1;
  if (principalId === undefined || colon < 1) return undefined;
  return { id: principalId.slice(0, colon), name: principalId.slice(colon + 1) };
}

/**
 * Returns whether a session name that was only guessed from a username may decide an answer. Short names, and names
 * without a digit, are in too many usernames by chance (CONTRACT, rule 2).
 */
export function mayDecideAsGuess(name: string): boolean {
  return name.length >= 10 && /\d/.test(name);
}
