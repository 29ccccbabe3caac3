import { type Caller, parseCaller } from '../../audit/caller.ts';
import type { ErrorCode } from '../../error-code.ts';
import { type AccessKeyId, accessKeyId as readAccessKeyId } from '../../identity/access-key.ts';
import { assumedRoleRef, federatedUserName, type RoleRef, roleIdOf } from '../../identity/arn.ts';
import { isSessionName, parseSessionPrincipal } from '../../identity/session-name.ts';
import { isAwsUid, UID_PREFIXES } from '../../identity/uid.ts';

/** The caller in a question. Each field is a text as a person or a program wrote it. */
export interface WhoisQuestion {
  readonly uid?: string | undefined;
  readonly username?: string | undefined;
  /** `AROA…:<session name>`, or `<account>:<name>` of a federated user. */
  readonly principal?: string | undefined;
  readonly accessKeyId?: string | undefined;
  /** `user.extra.sessionName` of the event. Whoever assumed the role chose this name. */
  readonly sessionName?: string | undefined;
  /** `user.extra.arn` of the event. It does not have the role's path. */
  readonly arn?: string | undefined;
}

/** The error of an invalid question. It names the parameter, and says what the value should be. */
export class WhoisQuestionError extends Error {
  readonly code = 'whois-question' satisfies ErrorCode;
  readonly parameter: keyof WhoisQuestion;

  constructor(parameter: keyof WhoisQuestion, message: string) {
    super(message);
    this.parameter = parameter;
  }
}

/** Fields with the same meaning as in the event's `user.extra`. */
type Extra = Pick<WhoisQuestion, 'sessionName' | 'arn'> & { readonly accessKeyId: AccessKeyId | undefined };

/**
 * Returns the caller in the question, in the form of an audit event's caller.
 * @throws WhoisQuestionError if the question describes no caller, or if one of its fields would have no effect.
 */
export function callerOfQuestion(question: WhoisQuestion): Caller {
  const { uid, username, principal } = question;
  const extra = extraOf(question);
  checkTogether(question);
  if (principal !== undefined) return callerOfPrincipal(principal, extra);
  if (uid !== undefined && username !== undefined) return callerOfUser(uid, username, extra);
  return callerOfKey(extra);
}

/** Returns these fields after it has checked that AWS could have written each of them. */
function extraOf({ accessKeyId: key, sessionName, arn }: WhoisQuestion): Extra {
  const accessKeyId = readAccessKeyId(key);
  if (key !== undefined && accessKeyId === undefined)
    throw new WhoisQuestionError(
      'accessKeyId',
      `"${key}" is not an access key ID. Give one that begins with AKIA or ASIA.`,
    );
  if (sessionName !== undefined && !isSessionName(sessionName))
    throw new WhoisQuestionError(
      'sessionName',
      `"${sessionName}" is not a session name. Give 2 to 64 characters of A-Z a-z 0-9 _+=,.@-.`,
    );
  if (arn !== undefined && !/^arn:[^:]+:(?:sts|iam)::\d{12}:\S+$/.test(arn))
    throw new WhoisQuestionError(
      'arn',
      `"${arn}" is not the ARN of a caller. Give the event's user.extra.arn: arn:aws:sts::<account>:assumed-role/<role>/<session name>.`,
    );
  return { accessKeyId, sessionName, arn };
}

function checkTogether({ uid, username, principal }: WhoisQuestion): void {
  if (username === '') throw new WhoisQuestionError('username', 'The username is empty. Take it from the audit event.');
  if (uid !== undefined && principal !== undefined)
    throw new WhoisQuestionError('principal', 'Give uid and username, or principal, not both.');
  if (principal !== undefined && username !== undefined)
    throw new WhoisQuestionError(
      'username',
      'A username works only with a uid. Leave it out when you give a principal.',
    );
  if (uid !== undefined && username === undefined)
    throw new WhoisQuestionError('username', 'A uid needs a username. Give both.');
  if (username !== undefined && uid === undefined)
    throw new WhoisQuestionError('uid', 'A username needs a uid. Give both.');
}

/** Returns the caller of a question that has only an access key. Which session the key belongs to is not known yet. */
function callerOfKey({ accessKeyId, sessionName, arn }: Extra): Caller {
  for (const [name, value] of Object.entries({ sessionName, arn }))
    if (value !== undefined)
      throw new WhoisQuestionError(
        name === 'arn' ? 'arn' : 'sessionName',
        'This needs uid and username, or principal. Give these too.',
      );
  if (accessKeyId === undefined)
    throw new WhoisQuestionError('uid', 'Give uid and username, a principal, an access key ID or an audit ID.');
  return { kind: 'role-session', accessKeyId };
}

function callerOfUser(uid: string, username: string, extra: Extra): Caller {
  checkUid(uid, username);
  const given = Object.entries(extra).filter(([, value]) => value !== undefined);
  const caller = parseCaller({
    uid,
    username,
    extra: Object.fromEntries(given.map(([name, value]) => [name, [value]])),
  });
  if (SESSIONS.has(caller.kind) || caller.roleId !== undefined) return caller;
  const idle = (['accessKeyId', 'sessionName', 'arn'] as const).find((name) => extra[name] !== undefined);
  if (idle === undefined) return caller;
  const instead = idle === 'accessKeyId' ? ', or give the access key ID alone' : '';
  throw new WhoisQuestionError(
    idle,
    `The uid ${uid} is not an IAM identity, so this has no effect. Leave it out${instead}.`,
  );
}

/** Kinds of callers that can have temporary credentials. */
const SESSIONS: ReadonlySet<Caller['kind']> = new Set(['role-session', 'iam-user', 'root', 'federated-user']);

/**
 * Refuses a uid with an AWS ID but without its prefix. Such a uid would count as one of another authenticator, and its
 * user would be named as the actor.
 * @throws WhoisQuestionError
 */
function checkUid(uid: string, username: string): void {
  if (isAwsUid(uid)) return;
  const id = /(?<![A-Za-z0-9])(?:AROA|AIDA)[A-Z0-9]{4,}(?![a-z])/.exec(uid)?.[0];
  const account = /(?<![^:/])\d{12}(?![^:/])/.exec(uid)?.[0];
  if (id === undefined && account === undefined) return;
  const whose = account ?? /^arn:[^:]+:(?:sts|iam)::(\d{12}):/.exec(username)?.[1] ?? '<account>';
  const right = `${UID_PREFIXES[0]}${whose}:${id ?? 'AROA…'}`;
  const session = id?.startsWith('AROA') === true ? `, or give the principal ${id}:<session name>` : '';
  throw new WhoisQuestionError(
    'uid',
    `"${uid}" has no prefix. Give the event's full user.uid, for example ${right}${session}.`,
  );
}

function callerOfPrincipal(text: string, { accessKeyId, sessionName: stated, arn }: Extra): Caller {
  const { id, name } = parseSessionPrincipal(text) ?? { id: '', name: '' };
  const isRole = /^AROA[A-Z0-9]+$/.test(id);
  if (name === '' || !(isRole || /^\d{12}$/.test(id)))
    throw new WhoisQuestionError(
      'principal',
      `"${text}" is not a session. Give AROA…:<session name>, as in CloudTrail's principalId.`,
    );
  const named = isRole ? assumedRoleRef(arn)?.sessionName : federatedUserName(arn);
  if (stated !== undefined && stated !== name)
    throw new WhoisQuestionError(
      'sessionName',
      `The principal names the session ${name}, not ${stated}. Leave one out.`,
    );
  if (arn !== undefined && named !== name)
    throw new WhoisQuestionError(
      'arn',
      `The principal names the session ${name}, and this ARN does not. Leave one out.`,
    );
  const session = { sessionName: name, accessKeyId, arn };
  const accountId = assumedRoleRef(arn)?.accountId;
  return isRole
    ? { kind: 'role-session', roleId: roleIdOf(id), accountId, ...session }
    : { kind: 'federated-user', accountId: id, ...session };
}

/** A role session, given by its ARN. */
interface SessionOfArn {
  readonly arn: string;
  readonly sessionName: string;
  readonly accessKeyId?: string | undefined;
}

/**
 * Returns the question about a session. Default usernames have `-` where the session name has `@`. So the session name
 * is sure only if it has an `@`, or if an access key is given and the name has no `-`.
 */
export function questionOfSession({ arn, sessionName, accessKeyId }: SessionOfArn, roleId: string): WhoisQuestion {
  const isExact = sessionName.includes('@') || (accessKeyId !== undefined && !sessionName.includes('-'));
  if (isExact) return { principal: `${roleId}:${sessionName}`, arn, accessKeyId };
  return { uid: `aws-iam-authenticator:${arn.split(':')[4] ?? ''}:${roleId}`, username: arn, accessKeyId };
}

/**
 * Returns the session if its ARN is all that the question states. Undefined if the question states more, or the ARN of
 * something else.
 */
export function sessionAlone({
  arn,
  ...others
}: WhoisQuestion): (SessionOfArn & { readonly role: RoleRef }) | undefined {
  const session = assumedRoleRef(arn);
  if (arn === undefined || session === undefined || Object.values(others).some((each) => each !== undefined))
    return undefined;
  return { arn, sessionName: session.sessionName, role: session };
}

/**
 * Returns whether the caller is known only by an access key. CloudTrail must then show which session the key belongs
 * to.
 */
export function isKeyAlone(caller: Caller): boolean {
  return caller.roleId === undefined && caller.kind === 'role-session' && caller.accessKeyId !== undefined;
}
