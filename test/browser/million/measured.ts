import { cpus, loadavg } from 'node:os';
import type { Page } from 'playwright-core';

/** Says what was measured, a line of JSON each, and how busy the machine was: no test fails for being slow. */
export function tell(measure: string, of: object): void {
  process.stdout.write(`${JSON.stringify({ measure, ...of, cores: cpus().length, load: loadavg()[0] })}\n`);
}

/** Milliseconds until something of the page is painted, from when its loading began. */
export async function paintedAfter(page: Page, selector: string): Promise<number> {
  return Math.round(await painted(page, selector));
}

/** Milliseconds until something of the page is painted, once it looks at that address (behind `#`). */
export async function answeredAfter(page: Page, hash: string, selector: string): Promise<number> {
  const begun = await page.evaluate((to) => {
    location.hash = to;
    return performance.now();
  }, hash);
  return Math.round((await painted(page, selector)) - begun);
}

/** Returns when the frame after the one that first showed it began, by the page's clock. */
async function painted(page: Page, selector: string): Promise<number> {
  const at = await page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (document.querySelector(wanted) === null) requestAnimationFrame(look);
          else requestAnimationFrame(() => resolve(performance.now()));
        };
        look();
      }),
    selector,
  );
  return at;
}

/** Tasks of the main thread that let no frame in between. */
export interface Frames {
  /** Tasks that took longer than 50 ms of the thread's own time; the machine may have more to do than this. */
  readonly over50: readonly number[];
  /** In milliseconds of the thread's own time. */
  readonly longest: number;
  /** The same by the clock. */
  readonly longestByClock: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: by the clock, and of the thread. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Traces what is done. Source: Chrome DevTools Protocol, "Tracing"; Chromium, "RunTask". */
export async function frames(page: Page, work: () => Promise<void>): Promise<Frames> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    events.push(...(value as unknown as readonly TraceEvent[]));
  });
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'] },
  });
  await work();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const main = new Set(events.filter(({ args }) => args.name === 'CrRendererMain').map(threadOf));
  const tasks = events.filter((event) => /RunTask$/.test(event.name) && main.has(threadOf(event)));
  const own = tasks.map(({ tdur = 0 }) => Math.round(tdur / 1_000));
  return {
    over50: own.filter((millis) => millis > 50),
    longest: Math.max(0, ...own),
    longestByClock: Math.max(0, ...tasks.map(({ dur = 0 }) => Math.round(dur / 1_000))),
  };
}
