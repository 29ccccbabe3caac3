import type { ActingCaller, ImpersonatedUser } from '../audit/caller.ts';
import type { ClusterKey } from '../identity/cluster.ts';
import type { Attribution } from './attribution.ts';
import type { GrantIndex } from './grant-index.ts';
import type { Moment, MomentSpan } from './moment.ts';
import type { ReadNames } from './names.ts';
import type { AttributionSettings } from './settings.ts';

/** What the rules need of an audit event: who called, for whom, when and where. */
export interface Action {
  readonly caller: ActingCaller;
  readonly impersonated?: ImpersonatedUser | undefined;
  readonly moment: Moment;
  /** True if an anonymous caller got something that is not public (`isAnonymousAccess`). */
  readonly anonymousAccess?: true | undefined;
  /** True if the client is one that nodes do not use, but acts as a node (`isUnusualNodeClient`). */
  readonly unusualNodeClient?: true | undefined;
  /** The cluster of the event. Events whose cluster is not known share one key. */
  readonly clusterKey: ClusterKey;
  /** The account that handed the event over. Tokens that this account handed over are believed for the event. */
  readonly handedOverBy?: string | undefined;
  /** The caller's possible session names, if they were read before. Code that asks the rules several times reads them once. */
  readonly read?: ReadNames | undefined;
}

export interface ReadAction extends Action {
  readonly read: ReadNames;
}

/** What the rules need besides the action. If `settled` is true, no later grant is expected, so the answer is final. */
export interface RuleContext {
  readonly index: GrantIndex;
  readonly settings: AttributionSettings;
  readonly settled: boolean;
  /** Records with which moments the action's moment was compared. Between these, the answer stays the same. */
  readonly span?: MomentSpan | undefined;
}

export interface LearnedNames {
  /** The session name as the grant has it, if the username shows it. The username may have `-` for `@`. */
  readonly sessionName?: string;
  /** If a trusted proxy states nested impersonated users, the first of them. */
  readonly original?: string;
}

/** An attribution, and names that were learned by it. The record shows these too. */
export interface Answer {
  readonly attribution: Attribution;
  readonly learnt?: LearnedNames;
}
