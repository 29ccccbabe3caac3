import { actionOf } from '../attribution/attribute.ts';
import { recordHead } from '../attribution/record.ts';
import { eventIdentity, parseAuditEvent } from '../audit/event.ts';
import type { ReadyEventSource, RecordSink, RecordSource } from '../ports.ts';
import { rejectedRecord } from './rejected-record.ts';
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
      const records: RecordSink = {
        audit(value, ownCluster, from) {
          const event = parseAuditEvent(value);
          if (typeof event === 'string') return sink.reject(rejectedRecord(value, from, event));
          const named = ownCluster ?? cluster;
          const head = JSON.stringify(recordHead(event, named));
          sink.event({ identity: digest(eventIdentity(event)), action: actionOf(event, named), head });
        },
        trail: () => sink.ignored('cloudtrail-record', 1),
        ignored: (what) => sink.ignored(what, 1),
        reject: (rejected) => sink.reject(rejected),
      };
      return source.read(records, pause);
    },
  };
}
