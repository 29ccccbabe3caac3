import type { Actor } from '../../lib/attribution/actor.ts';
import { actorFields, actorName } from '../../lib/attribution/actor-names.ts';
import type {
  Attribution,
  Candidate,
  ChainLink,
  Method,
  TokenLink,
  UseLink,
} from '../../lib/attribution/attribution.ts';
import type { Flag } from '../../lib/attribution/flags.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { awsStaffOf } from '../../lib/identity/aws-staff.ts';
import { isWorkloadAccount } from '../../lib/identity/service-account.ts';
import { type JsonObject, objectAt, textAt } from '../../lib/json.ts';
import { type KeyUses, keyUsesText } from '../../lib/usecases/query/anything/key-uses.ts';
import { adviceOf, ambiguousAdvice, EMPTY_BASIS, flagText, type QuestionBasis } from '../../lib/words/advice.ts';
import { byMethod, certainty, isAboutSomebody } from '../../lib/words/certainty.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { kindWords } from '../../lib/words/kind-words.ts';
import { placeText, productOf, type RequestOrigin, usedFrom } from '../../lib/words/used-from.ts';
import { callerText, howMany, sharedIdHead, sharedRequests, shownOfShared } from './shared-id-text.ts';

/** An answer about one session or audit event. For an audit ID, also the caller and the records that have the ID. */
export interface SessionAnswer {
  readonly attribution: Attribution;
  readonly caller?: JsonObject | undefined;
  readonly records?: readonly AuditRecord[] | undefined;
  /** The origin of the request. It is compared with the grant. */
  readonly source?: RequestOrigin | undefined;
  /** The requests in the audit log that used the access key. */
  readonly keyUses?: KeyUses | undefined;
  /** Unidentified callers who may also have done it, in words. */
  readonly others?: readonly string[] | undefined;
  /**
   * The values in the question. Advice does not ask for values that were given, or that the event does not have.
   */
  readonly basis?: QuestionBasis | undefined;
  /** Whether CloudTrail files were read, not AWS itself. */
  readonly isOfFiles?: boolean | undefined;
}

/** Returns the answer as text: the actor, the chain, how certain the answer is, and what to try next. */
export function whoisText(answer: SessionAnswer): string {
  return `${linesOf(answer).map(escapeForTerminal).join('\n')}\n`;
}

function linesOf(answer: SessionAnswer): string[] {
  const { attribution, caller, records, source, keyUses, others = [], basis = EMPTY_BASIS, isOfFiles = false } = answer;
  const { status } = attribution;
  const shared = sharedRequests(records);
  const lines: string[] = [
    ...(shared
      ? [`${sharedIdHead(shared)} ${shownOfShared(shared) === 'one' ? 'One of them' : 'The latest one'}:`, '']
      : []),
    `${headline(attribution, caller)}${others.length === 0 ? '' : ', or somebody else'}`,
  ];
  lines.push(...whoLines(attribution), ...others.flatMap((other) => ['', `or ${other}`]), '');
  if (caller !== undefined) lines.push(field('caller', callerText(caller, status)), ...podLines(caller));
  lines.push(...originLines(attribution, source ?? (shared ? undefined : records?.[0]?.source)));
  lines.push(...keyUseLines(keyUses));
  const { certain, flags, why, next } = guidanceOn({ attribution, basis, isOfFiles });
  const of = shared ? `About ${shownOfShared(shared)} of ${howMany(shared)} with this audit ID. ` : '';
  if (certain !== undefined) lines.push(field('certainty', `${of}${certain}`));
  for (const flag of flags) lines.push(field('flag', flag));
  if (why !== undefined) lines.push(field('why', why));
  if (next !== undefined) lines.push(field('try', next));
  return lines;
}

function keyUseLines(uses: KeyUses | undefined): string[] {
  return uses === undefined ? [] : keyUsesText(uses).map((use, at) => field(at === 0 ? 'uses of the key' : '', use));
}

/** Returns the pod and node that the token of a service account states. */
function podLines(caller: JsonObject): string[] {
  const pod = objectAt(caller, 'pod');
  const [name, node] = [textAt(pod, 'name') ?? textAt(pod, 'uid'), textAt(pod, 'node')];
  return name === undefined ? [] : [field('pod', node === undefined ? name : `${name} on the node ${node}`)];
}

/** Compares where the session was issued with where it was used. */
function originLines(attribution: Attribution, source: RequestOrigin | undefined): string[] {
  const origin = usedFrom(attribution, source);
  return origin === undefined ? [] : [field('origin', origin)];
}

/** Sentences about how far an answer can be trusted, and what to try next. */
interface Guidance {
  readonly certain?: string | undefined;
  /** One warning for each flag. */
  readonly flags: readonly string[];
  /** The reason why there is no better answer. */
  readonly why?: string | undefined;
  readonly next?: string | undefined;
}

/** Returns what a person must know before they act on the answer. */
export function guidanceOn({ attribution, basis = EMPTY_BASIS, isOfFiles = false }: SessionAnswer): Guidance {
  const { status, reason } = attribution;
  const certain = isAboutSomebody(attribution) ? certainty(attribution, basis) : undefined;
  const advice = reason === undefined ? undefined : adviceOf(reason, basis, isOfFiles);
  const flags = attribution.flags.map((flag) => flagText(flag, advice?.why));
  if (advice !== undefined) return { certain, flags, why: `${reason}: ${advice.why}`, next: advice.next };
  if (status === 'ambiguous') return { certain, flags, next: ambiguousAdvice(basis) };
  const isLater = status === 'pending';
  return {
    certain,
    flags,
    next: isLater ? 'Ask again in some minutes: CloudTrail usually delivers within about 15 minutes.' : undefined,
  };
}

function headline(attribution: Attribution, caller: JsonObject | undefined): string {
  const { status } = attribution;
  switch (status) {
    case 'system':
      return `system: ${ownWork(caller, attribution.flags)}`;
    case 'ambiguous':
      return attribution.candidates.length === 1
        ? 'ambiguous: 1 possible actor, by a name that nothing confirms'
        : `ambiguous: one of ${attribution.candidates.length} possible actors`;
    case 'attributed':
    case 'partial': {
      const { actor, method } = attribution;
      return `${actorName(actor)}  (${kindWords(actor.kind)})  ${status}, ${byMethod(method)}`;
    }
    default:
      return `${status}: the actor is ${status === 'pending' ? 'not known yet' : 'unidentified'}`;
  }
}

/**
 * Returns in words who a caller of the status `system` is. A node's credentials do not prove that the node used them.
 */
export function ownWork(caller: JsonObject | undefined, flags: readonly Flag[]): string {
  if (textAt(caller, 'kind') === 'anonymous')
    return 'anonymous: the request was not authenticated, and only its source IP shows where it came from';
  if (flags.includes('unusual-node-client'))
    return "unidentified: a node's credentials were used by a client that nodes do not use";
  const isAccount = textAt(caller, 'kind') === 'kubernetes-service-account';
  if (isAccount && isWorkloadAccount(textAt(caller, 'username'), objectAt(caller, 'pod') !== undefined))
    return 'a service account: the log does not show a person';
  const own =
    textAt(caller, 'kind') === 'kubernetes-node' ? "a node's own credentials" : "the cluster's or AWS's own work";
  return `${awsStaffOf(textAt(caller, 'username')) ?? own}, not a person's IAM session`;
}

/** Returns the lines of the actor and its chain, or of each candidate. */
function whoLines(attribution: Attribution): string[] {
  if (attribution.status === 'ambiguous')
    return attribution.candidates.flatMap((candidate, index) => candidateLines(candidate, index + 1));
  if (attribution.actor === undefined) return [];
  const { actor, chain = [], method } = attribution;
  return [...actorLines(actor), ...useLines(attribution), ...chainLines(chain, method)];
}

function actorLines(actor: Actor): string[] {
  return actorFields(actor).flatMap(([name, value]) => (value === undefined ? [] : [field(name, value)]));
}

/**
 * Returns the lines of the chain, each hop indented: from the actor to the session that the cluster saw. The headline
 * has the method of the last hop. A hop that was not matched by its access key is marked.
 */
function chainLines(chain: readonly ChainLink[], method?: Method): string[] {
  if (chain.length === 0) return [];
  const isInHeadline = (link: ChainLink, at: number) => at === chain.length - 1 && link.joinedBy === method;
  return [
    '',
    'role chain',
    ...chain.flatMap((link, depth) => linkLines(link, '  '.repeat(depth + 1), isInHeadline(link, depth))),
  ];
}

/** A username is matched by the role and the session name in it, as the ARN of a session is. */
const BY_SESSION = 'by role and session name';

function linkLines(link: ChainLink, indent: string, isInHeadline: boolean): string[] {
  if (link.eventName === 'TokenRequest') return tokenLines(link, indent);
  const { eventName, roleArn, roleId, sessionName, accessKeyId, issuedAt, expiresAt, region, eventIds, joinedBy } =
    link;
  const from = placeText(link.sourceIp, productOf(link.userAgent));
  const role = roleArn ?? roleId;
  const session = sessionName === undefined ? '' : ` as "${sessionName}"`;
  const key = accessKeyId === undefined ? '' : `  key ${accessKeyId}`;
  const where = region === undefined ? '' : ` in ${region}`;
  return [
    `${indent}→ ${eventName}${role === undefined ? '' : ` ${role}`}${session}${key}`,
    `${indent}  ${issuedAt} to ${expiresAt}${where}, event ${eventIds.join(', ')}`,
    ...(from === '' ? [] : [`${indent}  called${from}`]),
    ...(isInHeadline || joinedBy === 'access-key'
      ? []
      : [`${indent}  matched ${joinedBy === 'username' ? BY_SESSION : byMethod(joinedBy)}`]),
  ];
}

function tokenLines({ serviceAccount, credentialId, issuedAt, eventIds }: TokenLink, indent: string): string[] {
  return [
    `${indent}→ TokenRequest for ${serviceAccount}  ${credentialId}`,
    `${indent}  ${issuedAt}, audit event ${eventIds.join(', ')}`,
  ];
}

/**
 * Returns the lines about the use that identifies the actor without a grant. Lines about other uses of the access key
 * follow.
 */
function useLines({ use, uses = [] }: Pick<Candidate, 'use' | 'uses'>): string[] {
  return [
    ...(use === undefined ? [] : ['', 'shown by a use of the access key', useLine(use)]),
    ...uses.flatMap((each) => ['', `${each.shows}, shown by`, useLine(each)]),
  ];
}

function useLine({ eventName, eventIds, region, time }: UseLink): string {
  const where = region === undefined ? '' : ` in ${region}`;
  return `  ${eventName}${time === undefined ? '' : `  ${time}`}${where}, event ${eventIds.join(', ')}`;
}

function candidateLines({ actor, chain, ...evidence }: Candidate, number: number): string[] {
  const head = `${number}. ${actorName(actor)}  (${kindWords(actor.kind)})`;
  return ['', head, ...actorLines(actor), ...useLines(evidence), ...chainLines(chain)];
}

function field(name: string, value: string): string {
  return `  ${name.padEnd(16)}${value}`;
}
