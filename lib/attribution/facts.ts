import type { CreatedObject } from '../audit/created-object.ts';
import type { IssuedToken } from '../audit/issued-token.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';
import type { Silence } from './silence.ts';

/**
 * The facts besides the event itself: the content of a CloudTrail record, or a token or an object that an audit
 * event created.
 */
export interface Facts extends TrailFacts {
  readonly token?: IssuedToken | undefined;
  /** An object that was created. No rule uses it, only `related` does. */
  readonly created?: CreatedObject | undefined;
  /** A time in which a source of grants was not heard. The service states it itself. */
  readonly silence?: Silence | undefined;
}
