import { computed, signal } from '@preact/signals';
import { DAY, epochMillis, formatInstant, HOUR, MINUTE, parseInstant } from '../../../lib/time.ts';
import type { RecordsAnswer } from './answers.ts';
import { ApiProblem, ask } from './api.ts';
import { change, type PlaceParams, place } from './place.ts';
import { endOfTime, type Span } from './spans.ts';

/** The time range of all views, in milliseconds since the epoch. */
export interface Range extends Span {
  /** The length of a range that moves with time, such as `24h`. Undefined if the user chose both ends. */
  readonly last: string | undefined;
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY };
/** The ranges that the dialog offers. */
export const LASTS = ['15m', '1h', '2h', '6h', '24h', '7d', '30d'] as const;
const DEFAULT_LAST = '24h';

/**
 * The end of relative ranges, in milliseconds since the epoch. It is the time of this machine. If the newest record is
 * more than a day old, it is the time of that record: `npm start` can have logs of another year.
 */
export const serviceNow = signal<number>(Date.now());

/** Returns the milliseconds of a length such as `2h`, or undefined for any other text. */
function lengthOf(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const each = UNITS[unit ?? ''];
  return count === undefined || each === undefined || Number(count) === 0 ? undefined : Number(count) * each;
}

/** The current time range, from the address. */
export const range = computed<Range>(() => {
  const { params } = place.value;
  const from = instantIn('from');
  const to = instantIn('to');
  if (from !== undefined && to !== undefined && from < to) return { from, to, last: undefined };
  const text = params.get('last') ?? '';
  const last = lengthOf(text) === undefined ? DEFAULT_LAST : text;
  const end = serviceNow.value;
  return { from: end - (lengthOf(last) ?? 0), to: end, last };

  function instantIn(name: string): number | undefined {
    const text = params.get(name);
    return text === null ? undefined : parseInstant(text);
  }
});

/**
 * Returns the API's parameters for a time range. A range that moves with time has no end, to include the newest
 * records.
 */
export function timeParams({ from, to, last }: Range): readonly (readonly [name: string, value: string])[] {
  const start = ['from', formatInstant(epochMillis(from))] as const;
  return last === undefined ? [start, ['to', formatInstant(epochMillis(to))]] : [start];
}

/** Returns the parameters of the address for a fixed time range. */
export function fixedRange({ from, to }: Span): PlaceParams {
  return {
    from: formatInstant(epochMillis(Math.floor(from))),
    to: formatInstant(epochMillis(Math.ceil(to))),
    last: null,
  };
}

/** Sets the time range of all views. */
export function setRange(span: Span): void {
  change(fixedRange(span));
}

/** Sets a time range that ends now, such as `24h`. */
export function setLast(last: string): void {
  change({ last, from: null, to: null });
}

/** Sets the time range that ends now and is closest in length to the current one. */
export function setLive(): void {
  const { from, to, last } = range.value;
  const nearest = LASTS.toSorted((a, b) => distance(a) - distance(b))[0];
  setLast(last ?? nearest ?? DEFAULT_LAST);

  function distance(each: string): number {
    return Math.abs(Math.log((lengthOf(each) ?? 1) / (to - from)));
  }
}

/** The time of the newest record, if relative ranges end there. */
export const newestOfOldLogs = signal<number | undefined>(undefined);
/** Whether the end of relative ranges is known. Requests that depend on it wait. */
export const isTimeKnown = signal(false);

/** Runs the function once the end of relative ranges is known. */
export async function whenTimeIsKnown(act: () => void): Promise<void> {
  await learnTime();
  act();
}

let learning: Promise<void> | undefined;

/** Requests the newest record, once. Requests it again if the service refused. */
export function learnTime(): Promise<void> {
  learning ??= loadNewest();
  return learning;
}

async function loadNewest(): Promise<void> {
  isTimeKnown.value = false;
  try {
    const params = [
      ['from', '1970-01-01T00:00:00Z'],
      ['limit', '1'],
    ] as const;
    const { records } = await ask<RecordsAnswer>('/records', params);
    learnNewest(records[0]?.time);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    learning = undefined; // The view's own request is refused too, and shows the reason.
    isTimeKnown.value = true;
  }
}

/** Takes the time of the newest record from an answer of `/known`, or requests it if the answer has none. */
export function takeNewest(newest: string | undefined): void {
  if (newest === undefined) void learnTime();
  else learnNewest(newest);
}

function learnNewest(time = ''): void {
  const newest = parseInstant(time);
  const now = Date.now();
  serviceNow.value = endOfTime(now, newest);
  newestOfOldLogs.value = serviceNow.value === now ? undefined : newest;
  isTimeKnown.value = true;
  learning = Promise.resolve();
}

/** Moves the end of relative ranges: with the clock, or with newer records if ranges end at the newest one. */
export function moveEnd(newest: number | undefined): void {
  const isOld = newestOfOldLogs.value !== undefined;
  serviceNow.value = isOld ? Math.max(serviceNow.value, endOfTime(Date.now(), newest)) : Date.now();
}
