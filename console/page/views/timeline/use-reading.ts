import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiProblem } from '../../core/api.ts';
import { moveOn } from '../../core/newest.ts';
import { Reading, type TimelineQuestion } from './reading.ts';

/** The rows of the question; those of the one before stay in view until the first page is there. */
export function useReading(question: TimelineQuestion): { readonly reading: Reading | undefined; again(): void } {
  const shown = useSignal<Reading | undefined>(undefined);
  const round = useSignal(0);
  const { from, to, last } = question.range;
  const key = JSON.stringify([question.filters, last ?? [from, to], round.value]);
  useEffect(() => {
    const stop = new AbortController();
    const next = new Reading(question, stop.signal);
    const before = round.value === 0 ? shown.peek() : undefined;
    if (shown.peek() === undefined) shown.value = next;
    unlessStopped(stop.signal, async () => {
      await next.begin(before);
      shown.value = next;
      if (last !== undefined) await follow(next, stop.signal);
    });
    return () => stop.abort();
  }, [key]);
  const again = () => {
    round.value += 1;
  };
  return { reading: shown.value, again };
}

const SOON = 3_000;
const LATEST = 30_000;

/** Asks for what is new: soon where much comes, later where nothing does, and not while nobody looks. */
async function follow(reading: Reading, stop: AbortSignal): Promise<void> {
  let wait = SOON;
  while (!stop.aborted) {
    await pause(wait, stop);
    if (document.hidden) continue;
    try {
      const news = await reading.catchUp();
      moveOn(reading.newest);
      wait = news > 0 ? SOON : Math.min(wait * 1.5, LATEST);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      wait = LATEST; // refused; who asks for a page is told why
    }
  }
}

function pause(wait: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, wait);
    stop.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function unlessStopped(stop: AbortSignal, work: () => Promise<void>): void {
  work().catch((error: unknown) => {
    if (!stop.aborted) throw error;
  });
}
