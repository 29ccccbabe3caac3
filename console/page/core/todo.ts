import { signal } from '@preact/signals';
import { actorLabel, labelsApart } from '../../../lib/attribution/actor-names.ts';
import { actorsOf } from '../../../lib/attribution/attribution.ts';
import { FLAG_ROWS, type Flag, FORGED_FLAGS, flagsWhere } from '../../../lib/attribution/flags.ts';
import { REASON_ROWS, REASONS } from '../../../lib/attribution/reasons.ts';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import type { Finding } from '../../../lib/doctor/finding.ts';
import { clusterText } from '../../../lib/identity/cluster.ts';
import { parseUid } from '../../../lib/identity/uid.ts';
import { isJsonObject, listAt, parseJson, textAt } from '../../../lib/json.ts';
import { quoted } from '../../../lib/shell.ts';
import type { NoteView, SessionRow } from './answers.ts';
import { sessionOfCaller } from './sessions.ts';

/** Lists by flag, for which the page searches records: the service keeps no such lists. */
export const FLAG_LISTS: Readonly<Record<string, readonly Flag[]>> = {
  anonymous: flagsWhere(({ list }) => list === 'anonymous'),
  forged: FORGED_FLAGS.filter((flag) => FLAG_ROWS[flag].list === undefined),
  nodes: flagsWhere(({ list }) => list === 'nodes'),
};

/** A session to review, from `/sessions` or from records with a flag. A row from records has no ID. */
export interface TodoRow extends Omit<SessionRow, 'id' | 'why' | 'openedAt'> {
  readonly id?: string;
  readonly why?: readonly string[];
  readonly flag?: Flag;
  /** The audit ID of one of its records, for the search. */
  readonly auditId?: string;
}

/** Sessions with the same reason, and so the same next step. */
export interface TodoGroup {
  readonly key: string;
  readonly why: string;
  readonly next: string | undefined;
  readonly rows: readonly TodoRow[];
}

/** Groups sessions by their gravest flag or first reason, the largest group first. */
export function groupsOf(rows: readonly TodoRow[]): readonly TodoGroup[] {
  const groups = Map.groupBy(rows, ({ flag, reasons: [reason], status }) => flag ?? reason ?? status);
  const flags: readonly string[] = Object.values(FLAG_LISTS).flat();
  return [...groups]
    .flatMap(([key, ofKey]) => (ofKey[0] === undefined ? [] : [{ key, ...wordsOf(ofKey[0]), rows: ofKey }]))
    .sort((a, b) => flags.indexOf(a.key) - flags.indexOf(b.key) || b.rows.length - a.rows.length);
}

function wordsOf({ flag, status, reasons, why, nextStep }: TodoRow): Pick<TodoGroup, 'why' | 'next'> {
  if (flag !== undefined) return { why: FLAG_ROWS[flag].says, next: undefined };
  const words = reasons[0] && REASON_ROWS[reasons[0]];
  return { why: why?.[0] ?? words?.why ?? OF_STATUS[status] ?? '', next: nextStep };
}

/** Texts for sessions without a reason. */
const OF_STATUS: Readonly<Record<string, string>> = {
  ambiguous: 'Several actors are possible.',
  pending: 'The answer is not final: CloudTrail can be 15 minutes behind.',
};

/** Returns the sessions of records with one of the flags, in the order of the records. */
export function flaggedRows(records: readonly AuditRecord[], flags: readonly Flag[]): readonly TodoRow[] {
  const sessions = Map.groupBy(records, ({ caller: { uid, username, sessionName, accessKeyId } }) =>
    JSON.stringify([uid, username, sessionName, accessKeyId]),
  );
  return [...sessions.values()].flatMap((ofSession) => flaggedRow(ofSession, flags));
}

function flaggedRow(records: readonly AuditRecord[], flags: readonly Flag[]): TodoRow[] {
  const [latest] = records;
  const flag = flags.find((each) => records.some(({ attribution }) => attribution.flags.includes(each)));
  if (latest === undefined || flag === undefined) return [];
  const unique = (of: (record: AuditRecord) => readonly (string | undefined)[]) =>
    [...new Set(records.flatMap(of))].filter((each) => each !== undefined);
  return [
    {
      status: latest.attribution.status,
      caller: latest.caller,
      count: records.length,
      ...(latest.time !== undefined && { last: latest.time }),
      ...firstOf(records),
      reasons: [],
      actors: unique(({ attribution }) => labelsApart(actorsOf(attribution), actorLabel)),
      clusters: unique((record) => [clusterText(record) || undefined]),
      namespaces: unique(({ request }) => [request?.namespace]),
      open: records.some(({ attribution }) => attribution.provisional),
      flag,
      auditId: latest.auditId,
    },
  ];
}

function firstOf(records: readonly AuditRecord[]): { readonly first?: string } {
  const first = records.at(-1)?.time;
  return first === undefined ? {} : { first };
}

/**
 * Returns the command that looks the session up again, with all that is known of it. By now, CloudTrail may have more.
 */
export function whoisCommand({ caller, last, auditId }: Pick<TodoRow, 'caller' | 'last' | 'auditId'>): string {
  if (auditId !== undefined) return `eks-whois whois --audit-id ${quoted(auditId)}`;
  const { uid, username, sessionName, accessKeyId } = caller;
  const options = { uid, username, 'session-name': sessionName, 'access-key-id': accessKeyId, at: last };
  const given = Object.entries(options).flatMap(([name, value]) => (value ? `--${name} ${quoted(value)}` : []));
  return ['eks-whois whois', ...given].join(' ');
}

/** Returns the command that finds the cause of a group and shows how to fix it, if there is one. */
export function causeCommand(key: string): string | undefined {
  return REASONS.filter((reason) => reason === key).map((reason) => REASON_ROWS[reason].causeCommand)[0];
}

/** The lookback of further searches, in hours: twice the longest lifetime of a session. */
const FURTHER = 72;

/** Returns the commands that investigate one session, by its reason. */
export function rowCommands(row: TodoRow): readonly string[] {
  const { caller, reasons, auditId } = row;
  const { accessKeyId: key, username } = caller;
  const [reason] = reasons;
  const { mayBeFurtherBack = false, look } = reason === undefined ? {} : REASON_ROWS[reason];
  const further = mayBeFurtherBack && auditId === undefined ? ` --lookback ${FURTHER}` : '';
  const commands = [whoisCommand(row) + further];
  if (look === 'key' && key !== undefined)
    commands.push(
      `aws cloudtrail lookup-events --lookup-attributes ${quoted(`AttributeKey=AccessKeyId,AttributeValue=${key}`)}`,
    );
  if (look === 'username' && username !== undefined)
    commands.push(`eks-whois records --username ${quoted(username)} --since 7d`);
  return commands;
}

/** Returns the search text for a caller: the access key if known, because it proves most. */
export function questionOfCaller({ accessKeyId, uid, username }: TodoRow['caller']): string {
  return accessKeyId ?? [uid, username].filter(Boolean).join(' ');
}

/** Returns the value that finds the session's records. */
export function sessionOfRow({ caller }: Pick<TodoRow, 'caller'>): string | undefined {
  const uid = parseUid(caller.uid);
  return sessionOfCaller(uid?.kind === 'role' ? { ...caller, roleId: uid.roleId } : caller);
}

/**
 * Returns whether somebody marked the session as reviewed and nobody reopened it. `notes` are the newest first.
 *
 * Callers can choose the audit ID, and the session name if no access key is known. So a mark for these covers only the
 * records that the reviewer saw. With further records, late or new, the session needs another review. If a note does
 * not say what was seen, the time of the note counts.
 */
export function isReviewed(notes: readonly NoteView[] = [], { id, caller, count = 0, last = '' }: TodoRow): boolean {
  const mark = notes.find(({ kind }) => kind !== 'note');
  if (mark?.kind !== 'reviewed') return false;
  if ((id && caller.accessKeyId) !== undefined) return true;
  const { seen, when } = mark;
  return seen === undefined ? when >= last : (seen.last ?? '') === last && count <= (seen.count ?? 0);
}

/** Returns the subject of notes about a row, or undefined if it has no ID. */
export function aboutOf({ id, auditId }: TodoRow): string | undefined {
  if (id !== undefined) return `claim:${id}`;
  return auditId === undefined ? undefined : `audit:${auditId}`;
}

/** The findings that the user opened. The page has them only in memory. */
export const diagnosis = signal<readonly Finding[] | undefined>(undefined);

/** Parses the output of `eks-whois doctor -o json`. Returns its findings in order, or undefined for any other text. */
export function findingsIn(text: string): readonly Finding[] | undefined {
  const parsed = parseJson(text);
  const findings = parsed.ok && isJsonObject(parsed.value) ? listAt(parsed.value, 'findings') : undefined;
  return findings?.flatMap((each) => (isFinding(each) ? [each as unknown as Finding] : []));
}

function isFinding(value: unknown): boolean {
  return isJsonObject(value) && TEXTS.every((name) => textAt(value, name) !== undefined);
}

const TEXTS = ['id', 'subject', 'evidence', 'why', 'mend'];
