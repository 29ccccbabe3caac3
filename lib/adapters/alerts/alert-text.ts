import type { Alert } from '../../claims/alert.ts';
import { meaningsOf } from '../../claims/alert-cause.ts';
import { clusterInFull } from '../../identity/cluster.ts';
import { kindWords } from '../../words/kind-words.ts';

/** The longest subject. SNS accepts up to 100 ASCII characters without line breaks (Publish, API Reference). */
const LONGEST_SUBJECT = 100;

export function alertSubject(alert: Alert): string {
  const what = alert.kind === 'resolved' ? 'resolved' : alert.causes.join(', ');
  return subjectOf(`eks-whois: ${what}: ${claimedName(alert)}`);
}

export function subjectOf(text: string): string {
  const subject = text.replace(/[^\x20-\x7e]/g, '?');
  return subject.length <= LONGEST_SUBJECT ? subject : `${subject.slice(0, LONGEST_SUBJECT - 3)}...`;
}

/**
 * Returns the alert as text. Everything that a caller chose is quoted and escaped, so that it cannot look like lines of
 * the alert.
 */
export function alertText(alert: Alert): string {
  const { caller, clusters, count, first, last, verbs, namespaces, actors, conflicts = [], unanswered = [] } = alert;
  const lines = [
    headline(alert),
    ...(alert.kind === 'alert' ? meaningsOf(alert.causes, alert) : []),
    '',
    `Claimed identity: ${quote(caller.username)} (${kindWords(caller.kind)})`,
    ...line('UID', caller.uid),
    ...line('Session name', caller.sessionName),
    ...line('Access key', caller.accessKeyId),
    ...list('Source IPs', alert.addresses ?? []),
    ...list('Clusters', clusters.map(clusterInFull)),
    `Records: ${count}${first === undefined ? '' : `, from ${first} to ${last ?? first}`}`,
    ...list('Verbs', verbs),
    ...list('Namespaces', namespaces),
    ...list('Known or possible actors', actors),
    ...list('Other versions of these events name', conflicts),
    ...list('CloudTrail did not answer in', unanswered),
    '',
    `Next: ${alert.nextStep}`,
    `Query: ${escapeText(alert.query)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function headline({ kind, causes }: Alert): string {
  const about = causes.join(', ');
  return kind === 'resolved' ? `Resolved: a later grant explains this alert (${about}).` : `Alert: ${about}.`;
}

/** Returns a name for the subject line. Whoever assumed the session chose that name, so it may be somebody else's. */
function claimedName({ caller: { sessionName, username, uid, kind } }: Alert): string {
  return sessionName === undefined ? (username ?? uid ?? kind) : `session named ${sessionName}`;
}

function line(title: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${title}: ${quote(value)}`];
}

function list(title: string, values: readonly string[]): string[] {
  return values.length === 0 ? [] : [`${title}: ${values.map(quote).join(', ')}`];
}

/**
 * Returns the text in quotes. It is escaped as in JSON, and so is every invisible character, such as a bidirectional
 * mark.
 */
export function quote(value: string | undefined): string {
  if (value === undefined) return 'none';
  return escapeText(JSON.stringify(value));
}

export function escapeText(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
