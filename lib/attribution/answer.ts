import type { ActingCaller, ImpersonatedUser } from '../audit/caller.ts';
import type { ClusterKey } from '../identity/cluster.ts';
import type { Attribution } from './attribution.ts';
import type { GrantIndex } from './grant-index.ts';
import type { Moment, MomentSpan } from './moment.ts';
import type { ReadNames } from './names.ts';
import type { AttributionSettings } from './settings.ts';

/** The facts that the rules need from an audit event: who called, for whom, when and where. */
export interface Action {
  readonly caller: ActingCaller;
  readonly impersonated?: ImpersonatedUser | undefined;
  readonly moment: Moment;
  /** Whether an anonymous caller got something that is not public: see `isAnonymousAccess`. */
  readonly anonymousAccess?: true | undefined;
  /** Whether a client that nodes do not use acts as a node: see `isUnusualNodeClient`. */
  readonly unusualNodeClient?: true | undefined;
  /** The cluster of the event. All events without a known cluster share one key. */
  readonly clusterKey: ClusterKey;
  /** The account that handed the event over. Tokens that the same account handed over count for it. */
  readonly handedOverBy?: string | undefined;
  /** The caller's session names, if they were already read. Code that asks the rules several times reads them once. */
  readonly read?: ReadNames | undefined;
}

export interface ReadAction extends Action {
  readonly read: ReadNames;
}

/** The facts that the rules need besides the action. `settled` means that no later grant is expected, so the answer is final. */
export interface RuleContext {
  readonly index: GrantIndex;
  readonly settings: AttributionSettings;
  readonly settled: boolean;
  /** Records which moments the action's moment was compared with: the answer stays the same between them. */
  readonly span?: MomentSpan | undefined;
}

export interface LearnedNames {
  /** The grant's own session name, if the username shows it, perhaps with `-` for `@`. */
  readonly sessionName?: string;
  /** The first of nested impersonated users, as a trusted proxy states it. */
  readonly original?: string;
}

/** An attribution, and what else the record shows because of what was learned. */
export interface Answer {
  readonly attribution: Attribution;
  readonly learnt?: LearnedNames;
}
