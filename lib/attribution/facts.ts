import type { CreatedObject } from '../audit/created-object.ts';
import type { IssuedToken } from '../audit/issued-token.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';

/**
 * What is known besides the event itself: the content of a CloudTrail record, or a token or an object that an audit
 * event created.
 */
export interface Facts extends TrailFacts {
  readonly token?: IssuedToken | undefined;
  /** An object that was created. No rule uses it, only `related` does. */
  readonly created?: CreatedObject | undefined;
}
