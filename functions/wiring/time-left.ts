import type { Context } from 'aws-lambda';
import type { Config } from '../../lib/config.ts';

/** How long an invocation may still work before it has to end in order, in whole milliseconds. */
export function timeLeft(context: Context, { timeMargin }: Config): number {
  return Math.max(0, Math.floor(context.getRemainingTimeInMillis() - timeMargin));
}
