import type { Context } from 'aws-lambda';
import type { Config } from '../../lib/config.ts';

/** Returns how long an invocation may still work before it must end cleanly, in whole milliseconds. */
export function timeLeft(context: Context, { timeMargin }: Config): number {
  return Math.max(0, Math.floor(context.getRemainingTimeInMillis() - timeMargin));
}
