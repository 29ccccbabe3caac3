import { CallerMemo } from '../../audit/caller-memo.ts';
import { parseAuditEvent } from '../../audit/event.ts';
import { type IssuedToken, issuedTokenOf } from '../../audit/issued-token.ts';
import type { AheadReading, EventSource, RecordSink, RecordSource, RereadableSource } from '../../ports/input.ts';
import { rejectedRecord } from '../ingest/rejected-record.ts';

export interface EventReading {
  /** Cluster of the events whose envelope names none. */
  readonly cluster: string | undefined;
  /** The same source, to read ahead; absent if it can be read only once. */
  readonly again?: RereadableSource;
}

/** Returns the audit events of a source of records. Objects that look like an audit event but cannot be parsed are rejected. */
export function auditEvents(source: RecordSource, { cluster, again }: EventReading): EventSource {
  return {
    ...(again && { ahead: () => readAhead(again, cluster) }),
    read(sink, pause) {
      const callers = new CallerMemo();
      const records: RecordSink = {
        audit(value, ownCluster, from) {
          const event = parseAuditEvent(value, callers);
          if (typeof event === 'string') return sink.reject(rejectedRecord(value, from, event));
          const named = ownCluster ?? cluster;
          sink.event({ event, cluster: named, token: issuedTokenOf(event, named) });
        },
        trail: () => sink.ignored('cloudtrail-record'),
        ignored: (what) => sink.ignored(what),
        reject: (rejected) => sink.reject(rejected),
      };
      return source.read(records, pause);
    },
  };
}

async function readAhead(again: RereadableSource, cluster: string | undefined): Promise<AheadReading> {
  const tokens = await tokensOf(again.tokens, cluster);
  const all = again.repeating();
  if (all === undefined) return { tokens };
  return { tokens, repeating: all === 'none' ? all : auditEvents(all, { cluster }) };
}

async function tokensOf(source: RecordSource, cluster: string | undefined): Promise<readonly IssuedToken[]> {
  const tokens: IssuedToken[] = [];
  const nothing = () => undefined;
  await auditEvents(source, { cluster }).read(
    {
      event({ token }) {
        if (token !== undefined) tokens.push(token);
      },
      ignored: nothing,
      reject: nothing,
    },
    nothing,
  );
  return tokens;
}
