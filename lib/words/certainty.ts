import type { Actor } from '../attribution/actor.ts';
import type { Ambiguous, Attributed, Attribution, Method, PartlyAttributed } from '../attribution/attribution.ts';
import { FLAG_ROWS, type Flag } from '../attribution/flags.ts';
import { type PartialReason, REASON_ROWS } from '../attribution/reasons.ts';
import type { QuestionBasis } from './advice.ts';

/** An answer that names an actor, or several: others have nothing that one could rely on. */
type AboutSomebody = Attributed | PartlyAttributed | Ambiguous;

export function isAboutSomebody(attribution: Attribution): attribution is AboutSomebody {
  const { status } = attribution;
  return status === 'attributed' || status === 'partial' || status === 'ambiguous';
}

/** Why one may rely on the answer, or how far: never surer than its status, method, reason and flags are. */
export function certainty(attribution: AboutSomebody, asked: QuestionBasis): string {
  const later = attribution.provisional ? ' Records that come later could still change it.' : '';
  return `${soFar(attribution, asked)}${later}`;
}

function soFar(attribution: AboutSomebody, asked: QuestionBasis): string {
  if (attribution.status === 'ambiguous')
    return attribution.candidates.length === 1
      ? 'No: a name leads to this actor, and nothing confirms it.'
      : 'No: several actors could be meant.';
  const [ofFlag] = attribution.flags.flatMap((flag) => FLAG_ROWS[flag].certainty ?? []);
  if (ofFlag !== undefined) return ofFlag;
  const tie = BY_METHOD[attribution.method](attribution, asked);
  return attribution.status === 'partial' ? partly(attribution.reason, tie) : tie;
}

type Tie = (attribution: Attributed | PartlyAttributed, asked: QuestionBasis) => string;

/** What ties the event to the actor, by the method of the answer. */
const BY_METHOD: Readonly<Record<Method, Tie>> = {
  'access-key': ({ flags }) => byKey(flags),
  'session-start': ({ flags }) => bySessionStart(flags),
  'session-name': ({ flags }) => byName(flags),
  username: ({ flags }) => byName(flags),
  direct: ({ actor }, asked) => directly(actor, asked),
  use: () => "Yes: CloudTrail's own records of the access key say whose the session is.",
  token: () => 'As far as the token: whoever holds it can have made the request.',
  proxy: () => "Only as far as the proxy: it is the proxy's word, which you configured to be trusted.",
};

function directly({ kind }: Actor, { hasKey }: QuestionBasis): string {
  if (kind === 'kubernetes-user')
    return "It is a user of another authenticator than AWS's, by that one's word alone: no AWS session has a part in it.";
  if (hasKey) return 'Yes: the caller acts as itself, and nothing known of the access key contradicts it.';
  return 'Yes: the caller acts as itself.';
}

function byKey(flags: readonly Flag[]): string {
  if (!flags.includes('key-not-listed')) return 'Yes: a grant issued the very access key.';
  return 'Nearly: a grant issued the very access key, but the chain before it has a link found by session-start.';
}

function bySessionStart(flags: readonly Flag[]): string {
  if (!flags.includes('key-not-listed')) return "Yes: the key's own records begin when the grant was made.";
  return "Nearly: the key's own records begin in the very second of the grant, but no grant lists the key.";
}

function byName(flags: readonly Flag[]): string {
  if (flags.includes('name-chosen-by-caller'))
    return 'Only as far as the name: no access key ties the event to the grant.';
  return "Yes, by the session's name: Identity Center set it, not the caller.";
}

/** What is proven ends before the person; some reasons say where in words of their own. */
function partly(reason: PartialReason, tie: string): string {
  const ofReason = REASON_ROWS[reason].certainty;
  if (ofReason !== undefined) return ofReason;
  if (tie.startsWith('Yes: ')) return tie.replace('Yes: ', 'Only up to what is shown: ');
  return `${tie} And only up to what is shown.`;
}
