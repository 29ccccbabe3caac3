import { actionOf } from '../attribution/attribute.ts';
import { recordHead } from '../attribution/record.ts';
import { eventIdentity, parseAuditEvent } from '../audit/event.ts';
import { sampleOfValue } from '../envelopes/reject.ts';
import type { JsonObject } from '../json.ts';
import type { Origin, ReadyEventSource, RecordSource, Rejected } from '../ports.ts';
import type { Digest } from './seen-events.ts';

export interface Readying {
  /** Where no envelope names the cluster. */
  readonly cluster: string | undefined;
  readonly digest: Digest;
}

/** The audit events of a source of records, made ready; what is none is told. */
export function readyEvents(source: RecordSource, { cluster, digest }: Readying): ReadyEventSource {
  return {
    read(sink, pause) {
      const records = {
        audit(value: JsonObject, ownCluster: string | undefined, from: Origin) {
          const event = parseAuditEvent(value);
          if (typeof event === 'string') return sink.reject(rejectedRecord(value, from, event));
          const head = JSON.stringify(recordHead(event, ownCluster ?? cluster));
          sink.event({ identity: digest(eventIdentity(event)), action: actionOf(event), head });
        },
        trail: () => sink.ignored('cloudtrail-record', 1),
        ignored: (what: Parameters<typeof sink.ignored>[0]) => sink.ignored(what, 1),
        reject: (rejected: Rejected) => sink.reject(rejected),
      };
      return source.read(records, pause);
    },
  };
}

export function rejectedRecord(record: JsonObject, { file, place }: Origin, reason: Rejected['reason']): Rejected {
  return { file, place: place(), reason, sample: sampleOfValue(record) };
}
