import type { KnownGrants } from '../../attribution/known-grants.ts';
import { parseTrailRecord, type TrailFacts } from '../../cloudtrail/record.ts';
import { addLogName } from '../../envelopes/counted-group.ts';
import type { RejectReason } from '../../envelopes/reject.ts';
import type { LeftOut } from '../../envelopes/unwrap.ts';
import type { RecordSource } from '../../ports/input.ts';
import type { EpochMillis } from '../../time.ts';

/** The result of reading CloudTrail files. */
export interface ReadGrants {
  readonly grants: number;
  /** The numbers of pieces that could not be read, by reason. */
  readonly rejected: ReadonlyMap<RejectReason, number>;
  /** The numbers of readable pieces that were left out, by kind. */
  readonly ignored: ReadonlyMap<LeftOut, number>;
  /** Some of the names of logs whose pieces were left out as `other-origin`. */
  readonly otherOrigins: ReadonlySet<string>;
  /** The number of CloudTrail records. */
  readonly records: number;
}

/** Reads all CloudTrail records of a source into the index. Grants issued before `from` are left out. */
export async function readGrants(
  source: RecordSource,
  index: KnownGrants,
  from: EpochMillis | undefined,
): Promise<ReadGrants> {
  let records = 0;
  const rejected = new Map<RejectReason, number>();
  const reject = (reason: RejectReason) => void rejected.set(reason, (rejected.get(reason) ?? 0) + 1);
  const otherOrigins = new Set<string>();
  const ignored = new Map<LeftOut, number>();
  const leaveOut = (what: LeftOut) => void ignored.set(what, (ignored.get(what) ?? 0) + 1);
  const wanted = ({ grant }: TrailFacts) => grant === undefined || from === undefined || grant.issuedAt >= from;
  await source.read(
    {
      trail(record) {
        records += 1;
        const facts = parseTrailRecord(record);
        const flaw = typeof facts === 'string' ? facts : facts.flaw;
        if (flaw !== undefined) reject(flaw);
        if (typeof facts !== 'string' && wanted(facts)) index.add(facts);
      },
      audit: () => leaveOut('audit-event'),
      ignored(what, name) {
        leaveOut(what);
        addLogName(otherOrigins, name);
      },
      reject: ({ reason }) => reject(reason),
    },
    () => undefined,
  );
  return { grants: index.size, rejected, ignored, otherOrigins, records };
}
