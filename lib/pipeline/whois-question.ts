import type { Answer } from '../attribution/attribute.ts';
import type { KnownGrants } from '../attribution/known-grants.ts';
import type { Moment } from '../attribution/moment.ts';
import type { AttributionSettings } from '../attribution/settings.ts';
import { type Caller, parseCaller } from '../audit/caller.ts';
import { LONGEST_CREDENTIALS } from '../cloudtrail/grant.ts';
import type { Use } from '../cloudtrail/use.ts';
import { isTemporaryKey, accessKeyId as readAccessKeyId } from '../identity/access-key.ts';
import { parseSessionPrincipal } from '../identity/session-name.ts';

/** Whom somebody asks about; each field as a person or a program wrote it. */
export interface WhoisQuestion {
  readonly uid?: string | undefined;
  readonly username?: string | undefined;
  /** `AROA…:<session name>`, or `<account>:<name>` of a federated user. */
  readonly principal?: string | undefined;
  readonly accessKeyId?: string | undefined;
}

/** What is wrong with a question: which parameter, and what it should be. */
export class WhoisQuestionError extends Error {
  readonly code = 'whois-question';
  readonly parameter: keyof WhoisQuestion;

  constructor(parameter: keyof WhoisQuestion, message: string) {
    super(message);
    this.parameter = parameter;
  }
}

/**
 * The caller that the question describes, as an audit event would.
 * @throws WhoisQuestionError where it describes none.
 */
export function callerOfQuestion({ uid, username, principal, accessKeyId }: WhoisQuestion): Caller {
  const key = readAccessKeyId(accessKeyId);
  if (accessKeyId !== undefined && key === undefined) {
    throw new WhoisQuestionError('accessKeyId', `"${accessKeyId}" is no access key id: those are AKIA… or ASIA….`);
  }
  if (username === '') throw new WhoisQuestionError('username', 'It is empty: take it from the audit event.');
  if (uid !== undefined && principal !== undefined) {
    throw new WhoisQuestionError('principal', 'Ask by uid and username, or by principal, not by both.');
  }
  if (principal !== undefined && username !== undefined) {
    throw new WhoisQuestionError('username', 'A username belongs to a uid: leave it out beside a principal.');
  }
  if (principal !== undefined) return callerOfPrincipal(principal, key);
  if (uid !== undefined) {
    if (username === undefined) throw new WhoisQuestionError('username', 'A uid needs the username beside it.');
    return parseCaller({ uid, username, ...(key !== undefined && { extra: { accessKeyId: [key] } }) });
  }
  if (username !== undefined) throw new WhoisQuestionError('uid', 'A username needs the uid beside it.');
  if (key === undefined)
    throw new WhoisQuestionError('uid', 'Ask by uid and username, by principal, by access key id, or by audit id.');
  return { kind: 'role-session', accessKeyId: key };
}

function callerOfPrincipal(text: string, accessKeyId: string | undefined): Caller {
  const principal = parseSessionPrincipal(text);
  if (principal !== undefined && /^AROA[A-Z0-9]+$/.test(principal.id) && principal.name !== '') {
    return { kind: 'role-session', roleId: principal.id, sessionName: principal.name, accessKeyId };
  }
  if (principal !== undefined && /^\d{12}$/.test(principal.id) && principal.name !== '') {
    const { id: accountId, name: sessionName } = principal;
    return { kind: 'federated-user', accountId, sessionName, accessKeyId };
  }
  throw new WhoisQuestionError(
    'principal',
    `"${text}" is no session: give AROA…:<session name>, as CloudTrail's principalId.`,
  );
}

/** Whether only a key is known: of which session it is, the records have to tell. */
export function isKeyAlone(caller: Caller): boolean {
  return caller.roleId === undefined && caller.kind === 'role-session' && caller.accessKeyId !== undefined;
}

/**
 * The IAM user or root user whose own key it is (long-term, or of GetSessionToken), by the records that it signed. A
 * temporary key can be issued again after years (FACTS): what it signed counts where it can have been valid then.
 * Undefined where the records show no such user, or several.
 */
export function userOfKey(
  accessKeyId: string,
  known: KnownGrants,
  moment: Moment,
  { beforeIssue, afterExpiry }: AttributionSettings,
): Answer | undefined {
  const isMeant = ({ began }: Use) => {
    if (moment === 'any' || !isTemporaryKey(accessKeyId)) return true;
    if (moment === 'unreadable' || began === undefined) return false;
    return moment >= began - beforeIssue && moment <= began + LONGEST_CREDENTIALS + afterExpiry;
  };
  const uses = known.usesOfKey(accessKeyId).filter(isMeant);
  const [principalId, ...others] = new Set(uses.map((use) => use.principalId));
  if (principalId === undefined || others.length > 0) return undefined;
  const accountId = uses[0]?.accountId;
  const isUser = principalId.startsWith('AIDA');
  if (!isUser && principalId !== accountId) return undefined;
  const name = isUser ? known.userOf(principalId)?.name : 'root';
  const kind = isUser ? 'iam-user' : 'root';
  const actor = { kind, ...(name && { name }), ...(accountId && { accountId }), principalId } as const;
  return { attribution: { status: 'attributed', method: 'direct', provisional: false, flags: [], actor } };
}
