import { actionOf } from '../../attribution/attribute.ts';
import { recordHead } from '../../attribution/record.ts';
import { eventIdentity, parseAuditEvent } from '../../audit/event.ts';
import { type IssuedToken, issuedTokenOf } from '../../audit/issued-token.ts';
import type { PlainEventSource, RecordSink, RecordSource } from '../../ports/input.ts';
import { rejectedRecord } from '../ingest/rejected-record.ts';
import type { Digest } from './seen-events.ts';

export interface Readying {
  /** Where no envelope names the cluster. */
  readonly cluster: string | undefined;
  readonly digest: Digest;
  /** The same records once more, as far as they can have issued service account tokens. */
  readonly again?: RecordSource;
}

/** The audit events of a source of records, made ready; what is none is told. */
export function readyEvents(source: RecordSource, { cluster, digest, again }: Readying): PlainEventSource {
  return {
    ...(again && { tokens: () => tokensOf(again, cluster) }),
    read(sink, pause) {
      const records: RecordSink = {
        audit(value, ownCluster, from) {
          const event = parseAuditEvent(value);
          if (typeof event === 'string') return sink.reject(rejectedRecord(value, from, event));
          const named = ownCluster ?? cluster;
          const head = JSON.stringify(recordHead(event, named));
          const action = actionOf(event, named);
          sink.event({ identity: digest(eventIdentity(event)), action, head, token: issuedTokenOf(event, named) });
        },
        ...(sink.line && { line: (bytes: Uint8Array) => sink.line?.(bytes) === true }),
        trail: () => sink.ignored('cloudtrail-record', 1),
        ignored: (what) => sink.ignored(what, 1),
        reject: (rejected) => sink.reject(rejected),
      };
      return source.read(records, pause);
    },
  };
}

async function tokensOf(source: RecordSource, cluster: string | undefined): Promise<readonly IssuedToken[]> {
  const tokens: IssuedToken[] = [];
  const sink: RecordSink = {
    audit(value, ownCluster) {
      const event = parseAuditEvent(value);
      const token = typeof event === 'string' ? undefined : issuedTokenOf(event, ownCluster ?? cluster);
      if (token !== undefined) tokens.push(token);
    },
    trail: () => undefined,
    ignored: () => undefined,
    reject: () => undefined,
  };
  await source.read(sink, () => undefined);
  return tokens;
}
