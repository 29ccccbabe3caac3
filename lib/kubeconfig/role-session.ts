import { isMadeUpName, SESSION_NAME_SHAPE } from '../identity/session-name.ts';
import { KubeconfigError } from './kubeconfig-error.ts';

/** A role, and the name that its session has in CloudTrail and the audit log. */
export interface RoleSession {
  /** The ARN of the role with its path, `arn:<partition>:iam::<account>:role/<path><name>`. */
  readonly roleArn: string;
  /** A name that identifies the person, in the form `[\w+=,.@-]{2,64}`. */
  readonly sessionName: string;
}

/** To whom the command's own credentials belong, by STS GetCallerIdentity. */
export interface CallerIdentity {
  readonly arn: string;
  readonly accountId: string;
}

/** The values for a role pattern. The user of the command chooses them. */
export interface ProjectRole {
  readonly project: string;
  readonly environment: string;
  readonly cluster: string;
}

/**
 * Matches a role's path and name. In IAM, a path is printable ASCII between slashes, and a name is `[\w+=,.@-]{1,64}`.
 */
const ROLE_NAME = /^(?:[\x21-\x2E\x30-\x7E]+\/)*[\w+=,.@-]{1,64}$/;
const ROLE_ARN = /^arn:aws[\w-]*:iam::\d{12}:role\/(?:[\x21-\x2E\x30-\x7E]+\/)*[\w+=,.@-]{1,64}$/;

export function isRoleArn(text: string): boolean {
  return ROLE_ARN.test(text);
}

/** Returns why the pattern cannot be used. Undefined if it can. */
export function rolePatternFailure(pattern: string): string | undefined {
  const unknown = /\{(?!(?:project|environment|cluster)\})[^}]*\}?/.exec(pattern)?.[0];
  if (unknown !== undefined) return `${unknown} is not one of {project}, {environment} and {cluster}`;
  if (!pattern.includes('{project}')) return 'it does not contain {project}';
  return undefined;
}

/**
 * Returns the ARN of a project's role in the caller's account. A pattern that begins with `arn:` is the whole ARN. Any
 * other is the name of a role, perhaps with its path.
 * @throws KubeconfigError if the pattern with its values is no valid name or ARN.
 */
export function projectRoleArn(pattern: string, role: ProjectRole, caller: () => CallerIdentity): string {
  const filled = pattern.replace(/\{(project|environment|cluster)\}/g, (_, key: keyof ProjectRole) => role[key]);
  if (filled.startsWith('arn:')) return checkedRoleArn(filled);
  if (!ROLE_NAME.test(filled)) throw new KubeconfigError(`${filled} is not a valid role name. Correct --role-pattern.`);
  const { arn, accountId } = caller();
  return `arn:${arn.split(':')[1] ?? 'aws'}:iam::${accountId}:role/${filled}`;
}

function checkedRoleArn(arn: string): string {
  if (!isRoleArn(arn)) throw new KubeconfigError(`${arn} is not an ARN of a role. Correct --role-pattern.`);
  return arn;
}

/** A session name that identifies a person, or why there is none. */
export type PersonsName =
  | { readonly kind: 'named'; readonly sessionName: string }
  | { readonly kind: 'unnamed'; readonly reason: string };

/**
 * Returns a session name for the person behind the caller: an IAM user's name, or the caller's present session name.
 * With Identity Center, that is the user name, usually an email address. Characters that STS does not accept
 * become `-`, and the name is cut to 64 characters.
 */
export function personsSessionName({ arn }: CallerIdentity): PersonsName {
  const [, kind, rest] = /^arn:[^:]*:(?:iam|sts)::\d*:(user|assumed-role|federated-user|root)\/?(.*)$/s.exec(arn) ?? [];
  if (kind === 'root') return unnamed('the root user does not identify a person, and cannot assume roles');
  const name = rest?.split('/').at(-1) ?? '';
  if (kind === undefined || name === '') return unnamed(`${arn} does not identify you`);
  if (kind === 'assumed-role' && isMadeUpName(name))
    return unnamed(`your session name is ${name}, which does not identify a person`);
  const sessionName = name.replace(/[^\w+=,.@-]/g, '-').slice(0, 64);
  if (!new RegExp(`^${SESSION_NAME_SHAPE}$`).test(sessionName))
    return unnamed(`${name} is too short for a session name`);
  return { kind: 'named', sessionName };
}

function unnamed(reason: string): PersonsName {
  return { kind: 'unnamed', reason };
}
