import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { type EpochMillis, formatInstant, HOUR, parseInstant, spanAround } from '../../../lib/time.ts';
import { type KnownChanges, ONLY_DELIVERED } from '../../../lib/usecases/changes/changes.ts';
import type { ChangesAnswer } from '../../../lib/usecases/changes/changes-query.ts';
import type { RecordsAnswer } from './answers.ts';
import { ApiProblem, ask } from './api.ts';
import { type LoadedFacts, NO_FACTS } from './incident-report.ts';

/** Limits the actors whose earlier requests are loaded, and the requests of each. */
const MOST_ACTORS = 5;
const MOST_REQUESTS = 1_000;
const MOST_CHANGES = 200;
/**
 * The time before the first and after the last collected request in which changes of clusters are shown.
 * `eks-whois incident` uses the same.
 */
const AROUND = 2 * HOUR;

/**
 * Loads what the collected requests do not show. That is what their actors did before, and changes of clusters through
 * the EKS API. If a part cannot be loaded, the report says so, or has no comparison.
 */
export function useIncidentFacts(records: readonly AuditRecord[]): LoadedFacts {
  const facts = useSignal(NO_FACTS);
  const times = records.flatMap(({ time }) => parseInstant(time ?? '') ?? []);
  const ids = [...new Set(records.flatMap(({ attribution }) => attribution.actor?.id ?? []))].slice(0, MOST_ACTORS);
  const span = spanAround(times, AROUND);
  const last = times.length === 0 ? undefined : formatInstant(Math.max(...times) as EpochMillis);
  const key = JSON.stringify([ids, span, last]);
  useEffect(() => {
    const stop = new AbortController();
    facts.value = NO_FACTS;
    if (span === undefined || last === undefined) return undefined;
    const add = (more: Partial<LoadedFacts>) => {
      if (!stop.signal.aborted) facts.value = { ...facts.value, ...more };
    };
    void loadChanges(span, stop.signal).then((changes) => add({ changes }));
    for (const id of ids)
      void loadRequests(id, last, stop.signal).then((loaded) => {
        if (loaded !== undefined) add({ requests: new Map(facts.value.requests).set(id, loaded) });
      });
    return () => stop.abort();
  }, [key]);
  return facts.value;
}

async function loadChanges(
  { from, to }: { readonly from: EpochMillis; readonly to: EpochMillis },
  signal: AbortSignal,
): Promise<KnownChanges | undefined> {
  const params = [
    ['from', formatInstant(from)],
    ['to', formatInstant(to)],
    ['limit', String(MOST_CHANGES)],
  ] as const;
  try {
    const { changes, cursor } = await ask<ChangesAnswer>('/changes', params, signal);
    const note = changes.length === 0 ? ONLY_DELIVERED : cursor && `Only the newest ${changes.length} were loaded.`;
    return { changes, ...(note !== undefined && { note }) };
  } catch (error) {
    if (signal.aborted) return undefined;
    return {
      changes: [],
      note: `The changes are not known: ${error instanceof ApiProblem ? error.message : String(error)}`,
    };
  }
}

async function loadRequests(actor: string, to: string, signal: AbortSignal) {
  const params = [
    ['actor', actor],
    ['to', to],
    ['limit', String(MOST_REQUESTS)],
  ] as const;
  try {
    const { records, cursor } = await ask<RecordsAnswer>('/records', params, signal);
    return { records, isComplete: cursor === undefined };
  } catch {
    return undefined; // The report then has no first uses of this actor.
  }
}
