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

/** Asks the service for its newest record, once. */
export function learnTime(): Promise<void> {
  learning ??= askNewest();
  return learning;
}

async function askNewest(): Promise<void> {
  try {
    const asked = [
      ['from', '1970-01-01T00:00:00Z'],
      ['limit', '1'],
    ] as const;
    const { records } = await ask<RecordsAnswer>('/records', asked, new AbortController().signal);
    const newest = parseInstant(records[0]?.time ?? '');
    const now = Date.now();
    serviceNow.value = endOfTime(now, newest);
    newestOfOldLogs.value = serviceNow.value === now ? undefined : newest;
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error; // whatever a view asks is refused too, and says so
  }
  isTimeKnown.value = true;
}

/** Relative times move on: with the clock, and with newer records where the logs are of another time. */
export function moveOn(newest: number | undefined): void {
  const isOld = newestOfOldLogs.value !== undefined;
  serviceNow.value = isOld ? Math.max(serviceNow.value, endOfTime(Date.now(), newest)) : Date.now();
}
