import { DAY, type EpochMillis, epochMillis, MINUTE } from '../time.ts';

/**
 * The kinds of things that are heard: `source`, the CloudTrail of an account and Region; `cluster`, the audit log of a
 * cluster.
 */
export const HEARD_KINDS = ['source', 'cluster'] as const;
export type HeardKind = (typeof HEARD_KINDS)[number];

/** The times at which a source or a cluster was heard. They are times of its events, unless a field says otherwise. */
export interface Heartbeat {
  readonly kind: HeardKind;
  /** The account and Region of a source, `111122223333 eu-west-1`, or the cluster key. */
  readonly id: string;
  readonly first: EpochMillis;
  readonly last: EpochMillis;
  /** The time at which the service last received anything from it. */
  readonly heardAt: EpochMillis;
  /** The time from the oldest event of the last delivery to its arrival, in milliseconds. */
  readonly lag: number;
  /** The longest pauses of the last days, in the order of time. */
  readonly pauses: readonly Pause[];
}

interface Span {
  readonly from: EpochMillis;
  readonly to: EpochMillis;
}

/** A time of half an hour or longer without an event. */
export interface Pause extends Span {
  /** Whether it was longer than is usual for the source or cluster. */
  readonly isSilence: boolean;
}

/** The shortest pause that counts, in milliseconds. */
export const SHORTEST_PAUSE = 30 * MINUTE;
/** How long a pause counts as an example of a usual pause, in milliseconds. */
const USUAL = 7 * DAY;
/**
 * The time for which pauses are kept, in milliseconds. It is longer than `USUAL`, so that a late event can end a
 * silence, and a source's silence can come again.
 */
const KEPT = 14 * DAY;
const MOST_PAUSES = 32;
/** A silence must be this many times as long as each pause before it. */
const LONGER_THAN_USUAL = 2;
/**
 * How long after the first event the usual length of pauses is not known yet, in milliseconds. A pause that begins in
 * this time is a silence only if it lasts at least as long as this time.
 */
const LEARNING = DAY;

/**
 * Returns the heartbeat after events of these times arrived. A late event ends the pause in which it lies. Times in the future do not
 * count. Returns undefined if none was ever heard.
 */
export function heard(
  before: Heartbeat | undefined,
  { kind, id }: Pick<Heartbeat, 'kind' | 'id'>,
  times: readonly EpochMillis[],
  now: EpochMillis,
): Heartbeat | undefined {
  const past = times.filter((at) => at <= now).toSorted((a, b) => a - b);
  const [oldest] = past;
  if (oldest === undefined) return before;
  const first = before?.first ?? oldest;
  let last = before?.last ?? oldest;
  let pauses = before?.pauses ?? [];
  for (const at of past) {
    const pause = { from: last, to: at };
    if (isLong(pause))
      pauses = [...pauses, { ...pause, isSilence: isSilence({ kind, first, pauses }, pause, SHORTEST_PAUSE) }];
    else if (at < last) pauses = pauses.flatMap((each) => splitAt(each, at));
    last = epochMillis(Math.max(last, at));
  }
  return { kind, id, first, last, heardAt: now, lag: now - oldest, pauses: longest(pauses, last) };
}

/** Returns the heartbeat after events of these times arrived long after they happened: they only end the pauses in which they lie. */
export function filled(before: Heartbeat, times: readonly EpochMillis[]): Heartbeat {
  const pauses = times.reduce((left, at) => left.flatMap((pause) => splitAt(pause, at)), before.pauses);
  return { ...before, pauses };
}

/** Returns whether events of these times change the pauses, so that they must be noted at once. */
export function changesPauses(heartbeat: Heartbeat, times: readonly EpochMillis[]): boolean {
  return endsPause(heartbeat, times) || times.some((at) => at - heartbeat.last >= SHORTEST_PAUSE);
}

/** Returns whether an event of these times lies in a pause. */
export function endsPause({ pauses }: Heartbeat, times: readonly EpochMillis[]): boolean {
  return times.some((at) => pauses.some((pause) => isWithin(pause, at)));
}

/** Returns whether the time lies within the span, and not at its ends. */
export function isWithin({ from, to }: Span, at: EpochMillis): boolean {
  return from < at && at < to;
}

function splitAt(pause: Pause, at: EpochMillis): Pause[] {
  if (!isWithin(pause, at)) return [pause];
  return [
    { ...pause, to: at },
    { ...pause, from: at },
  ].filter(isLong);
}

function isLong({ from, to }: Span): boolean {
  return to - from >= SHORTEST_PAUSE;
}

/** Returns the longest of the pauses that are not too old, in the order of time. */
function longest(pauses: readonly Pause[], last: EpochMillis): readonly Pause[] {
  const recent = pauses.filter(({ to }) => to >= last - KEPT).toSorted((a, b) => a.from - b.from);
  if (recent.length <= MOST_PAUSES) return recent;
  const kept = new Set(byLength(recent).slice(0, MOST_PAUSES));
  return recent.filter((pause) => kept.has(pause));
}

/**
 * Returns whether a pause is longer than usual: at least `shortest` milliseconds, and twice as long as every usual
 * pause before it. A pause that began in the first day always counts as usual, because nothing is known before it. A
 * silence of a source of grants counts as usual only after a second one: answers by name depend on the trail, and
 * somebody could stop it twice.
 */
function isSilence(
  { kind, first, pauses }: Pick<Heartbeat, 'kind' | 'first' | 'pauses'>,
  { from, to }: Span,
  shortest: number,
): boolean {
  const isEarly = (pause: Pick<Span, 'from'>) => pause.from < first + LEARNING;
  if (to - from < Math.max(shortest, SHORTEST_PAUSE, isEarly({ from }) ? LEARNING : 0)) return false;
  const before = pauses.filter((pause) => pause.to <= from);
  const ofWeek = before.filter((pause) => pause.to >= from - USUAL);
  const isUsual = (pause: Pause) => !pause.isSilence || isEarly(pause);
  const usual = kind === 'cluster' ? ofWeek : [...ofWeek.filter(isUsual), ...repeated(before)];
  return usual.every((pause) => to - from >= LONGER_THAN_USUAL * (pause.to - pause.from));
}

/** Returns the silences without the longest one. The longest has not come again. */
function repeated(pauses: readonly Pause[]): readonly Pause[] {
  return byLength(pauses.filter(({ isSilence }) => isSilence)).slice(1);
}

/** Orders pauses by length, the longest first. */
function byLength(pauses: readonly Pause[]): readonly Pause[] {
  return pauses.toSorted((a, b) => b.to - b.from - (a.to - a.from));
}

/** The limits for a silence that still lasts, in milliseconds. */
export interface SilenceLimits {
  /** How long it must last. */
  readonly shortest: number;
  /** How late events arrive at most, usually. */
  readonly late: number;
}

/** Returns the time at which the source or cluster became silent. Undefined if it is not silent, or if the pause may be usual. */
export function silentSince(
  heartbeat: Heartbeat,
  now: EpochMillis,
  { shortest, late }: SilenceLimits,
): EpochMillis | undefined {
  const { last } = heartbeat;
  return isSilence(heartbeat, { from: last, to: epochMillis(now - late) }, shortest) ? last : undefined;
}
