import { filesHolding } from '../../lib/adapters/files/file-source.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { TOKEN_MARK } from '../../lib/audit/issued-token.ts';
import type { CountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { RecordSource } from '../../lib/ports/input.ts';

/**
 * A text in every packed payload of a subscription, `{"awslogs":…}`. Its content cannot be searched before it is
 * inflated. The search begins with the rarest letter, which is fastest.
 */
const PACKED = 'wslogs"';

/**
 * Returns the files that can contain audit events of issued service account tokens, to be read before all others. Files
 * in S3 are read only once, because each reading costs money. For these and for standard input, a token is known only
 * after its event.
 */
export function tokenFiles(paths: readonly string[], counted: readonly CountedGroup[]): RecordSource {
  return filesHolding(
    [TOKEN_MARK, PACKED],
    paths.filter((path) => !isS3Path(path)),
    counted,
  );
}
