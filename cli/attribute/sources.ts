import { availableParallelism } from 'node:os';
import { totalBytes } from '../../lib/adapters/files/file-source.ts';
import { STANDARD_INPUT } from '../../lib/adapters/files/paths.ts';
import { pathSource, type S3Reading } from '../../lib/adapters/s3/path-source.ts';
import { isS3Path } from '../../lib/adapters/s3/s3-address.ts';
import type { CountedGroup } from '../../lib/envelopes/counted-group.ts';
import type { ReadyEventSource, RecordSource } from '../../lib/ports/input.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { epochMillis } from '../../lib/time.ts';
import { readyEvents } from '../../lib/usecases/attribute/ready-events.ts';
import { countedGroupsOf } from '../options/log-groups.ts';
import { s3Reading } from '../options/s3-options.ts';
import { eventDigest } from './event-digest.ts';
import type { AttributeOptions } from './options.ts';
import { type ReadingThread, readingThread } from './reading-thread/reading-thread.ts';
import { tokenFiles } from './token-files.ts';

/** What `--audit` and `--cloudtrail` hold. */
export interface Sources {
  readonly audit: ReadyEventSource & Partial<ReadingThread>;
  readonly cloudtrail: RecordSource;
}

/** Of paths in S3 what is of that time. */
export async function sourcesOf(options: AttributeOptions, range: TimeRange): Promise<Sources> {
  const now = epochMillis(Date.now());
  const counted = countedGroupsOf(options.logGroup);
  const audit = await auditEvents(options, counted, s3Reading(options, 'audit', range, now));
  const cloudtrail = pathSource(options.cloudtrail, counted, s3Reading(options, 'cloudtrail', range, now));
  return { audit, cloudtrail };
}

/** With less to read, starting a thread takes longer than it saves. */
const WORTH_A_THREAD = 8 * 1024 * 1024;

/** Standard input, whose size nobody knows, belongs to the main thread; what lies in S3 is seldom little. */
async function auditEvents(
  { audit: paths, cluster }: AttributeOptions,
  counted: readonly CountedGroup[],
  s3: S3Reading,
): Promise<Sources['audit']> {
  const isAside = availableParallelism() > 1 && !paths.includes(STANDARD_INPUT);
  const bytes = isAside && !paths.some(isS3Path) ? await totalBytes(paths) : undefined;
  const isMuch = isAside && (bytes === undefined ? paths.some(isS3Path) : bytes >= WORTH_A_THREAD);
  if (isMuch) return readingThread({ paths, cluster, counted, s3 });
  const again = tokenFiles(paths, counted);
  return readyEvents(pathSource(paths, counted, s3), { cluster, digest: eventDigest, again });
}
