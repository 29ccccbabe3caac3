import { filesHolding } from '../../lib/adapters/files/file-source.ts';
import { TOKEN_MARK } from '../../lib/audit/issued-token.ts';
import type { CountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { RecordSource } from '../../lib/ports/input.ts';

/** In a subscription's payload nothing can be seen before it is inflated. */
const PACKED = '"awslogs"';

/** The files that can hold audit events of issued service account tokens, to be looked through before all are read. */
export function tokenFiles(paths: readonly string[], counted: readonly CountedGroup[]): RecordSource {
  return filesHolding([TOKEN_MARK, PACKED], paths, counted);
}
