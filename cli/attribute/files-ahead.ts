import { filesAhead as aheadOf } from '../../lib/adapters/files/file-source.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { TOKEN_MARK } from '../../lib/audit/issued-token.ts';
import type { CountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { RereadableSource } from '../../lib/ports/input.ts';

/**
 * A text in every packed payload of a subscription, `{"awslogs":…}`. Its content cannot be searched before it is
 * inflated. The search begins with the rarest letter, which is fastest.
 */
const PACKED = 'wslogs"';

/**
 * Returns the files to be read ahead: those that can contain audit events of issued service account tokens, and all of them if
 * copies of one event can differ. Files in S3 are read only once, because each reading costs money. The same holds for standard
 * input. In both, a token is known only to the events after the one that issued it. If a later copy of an event differs, the first
 * copy is already written.
 */
export function filesAhead(paths: readonly string[], counted: readonly CountedGroup[]): RereadableSource {
  const local = paths.filter((path) => !isS3Path(path));
  const files = aheadOf({ wanted: [TOKEN_MARK], packed: PACKED }, local, counted);
  return local.length === paths.length ? files : { tokens: files.tokens, repeating: () => undefined };
}
