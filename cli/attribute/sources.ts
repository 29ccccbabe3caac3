import { pathSource } from '../../lib/adapters/s3/path-source.ts';
import type { EventSource, RecordSource } from '../../lib/ports/input.ts';
import type { TimeRange } from '../../lib/ports/paging.ts';
import { epochMillis } from '../../lib/time.ts';
import { auditEvents } from '../../lib/usecases/attribute/audit-events.ts';
import { knownCluster } from '../options/known-cluster.ts';
import { countedGroupsOf } from '../options/log-groups.ts';
import { s3Reading } from '../options/s3-options.ts';
import { filesAhead } from './files-ahead.ts';
import type { AttributeOptions } from './options.ts';

/** The sources behind `--audit` and `--cloudtrail`. */
export interface Sources {
  readonly audit: EventSource;
  readonly cloudtrail: RecordSource;
}

/** Returns the sources. From S3 they read only what is in the time range. */
export function sourcesOf(options: AttributeOptions, range: TimeRange): Sources {
  const now = epochMillis(Date.now());
  const counted = countedGroupsOf(options.logGroup);
  const { audit, cloudtrail } = options;
  return {
    audit: auditEvents(pathSource(audit, counted, s3Reading(options, 'audit', range, now)), {
      known: knownCluster(options),
      again: filesAhead(audit, counted),
    }),
    cloudtrail: pathSource(cloudtrail, counted, s3Reading(options, 'cloudtrail', range, now)),
  };
}
