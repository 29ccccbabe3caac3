import type { Actor } from '../../lib/attribution/actor.ts';
import { actorName } from '../../lib/attribution/actor-names.ts';
import type { Status } from '../../lib/attribution/reasons.ts';
import type { AuditRecord } from '../../lib/attribution/record.ts';
import { type JsonObject, textAt } from '../../lib/json.ts';
import {
  areConflictingCopies,
  areOfSeveralAccounts,
  latestStages,
  MOST_OF_ONE_ID,
} from '../../lib/usecases/activity/requests.ts';
import { systemName, whoColumn } from '../../lib/words/columns.ts';
import { kindWords } from '../../lib/words/kind-words.ts';
import { textTable } from '../terminal/text-table.ts';

/**
 * Returns the requests that share an audit ID, each by its latest stage. Undefined if the records are stages of one
 * request.
 */
export function sharedRequests(records: readonly AuditRecord[] | undefined): readonly AuditRecord[] | undefined {
  const requests = latestStages(records ?? []);
  return requests.length < 2 ? undefined : requests;
}

/**
 * Returns a sentence like `4 requests have this audit ID …`. A client can choose the ID, and so reuse that of a
 * harmless request. If the records are versions of one event, the sentence says so instead: no client made these.
 */
export function sharedIdHead(requests: readonly AuditRecord[]): string {
  if (areConflictingCopies(requests))
    return `The log has ${requests.length} versions of the event with this audit ID. At most one is what the API server wrote.`;
  return `${howMany(requests)} have this audit ID: the client can choose it.`;
}

/**
 * Returns which of these requests an answer is about: `the latest`; or `one`, if they are versions of one event, or
 * sent by different accounts.
 */
export function shownOfShared(requests: readonly AuditRecord[]): 'the latest' | 'one' {
  return areConflictingCopies(requests) || areOfSeveralAccounts(requests) ? 'one' : 'the latest';
}

/** Returns the number in words: `/whois` answers with a limited number of records. */
export function howMany({ length }: readonly AuditRecord[]): string {
  return `${length < MOST_OF_ONE_ID ? '' : 'at least '}${length} requests`;
}

/** Returns a table of the callers, each once, escaped. `command` lists all requests. */
export function sharedIdText(requests: readonly AuditRecord[], command: string): string {
  const byCaller = Map.groupBy(requests, ({ attribution: { status, actor }, caller }) =>
    JSON.stringify([status, actor, callerText({ ...caller }, status)]),
  );
  const rows = [...byCaller.values()].flatMap((same) => (same[0] === undefined ? [] : [rowOf(same[0], same.length)]));
  return `${textTable(['LATEST', 'REQUESTS', 'WHO', 'STATUS', 'CALLER'], rows)}\nTo list all of them:\n  ${command}\n`;
}

function rowOf(latest: AuditRecord, number: number): readonly string[] {
  const { time = '', attribution, caller } = latest;
  const { actor, status } = attribution;
  return [
    time,
    String(number),
    actor ? actorText(actor) : whoColumn(latest),
    status,
    callerText({ ...caller }, status),
  ];
}

function actorText(actor: Actor): string {
  return `${actorName(actor)} (${[kindWords(actor.kind), actor.accountId].filter(Boolean).join(', ')})`;
}

/** Returns the caller in one line. The status tells AWS's staff from others with the same name. */
export function callerText(caller: JsonObject, status: Status): string {
  const [username, uid, kind] = ['username', 'uid', 'kind'].map((name) => textAt(caller, name));
  const [session, key] = ['sessionName', 'accessKeyId'].map((name) => textAt(caller, name));
  const named = status === 'system' && username !== undefined ? systemName(username) : username;
  const parts = [named ?? uid ?? (kind && kindWords(kind)), session && `session ${session}`, key && `key ${key}`];
  return parts.filter(Boolean).join(', ');
}
