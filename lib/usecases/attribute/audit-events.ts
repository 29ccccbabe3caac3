import { CallerMemo } from '../../audit/caller-memo.ts';
import { parseAuditEvent } from '../../audit/event.ts';
import { type KnownCluster, knownSite } from '../../audit/event-site.ts';
import { type IssuedToken, issuedTokenOf } from '../../audit/issued-token.ts';
import type { AheadReading, EventSource, RecordSink, RecordSource, RereadableSource } from '../../ports/input.ts';
import { rejectedRecord } from '../ingest/rejected-record.ts';

export interface EventReading {
  /** The facts that the user gives about the cluster (`knownSite`). */
  readonly known: KnownCluster;
  /** The same source, to be read ahead. Absent if the input can be read only once. */
  readonly again?: RereadableSource;
}

/**
 * Returns the audit events of a source of records. An object that looks like an audit event but cannot be parsed is
 * rejected.
 */
export function auditEvents(source: RecordSource, { known, again }: EventReading): EventSource {
  return {
    ...(again && { ahead: () => readAhead(again, known) }),
    read(sink, pause) {
      const callers = new CallerMemo();
      const records: RecordSink = {
        audit(value, stated, from) {
          const event = parseAuditEvent(value, callers);
          if (typeof event === 'string') return sink.reject(rejectedRecord(value, from, event));
          const site = knownSite(stated, known);
          sink.event({ event, site, token: issuedTokenOf(event, site) });
        },
        trail: () => sink.ignored('cloudtrail-record'),
        ignored: (what, name) => sink.ignored(what, name),
        reject: (rejected) => sink.reject(rejected),
      };
      return source.read(records, pause);
    },
  };
}

async function readAhead(again: RereadableSource, known: KnownCluster): Promise<AheadReading> {
  const tokens = await tokensOf(again.tokens, known);
  const all = again.repeating();
  if (all === undefined) return { tokens };
  return { tokens, repeating: all === 'none' ? all : auditEvents(all, { known }) };
}

async function tokensOf(source: RecordSource, known: KnownCluster): Promise<readonly IssuedToken[]> {
  const tokens: IssuedToken[] = [];
  const nothing = () => undefined;
  await auditEvents(source, { known }).read(
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
