import type { LookupScope } from '../../lib/adapters/cloudtrail/lookup-scope.ts';
import { Pacer, type Waiting } from '../../lib/adapters/cloudtrail/pacer.ts';
import { Slots } from '../../lib/adapters/cloudtrail/slots.ts';
import type { CloudTrailServer } from '../cloudtrail/server.ts';

/** For whom no time passes: nothing throttles within a process. */
export const AT_ONCE: Waiting = { now: () => performance.now(), wait: async () => undefined };

/** The stand-in for CloudTrail, asked without a connection. */
export function directScope(trail: CloudTrailServer, region: string): LookupScope {
  return {
    account: '',
    region,
    async send({ attribute, value, from, to }, token) {
      const answer = trail.lookUp(region, {
        LookupAttributes: [{ AttributeKey: attribute, AttributeValue: value }],
        StartTime: from.getTime() / 1_000,
        EndTime: to.getTime() / 1_000,
        MaxResults: 50,
        ...(token !== undefined && { NextToken: token }),
      });
      if (answer.kind === 'refusal') throw Object.assign(new Error(answer.message), { name: answer.name });
      return { records: answer.Events.map(({ CloudTrailEvent }) => CloudTrailEvent), nextToken: answer.NextToken };
    },
    pacer: new Pacer(Number.POSITIVE_INFINITY, AT_ONCE),
    slots: new Slots({ most: 1, mostOfHost: 1 }),
  };
}
