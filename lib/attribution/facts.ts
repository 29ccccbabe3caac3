import type { CreatedObject } from '../audit/created-object.ts';
import type { IssuedToken } from '../audit/issued-token.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';

/** What is known besides the event in hand: what a CloudTrail record tells, or a token or an object that an audit event made. */
export interface Facts extends TrailFacts {
  readonly token?: IssuedToken | undefined;
  /** No rule asks for it: `related` alone does. */
  readonly created?: CreatedObject | undefined;
}
