import { pathSource, type S3Reading } from '../../lib/adapters/s3/path-source.ts';
import { parseCaller } from '../../lib/audit/caller.ts';
import type { Finding, UncheckedItem } from '../../lib/doctor/finding.ts';
import { KeylessEvents, type SeenCaller } from '../../lib/doctor/keyless-events.ts';
import { type Impersonation, Impersonations, impersonationOf } from '../../lib/doctor/trusted-proxies.ts';
import { filledTextAt, type JsonObject, objectAt } from '../../lib/json.ts';
import type { RejectedPiece } from '../../lib/ports/input.ts';
import type { DoctorProgress } from './progress.ts';

/** The results of reading audit events from files. */
export interface FromAudit {
  readonly impersonations: readonly Impersonation[];
  readonly findings: readonly Finding[];
  readonly unchecked: readonly UncheckedItem[];
}

export const PROXIES = 'trusted proxies in use';

/**
 * Reads audit events as `attribute` does. Collects who acts in the name of people, and findings on the evidence in the
 * events.
 */
export async function readAudit(paths: readonly string[], s3: S3Reading, progress: DoctorProgress): Promise<FromAudit> {
  const found = new Impersonations();
  const keyless = new KeylessEvents();
  const rejected: RejectedPiece[] = [];
  let events = 0;
  let left = 0;
  progress.look('audit events of files');
  await pathSource(paths, [], s3).read(
    {
      audit(event, { cluster }) {
        events += 1;
        found.add(impersonationOf(event, cluster));
        keyless.add(callerSeen(event, cluster));
      },
      trail: () => undefined,
      ignored: () => undefined,
      reject(one) {
        left += 1;
        if (rejected.length === 0) rejected.push(one);
      },
    },
    () => undefined,
  );
  return {
    impersonations: found.all(),
    findings: keyless.findings(),
    unchecked: [...noEvents(paths, events), ...unread(rejected, left)],
  };
}

export function callerSeen(event: JsonObject, cluster: string | undefined): SeenCaller {
  const { kind, accessKeyId, username } = parseCaller(objectAt(event, 'user') ?? {});
  return { kind, accessKeyId, username, time: filledTextAt(event, 'requestReceivedTimestamp'), cluster };
}

function noEvents(paths: readonly string[], events: number): readonly UncheckedItem[] {
  if (events > 0) return [];
  const reason = `there is no audit event in ${paths.join(', ')}: give an audit log with --audit`;
  return [{ check: PROXIES, reason, failed: true }];
}

function unread([first]: readonly RejectedPiece[], left: number): readonly UncheckedItem[] {
  if (first === undefined) return [];
  const { file, place, reason } = first;
  const what = left === 1 ? '1 part' : `${left} parts`;
  return [
    {
      check: `${what} of the audit log`,
      reason: `${left === 1 ? 'it' : 'they'} could not be read, as ${file}, ${place} (${reason})`,
      failed: true,
    },
  ];
}
