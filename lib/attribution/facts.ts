import type { IssuedToken } from '../audit/issued-token.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';

/** What is known besides the event in hand: what a CloudTrail record tells, or a token that an audit event issued. */
export interface Facts extends TrailFacts {
  readonly token?: IssuedToken | undefined;
}
