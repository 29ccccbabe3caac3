import { wrongUsage } from '../failures/command-error.ts';
import { isRegion } from '../options/aws-options.ts';

/** The option that names it. */
export const TRAIL_LOG_GROUP = '--trail-log-group';

/** A log group, and its Region where an ARN says it. */
export interface TrailGroup {
  readonly name: string;
  readonly region?: string;
}

const ARN = /^arn:[^:]+:logs:([^:]+):\d{12}:log-group:([^:]+)(?::\*)?$/;
/** CloudWatch Logs API Reference, "CreateLogGroup". */
const NAME = /^[\w./#-]{1,512}$/;

/** @throws CommandError where it is neither a name nor an ARN. */
export function trailGroupOf(written: string): TrailGroup {
  const [, region, name = written] = ARN.exec(written) ?? [];
  if (!NAME.test(name) || (region !== undefined && !isRegion(region)))
    throw wrongUsage(`${TRAIL_LOG_GROUP} takes the name of a log group, or its ARN, not ${written}.`);
  return region === undefined ? { name } : { name, region };
}
