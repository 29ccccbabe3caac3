import { effect, signal } from '@preact/signals';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import { latestStageFirst } from '../../../lib/attribution/stages.ts';
import { isJsonObject } from '../../../lib/json.ts';
import { byTime, requestIdentity } from '../../../lib/usecases/activity/requests.ts';

/** The records for a report, with a title and a comment. */
export interface IncidentDraft {
  readonly title: string;
  readonly comment: string;
  /** The requests, each once by the record of its latest stage, the earliest first. */
  readonly records: readonly AuditRecord[];
}

/** A draft without requests. */
export const EMPTY_DRAFT: IncidentDraft = { title: '', comment: '', records: [] };

/** The maximum number of requests of a report: a browser stores a few megabytes, and longer reports are not read. */
export const MOST_REQUESTS = 1_000;

/** Returns the draft with these records added by time. A newer version of a record replaces the old one. */
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

/** Returns the draft without the record at that index. */
export function withoutRow(draft: IncidentDraft, row: number): IncidentDraft {
  return { ...draft, records: draft.records.toSpliced(row, 1) };
}

/** Returns whether the draft has all of these requests. */
export function hasAll({ records }: IncidentDraft, wanted: readonly AuditRecord[]): boolean {
  const held = new Set(records.map(requestIdentity));
  return wanted.every((record) => held.has(requestIdentity(record)));
}

/** Parses a stored draft. Returns an empty draft if the value is not a draft; the records are not checked. */
export function parseDraft(value: unknown): IncidentDraft {
  if (!isJsonObject(value)) return EMPTY_DRAFT;
  const { title, comment, records } = value;
  if (typeof title !== 'string' || typeof comment !== 'string' || !Array.isArray(records)) return EMPTY_DRAFT;
  return { title, comment, records: records.filter(isJsonObject) as unknown as readonly AuditRecord[] };
}

const STORAGE_KEY = 'eks-whois.incident';

/** The draft in this browser tab. The browser stores it until the tab is closed. */
export const incidentDraft = signal<IncidentDraft>(readDraft());
/** Whether the browser stores the draft. If not, it is lost when the page is reloaded. */
export const isStored = signal(true);

effect(() => {
  isStored.value = storeDraft(incidentDraft.value);
});

/** Replaces the draft with the result of the function. */
export function changeDraft(change: (now: IncidentDraft) => IncidentDraft): void {
  incidentDraft.value = change(incidentDraft.value);
}

/** Reads the stored draft, which only this page can write. */
function readDraft(): IncidentDraft {
  try {
    return parseDraft(JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? 'null'));
  } catch {
    return EMPTY_DRAFT; // The browser's settings forbid storage, or the text is not JSON.
  }
}

function storeDraft(draft: IncidentDraft): boolean {
  try {
    if (draft === EMPTY_DRAFT) sessionStorage.removeItem(STORAGE_KEY);
    else sessionStorage.setItem(STORAGE_KEY, JSON.stringify(draft));
    return true;
  } catch {
    return false; // The browser's settings forbid storage, or it is full.
  }
}
