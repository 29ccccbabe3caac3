import { SHARDS } from '../../lib/claims/due-list.ts';
import { QUOTAS } from './quotas.ts';
import type { Trail } from './service.ts';

/** The setup to simulate: a load that begins at once and stays, on new tables. */
export interface Setup {
  /** Events that pass the subscription's filter, of all clusters together. */
  readonly eventsPerSecond: number;
  readonly clusters: number;
  /** Accounts with equal clusters. One of them is the hub's; the others hand over. */
  readonly accounts: number;
  readonly trail: Trail;
  readonly eventsPerSession: number;
  /** Time from a session's first event to its last. */
  readonly sessionMinutes: number;
  /** Length of the load. Work that is open afterwards continues for an hour at most. */
  readonly minutes: number;
  /** Shares of all events, 0 to 1. */
  readonly busiest: { readonly actor: number; readonly session: number; readonly namespace: number };
  /** Share of sessions that no STS record lists, such as the console's, and of those whose record EventBridge loses. */
  readonly unlisted: number;
  readonly lost: number;
  readonly relief: Relief;
  /** Invented sessions that one account sends beside the others, from the fifth minute on. None has a grant. */
  readonly flood?: { readonly sessionsPerSecond: number; readonly minutes: number };
  readonly seed: number;
}

/** Measures against overload. `built` in docs/scale.md says which of them exist. */
export interface Relief {
  /**
   * A stream between CloudWatch Logs and ingest: deliveries are gathered over clusters, and wait instead of failing.
   */
  readonly kinesis: boolean;
  /** Number of endings of busy keys in the indexes, instead of the service's own. */
  readonly endings: number | undefined;
  /** Number of shards of due claims, instead of the service's own. */
  readonly shards: number;
  /** Whether accounts take turns in settle, as they do. Without turns, the claim that has been due longest comes first. */
  readonly turns: boolean;
  /** Whether the tables were warmed up before, with a higher quota. */
  readonly warm: boolean;
  readonly lambdaConcurrency: number;
}

const NO_RELIEF: Relief = {
  kinesis: false,
  endings: undefined,
  shards: SHARDS,
  turns: true,
  warm: false,
  lambdaConcurrency: QUOTAS.lambdaConcurrency,
};

const USUAL: Setup = {
  eventsPerSecond: 10,
  clusters: 10,
  accounts: 1,
  trail: 'eventbridge',
  eventsPerSession: 50,
  sessionMinutes: 30,
  minutes: 60,
  busiest: { actor: 0.05, session: 0.02, namespace: 0.05 },
  unlisted: 0.01,
  lost: 0.001,
  relief: NO_RELIEF,
  seed: 20_261_127,
};

export type PartialSetup = Partial<Omit<Setup, 'relief'>> & { readonly relief?: Partial<Relief> };

export function setup({ relief = {}, ...given }: PartialSetup): Setup {
  return { ...USUAL, ...given, relief: { ...NO_RELIEF, ...relief } };
}
