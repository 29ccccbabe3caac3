import { LocalClock } from './local-clock.ts';
import type { Barrier, FromOffline } from './offline-messages.ts';

/**
 * Loaded into the process in which serverless-offline runs the handlers, before anything else: it lets them go by the
 * service's time, which they ask `Date.now` for as they do in Lambda, and hands on the metrics that they print.
 */
const clock = new LocalClock(undefined, Date.now);
clock.run();
Date.now = () => clock.now();

const print = console.log;
console.log = (...texts: unknown[]) => {
  const [text] = texts;
  if (typeof text === 'string' && text.startsWith('{"_aws":')) tell({ metrics: text });
  else print(...texts);
};

process.on('message', ({ time, id }: Barrier) => {
  clock.set(time);
  tell({ passed: id });
});
process.on('disconnect', () => process.exit()); // whoever started it is gone

function tell(message: FromOffline): void {
  process.send?.(message);
}
