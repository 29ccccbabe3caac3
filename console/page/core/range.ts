import { computed, signal } from '@preact/signals';
import { DAY, epochMillis, formatInstant, HOUR, MINUTE, parseInstant } from '../../../lib/time.ts';
import type { RecordsAnswer } from './answers.ts';
import { ApiProblem, ask } from './api.ts';
import { change, type PlaceParams, place } from './place.ts';
import { endOfTime, type Span } from './spans.ts';

/** The times that all views look at, in milliseconds since the epoch. */
export interface Range extends Span {
  /** Moves on with time: `24h`. Absent where somebody chose both ends. */
  readonly last: string | undefined;
}

const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY };
export const LASTS = ['15m', '1h', '2h', '6h', '24h', '7d', '30d'] as const;
const OTHERWISE = '24h';

/**
 * Now, as the service has it: it may run over logs of another year (`npm start`). The service's newest record says it
 * (`learnNewest`), and this machine's clock where that is less than a day behind.
 */
export const serviceNow = signal<number>(Date.now());

/** Milliseconds of `2h`, undefined of what is no length of time. */
function lengthOf(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const each = UNITS[unit ?? ''];
  return count === undefined || each === undefined || Number(count) === 0 ? undefined : Number(count) * each;
}

export const range = computed<Range>(() => {
  const { params } = place.value;
  const from = instantIn('from');
  const to = instantIn('to');
  if (from !== undefined && to !== undefined && from < to) return { from, to, last: undefined };
  const asked = params.get('last') ?? '';
  const last = lengthOf(asked) === undefined ? OTHERWISE : asked;
  const end = serviceNow.value;
  return { from: end - (lengthOf(last) ?? 0), to: end, last };

  function instantIn(name: string): number | undefined {
    const text = params.get(name);
    return text === null ? undefined : parseInstant(text);
  }
});

/** The parameters of a question for the records of that time. What moves on has no end: the newest is wanted. */
export function timeParams({ from, to, last }: Range): readonly (readonly [name: string, value: string])[] {
  const start = ['from', formatInstant(epochMillis(from))] as const;
  return last === undefined ? [start, ['to', formatInstant(epochMillis(to))]] : [start];
}

/** Those of the address for a piece of time that somebody chose. */
export function chosenTime({ from, to }: Span): PlaceParams {
  return {
    from: formatInstant(epochMillis(Math.floor(from))),
    to: formatInstant(epochMillis(Math.ceil(to))),
    last: null,
  };
}

/** All views look at that piece of time from now on. */
export function look(span: Span): void {
  change(chosenTime(span));
}

/** … or at the last hours, up to now. */
export function lookAtLast(last: string): void {
  change({ last, from: null, to: null });
}

/** The last hours up to now, about as long as what is looked at. */
export function lookAtNow(): void {
  const { from, to, last } = range.value;
  const nearest = LASTS.toSorted((a, b) => distance(a) - distance(b))[0];
  lookAtLast(last ?? nearest ?? OTHERWISE);

  function distance(each: string): number {
    return Math.abs(Math.log((lengthOf(each) ?? 1) / (to - from)));
  }
}

/** The time of the service's newest record, where its logs are of another time than now. */
export const newestOfOldLogs = signal<number | undefined>(undefined);
/** Whether it is known where relative times end: nothing that depends on them is asked before. */
export const isTimeKnown = signal(false);

/** Does what depends on where relative times end, once that is known. */
export async function onceTimeIsKnown(act: () => void): Promise<void> {
  await learnTime();
  act();
}

let learning: Promise<void> | undefined;

/** Asks the service for its newest record: once, but again where it was refused. */
export function learnTime(): Promise<void> {
  learning ??= askNewest();
  return learning;
}

async function askNewest(): Promise<void> {
  isTimeKnown.value = false;
  try {
    const asked = [
      ['from', '1970-01-01T00:00:00Z'],
      ['limit', '1'],
    ] as const;
    const { records } = await ask<RecordsAnswer>('/records', asked);
    learnNewest(records[0]?.time);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    learning = undefined; // whatever a view asks is refused too, and says so
    isTimeKnown.value = true;
  }
}

/** What `/known` says of the time, which it is asked for by whom it is not known; the service is asked where it says nothing. */
export function timeIsTold(newest: string | undefined): void {
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

/** Relative times move on: with the clock, and with newer records where the logs are of another time. */
export function moveOn(newest: number | undefined): void {
  const isOld = newestOfOldLogs.value !== undefined;
  serviceNow.value = isOld ? Math.max(serviceNow.value, endOfTime(Date.now(), newest)) : Date.now();
}
