import { signal } from '@preact/signals';
import { parseInstant } from '../../../lib/time.ts';
import type { RecordsAnswer } from './answers.ts';
import { ApiProblem, ask } from './api.ts';
import { endOfTime } from './moves.ts';
import { serviceNow } from './range.ts';

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
    const { records } = await ask<RecordsAnswer>('/records', asked, new AbortController().signal);
    learnt(records[0]?.time);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    learning = undefined; // whatever a view asks is refused too, and says so
    isTimeKnown.value = true;
  }
}

/** What `/known` says of the time, which it is asked for by whom it is not known; the service is asked where it says nothing. */
export function timeIsTold(newest: string | undefined): void {
  if (newest === undefined) void learnTime();
  else learnt(newest);
}

function learnt(time = ''): void {
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
