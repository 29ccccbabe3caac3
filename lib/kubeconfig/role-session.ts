import { isMadeUpName, SESSION_NAME_SHAPE } from '../identity/session-name.ts';
import { KubeconfigError } from './kubeconfig-error.ts';

/** A role, and the name under which its session is to appear in CloudTrail and the audit log. */
export interface RoleSession {
  /** `arn:<partition>:iam::<account>:role/<path><name>` */
  readonly roleArn: string;
  /** Names the person; `[\w+=,.@-]{2,64}`. */
  readonly sessionName: string;
}

/** Whose credentials the command itself has: STS GetCallerIdentity. */
export interface CallerIdentity {
  readonly arn: string;
  readonly accountId: string;
}

/** What fills a pattern. Chosen by whoever calls the command. */
export interface ProjectRole {
  readonly project: string;
  readonly environment: string;
  readonly cluster: string;
}

/** A role's path and name; IAM: path of printable ASCII between slashes, name `[\w+=,.@-]{1,64}`. */
const ROLE_NAME = /^(?:[\x21-\x2E\x30-\x7E]+\/)*[\w+=,.@-]{1,64}$/;
const ROLE_ARN = /^arn:aws[\w-]*:iam::\d{12}:role\/(?:[\x21-\x2E\x30-\x7E]+\/)*[\w+=,.@-]{1,64}$/;

export function isRoleArn(text: string): boolean {
  return ROLE_ARN.test(text);
}

/** Why the pattern cannot be used, or undefined. */
export function rolePatternFailure(pattern: string): string | undefined {
  const unknown = /\{(?!(?:project|environment|cluster)\})[^}]*\}?/.exec(pattern)?.[0];
  if (unknown !== undefined) return `${unknown} is none of {project}, {environment} and {cluster}`;
  if (!pattern.includes('{project}')) return '{project} does not occur in it';
  return undefined;
}

/**
 * The ARN of a project's role in the caller's account. A pattern that begins with `arn:` is the whole ARN; any other
 * is a role's name, with its path where it has one.
 */
export function projectRoleArn(pattern: string, role: ProjectRole, caller: () => CallerIdentity): string {
  const filled = pattern.replace(/\{(project|environment|cluster)\}/g, (_, key: keyof ProjectRole) => role[key]);
  if (filled.startsWith('arn:')) return checkedRoleArn(filled);
  if (!ROLE_NAME.test(filled)) throw new KubeconfigError(`${filled} is no name of a role: correct --role-pattern.`);
  const { arn, accountId } = caller();
  return `arn:${arn.split(':')[1] ?? 'aws'}:iam::${accountId}:role/${filled}`;
}

function checkedRoleArn(arn: string): string {
  if (!isRoleArn(arn)) throw new KubeconfigError(`${arn} is no ARN of a role: correct --role-pattern.`);
  return arn;
}

/** The name for a person's session, or why there is none. */
export type PersonsName =
  | { readonly kind: 'named'; readonly sessionName: string }
  | { readonly kind: 'unnamed'; readonly reason: string };

/**
 * The session name that names the person behind the caller: an IAM user's name, or the session name that the caller
 * already bears, which for Identity Center is the user name, mostly an e-mail address. Characters that STS does not
 * take become `-`, and 64 of them are kept.
 */
export function personsSessionName({ arn }: CallerIdentity): PersonsName {
  const [, kind, rest] = /^arn:[^:]*:(?:iam|sts)::\d*:(user|assumed-role|federated-user|root)\/?(.*)$/s.exec(arn) ?? [];
  if (kind === 'root') return unnamed('the root user is nobody in particular, and cannot assume roles');
  const name = rest?.split('/').at(-1) ?? '';
  if (kind === undefined || name === '') return unnamed(`${arn} does not say who you are`);
  if (kind === 'assumed-role' && isMadeUpName(name))
    return unnamed(`your session is called ${name}, which names nobody`);
  const sessionName = name.replace(/[^\w+=,.@-]/g, '-').slice(0, 64);
  if (!new RegExp(`^${SESSION_NAME_SHAPE}$`).test(sessionName))
    return unnamed(`${name} is too short for a session name`);
  return { kind: 'named', sessionName };
}

function unnamed(reason: string): PersonsName {
  return { kind: 'unnamed', reason };
}
