import { filesHolding } from '../../lib/adapters/files/file-source.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { TOKEN_MARK } from '../../lib/audit/issued-token.ts';
import type { CountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { RecordSource } from '../../lib/ports/input.ts';

/** In a subscription's payload, `{"awslogs":…}`, nothing can be seen before it is inflated. From its rarest letter on it is found soonest. */
const PACKED = 'wslogs"';

/**
 * The files that can hold audit events of issued service account tokens, to be looked through before all are read. What
 * lies in S3 is read once, since each reading costs: of it, as of standard input, a token is known from its event on.
 */
export function tokenFiles(paths: readonly string[], counted: readonly CountedGroup[]): RecordSource {
  return filesHolding(
    [TOKEN_MARK, PACKED],
    paths.filter((path) => !isS3Path(path)),
    counted,
  );
}
