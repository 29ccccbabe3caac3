import { signal } from '@preact/signals';
import { actorLabel } from '../../../lib/attribution/actor-names.ts';
import { actorsOf } from '../../../lib/attribution/attribution.ts';
import { FLAG_ROWS, type Flag, FORGED_FLAGS, flagsWhere } from '../../../lib/attribution/flags.ts';
import { REASON_ROWS, REASONS } from '../../../lib/attribution/reasons.ts';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import type { Finding } from '../../../lib/doctor/finding.ts';
import { parseUid } from '../../../lib/identity/uid.ts';
import { isJsonObject, listAt, parseJson, textAt } from '../../../lib/json.ts';
import { quoted } from '../../../lib/shell.ts';
import type { NoteView, SessionRow } from './answers.ts';
import { sessionOfCaller } from './sessions.ts';

/** Flags that are looked for in records, since no list has them. */
export const FLAG_LISTS: Readonly<Record<string, readonly Flag[]>> = {
  anonymous: flagsWhere(({ list }) => list === 'anonymous'),
  forged: FORGED_FLAGS,
  nodes: flagsWhere(({ list }) => list === 'nodes'),
};

/** A session to look into, as `/sessions` has it; or one with a flag, of which only its records tell. Earlier services say no id. */
export interface TodoRow extends Omit<SessionRow, 'id' | 'why' | 'openedAt'> {
  readonly id?: string;
  readonly why?: readonly string[];
  readonly flag?: Flag;
  /** Of one of its records, by which all can be said of who it was. */
  readonly auditId?: string;
}

/** Sessions for which the same is to be done. */
export interface TodoGroup {
  readonly key: string;
  readonly why: string;
  readonly next: string | undefined;
  readonly rows: readonly TodoRow[];
}

/** By the gravest flag, or the first reason, the largest group first. */
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

/** Where no reason is given. */
const OF_STATUS: Readonly<Record<string, string>> = {
  ambiguous: 'Several actors are possible.',
  pending: 'The answer is not final: CloudTrail can be 15 minutes behind.',
};

/** The sessions of records with one of the flags, the latest first as the records are. */
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
      actors: unique(({ attribution }) => actorsOf(attribution).map(actorLabel)),
      clusters: unique(({ cluster }) => [cluster]),
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

/** What asks again who a session is of, with all that is known of it: now CloudTrail may know more. */
export function whoisCommand({ caller, last, auditId }: Pick<TodoRow, 'caller' | 'last' | 'auditId'>): string {
  if (auditId !== undefined) return `eks-whois whois --audit-id ${quoted(auditId)}`;
  const { uid, username, sessionName, accessKeyId } = caller;
  const options = { uid, username, 'session-name': sessionName, 'access-key-id': accessKeyId, at: last };
  const given = Object.entries(options).flatMap(([name, value]) => (value ? `--${name} ${quoted(value)}` : []));
  return ['eks-whois whois', ...given].join(' ');
}

/** The command that finds the cause of a group, and says how to mend it; undefined where none does. */
export function causeCommand(key: string): string | undefined {
  return REASONS.filter((reason) => reason === key).map((reason) => REASON_ROWS[reason].causeCommand)[0];
}

/** Hours: twice as long as any session lasts. */
const FURTHER = 72;

/** What looks into one session, to be copied: who it is of, and by its reason what else there is to see. */
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

/** What to ask who a caller is: what proves most of all that is known. */
export function questionOfCaller({ accessKeyId, uid, username }: TodoRow['caller']): string {
  return accessKeyId ?? [uid, username].filter(Boolean).join(' ');
}

/** What the session's records are asked for by. */
export function sessionOfRow({ caller }: Pick<TodoRow, 'caller'>): string | undefined {
  const uid = parseUid(caller.uid);
  return sessionOfCaller(uid?.kind === 'role' ? { ...caller, roleId: uid.roleId } : caller);
}

/**
 * Whether somebody looked at it, and did not open it again since. The newest note comes first. Who chooses the audit id, or the
 * name where no key tells sessions apart, goes on under what was looked at: what came since, whenever it happened, is to be
 * looked at. Notes of earlier versions tell no more than when they were written.
 */
export function isLookedAt(notes: readonly NoteView[] = [], { id, caller, count = 0, last = '' }: TodoRow): boolean {
  const mark = notes.find(({ kind }) => kind !== 'note');
  if (mark?.kind !== 'looked-at') return false;
  if ((id && caller.accessKeyId) !== undefined) return true;
  const { seen, when } = mark;
  return seen === undefined ? when >= last : (seen.last ?? '') === last && count <= (seen.count ?? 0);
}

/** What notes are about a row; undefined where its service says no id. */
export function aboutOf({ id, auditId }: TodoRow): string | undefined {
  if (id !== undefined) return `claim:${id}`;
  return auditId === undefined ? undefined : `audit:${auditId}`;
}

/** What doctor found, as somebody showed it to this page: until it is closed. */
export const diagnosis = signal<readonly Finding[] | undefined>(undefined);

/** The findings in what `eks-whois doctor -o json` wrote, the gravest first as there; undefined where it is none of that. */
export function findingsIn(text: string): readonly Finding[] | undefined {
  const parsed = parseJson(text);
  const findings = parsed.ok && isJsonObject(parsed.value) ? listAt(parsed.value, 'findings') : undefined;
  return findings?.flatMap((each) => (isFinding(each) ? [each as unknown as Finding] : []));
}

function isFinding(value: unknown): boolean {
  return isJsonObject(value) && TEXTS.every((name) => textAt(value, name) !== undefined);
}

const TEXTS = ['id', 'subject', 'evidence', 'why', 'mend'];
