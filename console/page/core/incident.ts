import { effect, signal } from '@preact/signals';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { latestStageFirst } from '../../../lib/attribution/stages.ts';
import { isJsonObject } from '../../../lib/json.ts';
import { byTime, requestIdentity } from '../../../lib/usecases/activity/requests.ts';

/** Records for a report, and what somebody says of them. */
export interface IncidentDraft {
  readonly title: string;
  readonly comment: string;
  /** A request once, by its latest stage; the earliest first. */
  readonly records: readonly AuditRecord[];
}

export const EMPTY_DRAFT: IncidentDraft = { title: '', comment: '', records: [] };

/** A browser keeps some megabytes, and nobody reads a longer report. */
export const MOST_REQUESTS = 1_000;

/** With these records too, each where its time puts it; a record that came again with another answer replaces the old one. */
export function withRecords(draft: IncidentDraft, added: readonly AuditRecord[]): IncidentDraft {
  const byRequest = new Map(draft.records.map((record) => [requestIdentity(record), record]));
  for (const record of added) {
    const key = requestIdentity(record);
    const known = byRequest.get(key);
    if (known === undefined && byRequest.size >= MOST_REQUESTS) continue;
    if (known === undefined || latestStageFirst(record, known) <= 0) byRequest.set(key, record);
  }
  return { ...draft, records: [...byRequest.values()].sort(byTime) };
}

/** Without the one at that place. */
export function withoutRow(draft: IncidentDraft, row: number): IncidentDraft {
  return { ...draft, records: draft.records.toSpliced(row, 1) };
}

/** Whether it has all of these requests. */
export function holds({ records }: IncidentDraft, asked: readonly AuditRecord[]): boolean {
  const held = new Set(records.map(requestIdentity));
  return asked.every((record) => held.has(requestIdentity(record)));
}

/** What was readDraft as JSON; nothing where it is not ours. */
export function parseDraft(value: unknown): IncidentDraft {
  if (!isJsonObject(value)) return EMPTY_DRAFT;
  const { title, comment, records } = value;
  if (typeof title !== 'string' || typeof comment !== 'string' || !Array.isArray(records)) return EMPTY_DRAFT;
  return { title, comment, records: records.filter(isJsonObject) as unknown as readonly AuditRecord[] };
}

const KEPT_AS = 'eks-whois.incident';

/** What was incidentDraft for a report: in this tab of the browser alone, until it is closed. */
export const incidentDraft = signal<IncidentDraft>(readDraft());
/** Whether the browser keeps it; where it does not, it lasts as long as the page. */
export const isKept = signal(true);

effect(() => {
  isKept.value = keepDraft(incidentDraft.value);
});

export function changeDraft(change: (now: IncidentDraft) => IncidentDraft): void {
  incidentDraft.value = change(incidentDraft.value);
}

/** The records of others are not taken for it: what lies there was written by this page, or is none. */
function readDraft(): IncidentDraft {
  try {
    return parseDraft(JSON.parse(sessionStorage.getItem(KEPT_AS) ?? 'null'));
  } catch {
    return EMPTY_DRAFT; // refused by the browser's settings, or not ours
  }
}

function keepDraft(what: IncidentDraft): boolean {
  try {
    if (what === EMPTY_DRAFT) sessionStorage.removeItem(KEPT_AS);
    else sessionStorage.setItem(KEPT_AS, JSON.stringify(what));
    return true;
  } catch {
    return false; // refused by the browser's settings, or full
  }
}
