import type { EpochMillis } from '../time.ts';

export type Clock = () => EpochMillis;
