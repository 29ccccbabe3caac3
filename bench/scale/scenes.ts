import { SHARDS } from '../../lib/claims/due-list.ts';
import type { PartialSetup } from './setup.ts';

/** The scenes to simulate, by name. One thing changes in each row. */
export type Scenes = readonly (readonly [name: string, given: PartialSetup])[];

const RATES = [10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000];
const CLUSTERS = [1, 10, 100, 1_000];
const ACCOUNTS = [1, 10, 100, 500];
const USUAL_CLUSTERS = 100;

/** Every relief, in the amount that 100,000 events a second need. */
const ALL = { kinesis: true, endings: 16, warm: true, lambdaConcurrency: 5_000 };

export const RATE = 'rate';
export const RELIEVED = 'rate, relieved';

export const SCENES: Scenes = [
  ...RATES.map((eventsPerSecond) => [RATE, { eventsPerSecond, clusters: USUAL_CLUSTERS }] as const),
  ...CLUSTERS.map((clusters) => ['clusters', { eventsPerSecond: 1_000, clusters }] as const),
  ...ACCOUNTS.map((accounts) => ['accounts', { eventsPerSecond: 100, clusters: 500, accounts }] as const),
  ...ACCOUNTS.map(
    (accounts) =>
      ['accounts without a trail', { eventsPerSecond: 3, clusters: 500, accounts, trail: 'lookups-only' }] as const,
  ),
  ...RATES.slice(0, 4).map(
    (eventsPerSecond) => ['rate without a trail', { eventsPerSecond, clusters: 100, trail: 'lookups-only' }] as const,
  ),
  ...[1, 4, 64].map(
    (shards) => ['shards', { eventsPerSecond: 1_000, clusters: USUAL_CLUSTERS, relief: { shards } }] as const,
  ),
  ['warm tables', { eventsPerSecond: 10_000, clusters: USUAL_CLUSTERS, relief: { warm: true, shards: 256 } }],
  ['a stream', { eventsPerSecond: 10_000, clusters: USUAL_CLUSTERS, relief: { kinesis: true, shards: 256 } }],
  [
    'more endings',
    { eventsPerSecond: 100_000, clusters: 1_000, relief: { ...ALL, endings: undefined, shards: 2_048 } },
  ],
  ...RATES.map(
    (eventsPerSecond) =>
      [
        RELIEVED,
        {
          eventsPerSecond,
          clusters: USUAL_CLUSTERS,
          relief: { ...ALL, shards: Math.max(SHARDS, Math.ceil(eventsPerSecond / 50)) },
        },
      ] as const,
  ),
];

/** Scenes that take only seconds. */
export const QUICK: Scenes = [100, 1_000].flatMap((eventsPerSecond) => [
  [RATE, { eventsPerSecond, clusters: 20, minutes: 20 }] as const,
  [RELIEVED, { eventsPerSecond, clusters: 20, minutes: 20, relief: { shards: 64 } }] as const,
]);
