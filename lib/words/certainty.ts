import type {
  AmbiguousAttribution,
  Attribution,
  FullAttribution,
  Method,
  PartialAttribution,
} from '../attribution/attribution.ts';
import { FLAG_ROWS, type Flag } from '../attribution/flags.ts';
import { type PartialReason, REASON_ROWS } from '../attribution/reasons.ts';
import type { QuestionBasis } from './advice.ts';

/** An answer with one actor or several candidates. Certainty only makes sense for these. */
type AboutSomebody = FullAttribution | PartialAttribution | AmbiguousAttribution;

/** Returns whether the answer has an actor or candidates, so that `certainty` can be called for it. */
export function isAboutSomebody(attribution: Attribution): attribution is AboutSomebody {
  const { status } = attribution;
  return status === 'attributed' || status === 'partial' || status === 'ambiguous';
}

/**
 * Says how certain the answer is and what was checked, in one or two sentences. It is computed from status, method,
 * reason and flags: "Certain: CloudTrail shows this access key being issued to them."
 */
export function certainty(attribution: AboutSomebody, basis: QuestionBasis): string {
  const later = attribution.provisional ? ' Later records can still change this.' : '';
  const further = basis.isComplete === false ? ' Not everything was searched: somebody else is possible.' : '';
  return `${withoutOutlook(attribution, basis)}${later}${further}`;
}

function withoutOutlook(attribution: AboutSomebody, basis: QuestionBasis): string {
  if (attribution.status === 'ambiguous')
    return attribution.candidates.length === 1
      ? 'Not certain: a name leads to this actor, and no record confirms it.'
      : 'Not certain: several actors are possible.';
  const [ofFlag] = attribution.flags.flatMap((flag) => FLAG_ROWS[flag].certainty ?? []);
  if (ofFlag !== undefined) return ofFlag;
  const sentence = BY_METHOD[attribution.method](attribution, basis);
  return attribution.status === 'partial' ? partly(attribution.reason, sentence) : sentence;
}

type CertaintySentence = (attribution: FullAttribution | PartialAttribution, basis: QuestionBasis) => string;

/** For each method, the sentence about what connects the event with the actor. */
const BY_METHOD: Readonly<Record<Method, CertaintySentence>> = {
  'access-key': ({ flags }) => byKey(flags),
  'session-start': ({ flags }) => bySessionStart(flags),
  'web-identity-token': () =>
    'Likely, but not proven: CloudTrail shows a token of this ID being issued to them, but only the username says that AWS issued the token.',
  'session-name': ({ flags }) => byName(flags),
  username: byNameInUsername,
  direct: directly,
  use: () => "Certain: CloudTrail's own records of this access key say whose session it is.",
  token: () => 'Certain only about who requested the token: anyone who holds it can have made the request.',
  proxy: () => 'Only as certain as the proxy: the proxy states this user, and you configured it as trusted.',
};

/**
 * Says what the check of the access key found (CONTRACT, rule 4). If an answer names one person without a flag, no
 * known grant and no known use of that time names anybody else.
 */
function directly(
  { actor: { kind, arn }, flags }: FullAttribution | PartialAttribution,
  { hasKey, isComplete }: QuestionBasis,
): string {
  if (kind === 'kubernetes-user') return 'Not checked against AWS: another authenticator states this user.';
  if (flags.includes('access-key-mismatch'))
    return 'No proof: known records show this access key with somebody else, or with another session.';
  if (hasKey && isComplete === false)
    return 'Likely, but not proven: the uid states this caller, and the access key was not checked.';
  const checked = hasKey ? ', and no CloudTrail record known here shows this access key with anybody else' : '';
  if (kind === 'root' && arn === undefined)
    return `Likely, but not proven: the uid is the root user's${checked}. A federated user's uid can look the same.`;
  return `Certain: this is the user itself, not a session of a role${checked}.`;
}

function byKey(flags: readonly Flag[]): string {
  if (!flags.includes('key-not-listed')) return 'Certain: CloudTrail shows this access key being issued to them.';
  return 'Likely, but not proven: CloudTrail shows this access key being issued, but an earlier hop was matched by session start only.';
}

function bySessionStart(flags: readonly Flag[]): string {
  if (!flags.includes('key-not-listed'))
    return 'Certain: the session of this access key began when the grant was issued, and AWS set the session name.';
  return 'Likely, but not proven: the session of this access key began in the same second as the grant, but no known grant lists the key.';
}

function byName(flags: readonly Flag[]): string {
  if (flags.includes('name-chosen-by-caller'))
    return 'Not proven: matched by session name only. The caller chose that name, and no access key confirms it.';
  return 'Certain by session name: Identity Center set the name, not the caller.';
}

/** Says how certain an answer is if only the username shows the session name. */
function byNameInUsername(attribution: FullAttribution | PartialAttribution): string {
  if (isOfIdentityCenter(attribution)) return BY_ITS_USERNAME;
  const { flags } = attribution;
  return flags.includes('name-chosen-by-caller') ? BY_NAME_IN_USERNAME : byName(flags);
}

/** Returns whether Identity Center issued the session. If so, the caller did not choose its name. */
function isOfIdentityCenter({ actor, chain }: FullAttribution | PartialAttribution): boolean {
  return actor.kind === 'identity-center-user' && chain?.at(-1)?.eventName === 'AssumeRoleWithSAML';
}

const BY_ITS_USERNAME =
  'Not proven: matched by username only. Identity Center set the name, but no access key confirms it.';

const BY_NAME_IN_USERNAME =
  'Not proven: matched only by the session name in the username. The caller chose that name, and no access key confirms it.';

/** Limits the sentence to the proven part of the chain. Some reasons have their own sentence instead. */
function partly(reason: PartialReason, sentence: string): string {
  const ofReason = REASON_ROWS[reason].certainty;
  if (ofReason !== undefined) return ofReason;
  if (sentence.startsWith('Certain: ')) return sentence.replace('Certain: ', 'Certain only up to the identity shown: ');
  return `${sentence} The chain is known only up to the identity shown.`;
}

/** For each method, the words for it. Filters, JSON and CSV use its code instead. */
const METHOD_WORDS: Readonly<Record<Exclude<Method, 'direct'>, string>> = {
  'access-key': 'access key',
  'session-start': 'session start',
  'web-identity-token': 'web identity token',
  'session-name': 'session name',
  username: 'username',
  use: 'use of the access key',
  token: 'token',
  proxy: 'trusted proxy',
};

/** Returns what the method matches, in words: `access key`. */
export function methodWords(method: Exclude<Method, 'direct'>): string {
  return METHOD_WORDS[method];
}

/** Returns how the actor was found, or how a grant was matched: `by access key`, `directly`. */
export function byMethod(method: Method): string {
  return method === 'direct' ? 'directly' : `by ${methodWords(method)}`;
}
