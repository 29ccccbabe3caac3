import type { ActingCaller, ImpersonatedUser } from '../audit/caller.ts';
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
  /** An anonymous caller was let in where nobody is: see `isAnonymousAccess`. */
  readonly anonymousAccess?: true | undefined;
  readonly cluster?: string | undefined;
  /** The account that handed it over: tokens that this account handed over count for it too. */
  readonly handedOverBy?: string | undefined;
  /** The caller's session names, where they were read before: who asks the rules several times reads them once. */
  readonly read?: ReadNames | undefined;
}

export interface ReadAction extends Action {
  readonly read: ReadNames;
}

/** What the rules need besides the action. `settled`: no later grant is waited for, the answer is the last one. */
export interface Known {
  readonly index: GrantIndex;
  readonly settings: AttributionSettings;
  readonly settled: boolean;
  /** Told with what the action's moment is compared: between which moments the answer stays the same. */
  readonly span?: MomentSpan | undefined;
}

export interface Learnt {
  /** The grant's own name, where the username shows it, perhaps with `@` as `-`. */
  readonly sessionName?: string;
  /** The first of nested impersonated users, as a trusted proxy says. */
  readonly original?: string;
}

/** The attribution, and what else the record is to show by what was learnt. */
export interface Answer {
  readonly attribution: Attribution;
  readonly learnt?: Learnt;
}
