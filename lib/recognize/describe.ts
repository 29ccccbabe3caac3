import { actionText } from '../audit/action.ts';
import type { AuditRequest } from '../audit/audit-event.ts';
import { objectText } from '../audit/object-text.ts';
import { isAccountId } from '../identity/arn.ts';
import { isInstanceId } from '../identity/session-name.ts';
import { DAY, epochMillis, formatInstant } from '../time.ts';
import { isWorkloadArn } from './shown-name.ts';
import type { CallerQuestion, Circumstances, ClockTime, Subject } from './subject.ts';

/** The maximum number of characters of a value that is shown. A user agent, a URI or a name can be very long. */
const LONGEST = 200;

/**
 * Returns a phrase for what the text says about a request: action, time, response code and source. For example `delete
 * pods payments/payments-api-5f77 on cluster prod at 2026-03-10T15:03:03Z, response code 200, from 203.0.113.7 with
 * kubectl/v1.29`. Empty if the text says nothing of this. The source IP is the last one, because clients can write the
 * others. Escape it before you show it.
 */
export function describeRequest(circumstances: Circumstances): string {
  const head = [
    doneBy(circumstances),
    circumstances.names && cut(namesText(circumstances.names)),
    circumstances.cluster && `on cluster ${cut(circumstances.cluster)}`,
    when(circumstances),
  ]
    .filter(isFilled)
    .join(' ');
  const ip = circumstances.sourceIps?.at(-1);
  const agent = circumstances.userAgent?.split(/\s/, 1)[0];
  const origin = [ip && `from ${cut(ip)}`, agent && `with ${cut(agent)}`].filter(isFilled).join(' ');
  const token = tokenText(circumstances);
  const witness = circumstances.handedOverBy && `reported by account ${cut(circumstances.handedOverBy)}`;
  return [
    head,
    circumstances.code === undefined ? '' : `response code ${circumstances.code}`,
    origin,
    token,
    witness,
    ...grantOf(circumstances),
  ]
    .filter(isFilled)
    .join(', ');
}

/** Returns a phrase for the requests with these names: `with the name ana`, `by somebody of account 111122223333`. */
export function namesText(names: readonly string[]): string {
  const [accounts, others] = [names.filter(isAccountId), names.filter((name) => !isAccountId(name))];
  return [
    ...(others.length > 0 ? [`with the name ${others.join(' or ')}`] : []),
    ...(accounts.length > 0 ? [`by somebody of account ${accounts.join(' or ')}`] : []),
  ].join(' or ');
}

function tokenText({ credentialId, tokenOf }: Circumstances): string | undefined {
  if (tokenOf === undefined) return credentialId && `with the token ${cut(credentialId)}`;
  const account = tokenOf.account === undefined ? '' : ` for the service account ${cut(tokenOf.account)}`;
  return `with tokens that ${cut(tokenOf.requestedBy)} requested${account}`;
}

function isFilled(text: string | false | undefined): text is string {
  return text !== undefined && text !== false && text !== '';
}

function doneBy(circumstances: Circumstances): string {
  const { request, action, eventName, finding, impersonated, isProcessStart, isOfWorkload, isLogin } = circumstances;
  if (isLogin === true) return 'a login to a cluster';
  const object = request === undefined ? cut(eventName ?? '') : doing(request);
  const call =
    isProcessStart === true
      ? `a process in ${isOfWorkload === true ? 'a pod of ' : ''}${object.replace(/^to /, '')}`
      : object;
  const done = cut(actionText(action));
  const as = impersonated === undefined ? '' : `impersonating ${cut(impersonated)}`;
  const found = finding === undefined ? '' : `(${cut(finding)})`;
  return [done === '' ? call : `${call} (${done})`, as, found].filter(isFilled).join(' ');
}

/** The words for verbs of a question that stand for several verbs of the log (see short-questions.ts). */
const SEVERAL_VERBS: Readonly<Record<string, string>> = {
  change: 'update or patch',
  write: 'create, update or patch',
  modify: 'create, update, patch or delete',
  remove: 'delete or evict',
  read: 'read (get, list or watch)',
};

function doing(request: AuditRequest): string {
  const { verb: stated, resource, name, uri } = request;
  const path = uri?.split('?', 1)[0];
  const meant = stated === 'GET' && path === undefined ? 'read' : stated; // In a question, GET stands for all verbs that read.
  const known = meant !== undefined && Object.hasOwn(SEVERAL_VERBS, meant) ? SEVERAL_VERBS[meant] : meant;
  // Only pods can be evicted.
  const verb = stated === 'remove' && resource !== undefined && resource !== 'pods' ? 'delete' : known;
  if (resource === undefined && path === undefined && name === undefined) {
    const where = request.namespace === undefined ? undefined : `in namespace ${request.namespace}`;
    return cut([verb, where].filter(isFilled).join(' '));
  }
  const object = objectText({ ...request, uri: path });
  return cut(
    resource !== undefined && name === undefined ? [verb, object].filter(isFilled).join(' ') : verbAnd(verb, object),
  );
}

/** Returns a phrase for an action and its object: `delete pods shop/web-0`. Without a verb: `to pods shop/web-0`. */
function verbAnd(verb: string | undefined, what: string | undefined): string {
  return what === undefined ? (verb ?? '') : `${verb ?? 'to'} ${what}`;
}

function when({ at, since, clock }: Circumstances): string | undefined {
  if (clock !== undefined)
    return `at ${clockText(clock)} (${clock.monthAndDay === undefined ? 'date' : 'year'} not stated)`;
  if (at === undefined) return since === undefined ? undefined : `since ${formatInstant(since)}`;
  return since === undefined ? `at ${formatInstant(at)}` : `between ${formatInstant(since)} and ${formatInstant(at)}`;
}

/** Returns a time of day, with the date as far as the text states it: `12:00:03`, `03-10 12:00:03`, `02:00 to 03:00`. */
export function clockText({ ofDay, monthAndDay, isRough, lasts }: ClockTime): string {
  const timeOf = (millis: number, end: number) => formatInstant(epochMillis(Math.trunc(millis))).slice(11, end);
  const time =
    lasts === undefined
      ? timeOf(ofDay, isRough === true ? 16 : -1)
      : `${timeOf(ofDay, 16)} to ${timeOf((ofDay + lasts) % DAY, 16)}`;
  return `${isRough === true ? 'about ' : ''}${monthAndDay === undefined ? '' : `${monthAndDay} `}${time}`;
}

function grantOf({ issuedTo, calledBy }: Circumstances): readonly string[] {
  if (issuedTo === undefined && calledBy === undefined) return [];
  const to = issuedTo === undefined ? [] : [`issued to ${cut(issuedTo)}`];
  return [...to, ...(calledBy === undefined ? [] : [`called by ${cut(calledBy)}`])];
}

/** Returns a phrase for the subject: `the session AROA…:alice with the access key ASIA…`. Escape it before you show it. */
export function describeSubject(subject: Subject): string {
  switch (subject.by) {
    case 'caller':
      return describeCaller(subject.question);
    case 'session':
      return `the session ${cut(subject.sessionName)} of the role ${cut(subject.role)}${withKey(subject.accessKeyId)}`;
    case 'username':
      return `the ${isInstanceId(subject.username) ? 'EC2 instance' : 'username'} ${cut(subject.username)}`;
    case 'role':
      return `the role ${cut(subject.role)}`;
    case 'person':
      return `the ${isWorkload(subject.person) ? 'workload' : 'person'} ${cut(subject.person)}`;
    case 'audit-id':
      return `the audit ID ${cut(subject.auditId)}`;
    case 'event-id':
      return `the CloudTrail event ${cut(subject.eventId)}`;
    case 'request':
      return `requests ${linkTo(subject.circumstances)}${cut(describeRequest(subject.circumstances))}`;
  }
}

/** Returns the words between "requests" and the description of a request: `to` before "delete pods", `that started` before "a process". */
function linkTo({ isProcessStart, request }: Circumstances): string {
  if (isProcessStart === true) return 'that started ';
  const { verb, resource, name, uri } = request ?? {};
  return verb !== undefined || (resource !== undefined && (name ?? uri) === undefined) ? 'to ' : '';
}

/** Returns whether the name belongs to a workload, not to a person. Both are looked up in the same way. */
function isWorkload(name: string): boolean {
  return isWorkloadArn(name) || /^\S+\.amazonaws\.com(?:\.cn)? \(/.test(name) || isInstanceId(name);
}

function describeCaller({ uid, username, principal, sessionName, accessKeyId }: CallerQuestion): string {
  if (principal === undefined && username === undefined) return `the access key ${accessKeyId ?? ''}`;
  const key = withKey(accessKeyId);
  if (principal !== undefined) return `the session ${cut(principal)}${key}`;
  const session = sessionName === undefined ? '' : `, session ${sessionName}`;
  return `the caller ${cut(username ?? '')} (uid ${cut(uid ?? '')}${session})${key}`;
}

function withKey(accessKeyId: string | undefined): string {
  return accessKeyId === undefined ? '' : ` with the access key ${accessKeyId}`;
}

/** Cuts a text that is too long after a whole word, and appends ` …`. If its last word has 100 characters or more, the word is cut too. */
function cut(text: string): string {
  if (text.length <= LONGEST) return text;
  const begin = text.slice(0, LONGEST);
  return `${begin.replace(/(?<=.{100}) \S*$/s, '')} …`.toWellFormed();
}
