import type { Attribution, Flag, Reason } from '../../lib/attribution/attribution.ts';
import type { Asked } from './advice.ts';

/** Why one may rely on the answer, or how far: never surer than its status, method, reason and flags are. */
export function certainty(attribution: Attribution, asked: Asked): string {
  const later = attribution.provisional ? ' Records that come later could still change it.' : '';
  return `${soFar(attribution, asked)}${later}`;
}

function soFar(attribution: Attribution, asked: Asked): string {
  const { status, reason, flags } = attribution;
  if (status === 'ambiguous') return 'No: several actors could be meant.';
  if (flags.includes('identity-provider-changed'))
    return 'No: whoever changed the identity provider could sign in under this name.';
  const tie = byMethod(attribution, asked);
  return status === 'partial' ? partly(reason, tie) : tie;
}

function byMethod({ method, actor, flags }: Attribution, { hasKey }: Asked): string {
  if (method === 'access-key') return byKey(flags);
  if (method === 'session-start') return bySessionStart(flags);
  if (method === 'direct' && actor?.kind === 'kubernetes-user')
    return "It is a user of another authenticator than AWS's, by that one's word alone: no AWS session has a part in it.";
  if (method === 'direct' && hasKey)
    return 'Yes: the caller acts as itself, and nothing known of the access key contradicts it.';
  if (method === 'direct') return 'Yes: the caller acts as itself.';
  if (method === 'use') return "Yes: CloudTrail's own records of the access key say whose the session is.";
  if (method === 'token') return 'As far as the token: whoever holds it can have made the request.';
  if (method === 'proxy')
    return "Only as far as the proxy: it is the proxy's word, which you configured to be trusted.";
  return byName(flags);
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

/** What is proven ends before the person; these say where in words of their own. */
const PARTLY: Readonly<Partial<Record<Reason, string>>> = {
  'acts-by-delegation': 'Only whose identity was used: who acted with it is not known.',
  'acts-for-impersonated-user': 'Only who made the request: for whom is not known.',
  'grant-not-found': 'Only the account: whoever asked for the session chose its name.',
};

function partly(reason: Reason | undefined, tie: string): string {
  const ofReason = reason && PARTLY[reason];
  if (ofReason !== undefined) return ofReason;
  if (tie.startsWith('Yes: ')) return tie.replace('Yes: ', 'Only up to what is shown: ');
  return `${tie} And only up to what is shown.`;
}
