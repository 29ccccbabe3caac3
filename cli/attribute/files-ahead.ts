import { filesAhead as aheadOf } from '../../lib/adapters/files/file-source.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import { TOKEN_MARK } from '../../lib/audit/issued-token.ts';
import type { CountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { RereadableSource } from '../../lib/ports/input.ts';

/**
 * A text in every packed payload of a subscription, `{"awslogs":…}`. The content of such a payload cannot be searched
 * before it is inflated. The text begins at its rarest letter, because the search for that is fastest.
 */
const PACKED = 'wslogs"';

/**
 * Returns the files to read ahead: those that can contain audit events of issued service account tokens. If copies of
 * one event can differ, returns all files. Leaves out files in S3, because each reading costs money, and standard
 * input, which can be read only once. A token in these is known only to the events after the one that issued it. If a
 * later copy of an event in these differs, the first copy is already written.
 */
export function filesAhead(paths: readonly string[], counted: readonly CountedGroup[]): RereadableSource {
  const local = paths.filter((path) => !isS3Path(path));
  const files = aheadOf({ wanted: [TOKEN_MARK], packed: PACKED }, local, counted);
  return local.length === paths.length ? files : { tokens: files.tokens, repeating: () => undefined };
}
