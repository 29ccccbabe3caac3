import type { KnownGrants } from '../../attribution/known-grants.ts';
import type { AttributionSettings } from '../../attribution/settings.ts';
import type { ClusterChange } from '../../cloudtrail/cluster-change.ts';
import { type JsonObject, textAt } from '../../json.ts';
import type { RecordSource } from '../../ports/input.ts';
import type { TimeRange } from '../../ports/paging.ts';
import { parseInstant } from '../../time.ts';
import { whoisSession } from '../query/whois-session.ts';
import { attributedChanges, type ChangeLookup, changesWithin, type KnownChanges } from './changes.ts';

/** The grants from CloudTrail's records, and the settings, that are needed to attribute changes. */
export interface TrailKnowledge {
  readonly known: KnownGrants;
  readonly settings: AttributionSettings;
}

/**
 * Notes which times and calls the CloudTrail records of files cover, while they are read. So a report without changes
 * can say what the files cannot show.
 */
export class TrailCoverage {
  #first: string | undefined;
  #last: string | undefined;
  #hasEks = false;

  /** Wraps the source so that its records are noted as they are read. */
  of(source: RecordSource): RecordSource {
    return {
      read: (sink, pause) =>
        source.read(
          {
            trail: (record, from) => {
              this.#add(record);
              sink.trail(record, from);
            },
            audit: (event, site, from) => sink.audit(event, site, from),
            ignored: (what, name) => sink.ignored(what, name),
            reject: (rejected) => sink.reject(rejected),
          },
          pause,
        ),
    };
  }

  /** Returns a sentence about what the records cannot show of the time range. Undefined if they cover it. */
  noteOn({ from, to }: TimeRange): string | undefined {
    const [first, last] = [this.#first, this.#last].map((time) => parseInstant(time ?? ''));
    const isOutside = first === undefined || last === undefined || (to ?? first) < first || (from ?? last) > last;
    if (isOutside) return 'The CloudTrail files have no records of this time range, so changes in it are not known.';
    return this.#hasEks ? undefined : NO_EKS;
  }

  #add(record: JsonObject): void {
    if (textAt(record, 'eventSource') === 'eks.amazonaws.com') this.#hasEks = true;
    const time = textAt(record, 'eventTime');
    // CloudTrail writes all times in one form. So the order of the texts is the order of the times.
    if (time === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time)) return;
    if (this.#first === undefined || time < this.#first) this.#first = time;
    if (this.#last === undefined || time > this.#last) this.#last = time;
  }
}

const NO_EKS =
  'The CloudTrail files have no calls of the EKS API. If the export has only other services, such as STS, changes are missing here: add CloudTrail files with all services.';

/** Returns who was behind a caller, by the grants and uses that are known. */
export function lookupIn({ known, settings }: TrailKnowledge): ChangeLookup {
  const source = { answer: async () => [] };
  return (question, moment) => whoisSession({ question, moment, known, source, settings, settled: true });
}

/** Returns the changes of the time range in files, the newest first, and what the files cannot show. */
export async function changesOfFiles(
  range: TimeRange,
  coverage: TrailCoverage,
  trail: TrailKnowledge,
  isWanted: (change: ClusterChange) => boolean = () => true,
): Promise<KnownChanges> {
  const found = changesWithin(trail.known.clusterChanges(), range).filter(isWanted);
  const changes = await attributedChanges(found, lookupIn(trail));
  const note = changes.length === 0 ? coverage.noteOn(range) : undefined;
  return { changes, ...(note !== undefined && { note }) };
}
