import type { CreatedObject } from '../audit/created-object.ts';
import type { IssuedToken } from '../audit/issued-token.ts';
import type { TrailFacts } from '../cloudtrail/record.ts';
import type { Silence } from './silence.ts';

/** What one record states, for the rules: a CloudTrail record, or an audit event that issued a token or created an object. */
export interface Facts extends TrailFacts {
  readonly token?: IssuedToken | undefined;
  /** An object that the event created. No rule uses it, only `related`. */
  readonly created?: CreatedObject | undefined;
  /** A silence of a source of grants. No record states it: the service notes it itself. */
  readonly silence?: Silence | undefined;
}
