import type { AlertDigest, DigestGroup, DigestSession, DigestSummary } from '../../claims/alert-digest.ts';
import { clusterInFull } from '../../identity/cluster.ts';
import { kindWords } from '../../words/kind-words.ts';
import { escapeText, quote, subjectOf } from './alert-text.ts';

export function digestSubject({ sessions, groups, causes }: AlertDigest): string {
  const [gravest] = groups;
  const about = [...new Set([...(gravest?.causes ?? []), ...causes])].join(', ');
  return subjectOf(`eks-whois: digest of ${countText(sessions, 'session')}: ${about}`);
}

/** The address of the page about alerts if the deployment states no other. */
const RUNBOOKS = 'docs/alerts.md';

/**
 * Returns the digest as text, the gravest group first. Everything that a caller chose is quoted, escaped and cut.
 * @param runbooks the address at which the reader finds docs/alerts.md.
 */
export function digestText(digest: AlertDigest, runbooks = RUNBOOKS): string {
  const { sessions, summary, groups, moreGroups, hasMore, from, to } = digest;
  const lines = [
    `Digest: alerts about ${countText(sessions, 'session')}, held from ${from} to ${to}.`,
    `The gravest groups come first, then the rarest. ${runbooks} says what to do about each.`,
    ...(groups.length === 1 && moreGroups === 0 ? [] : ['', 'In total:', ...summary.flatMap(summaryLines)]),
    ...accountLines(digest),
    ...groups.flatMap((group, at) => ['', ...groupLines(group, at + 1)]),
    ...(moreGroups === 0 ? [] : ['', `${countText(moreGroups, 'more group')}, counted above but not listed.`]),
    ...(hasMore ? ['', 'More alerts wait than one digest can have. The next digest has them.'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Returns the totals by account if there are several accounts. One of them may have forged events to hide those of
 * others.
 */
function accountLines({ accounts, moreAccounts }: AlertDigest): string[] {
  if (accounts.length < 2) return [];
  const lines = accounts.map(
    ({ accountId, sessions, groups }) =>
      `- ${accountId === '' ? 'unknown account' : accountId}: ${countText(sessions, 'session')} in ${countText(groups, 'group')}`,
  );
  const more = moreAccounts === 0 ? [] : [`- and ${countText(moreAccounts, 'more account')}`];
  return ['', 'By the account that sent the events:', ...lines, ...more];
}

function groupLines(group: DigestGroup, number: number): string[] {
  const { sessions, records, first, last, explained, listed, queries } = group;
  const left = sessions - listed.length;
  return [
    `${number}. ${titleOf(group)}: ${countText(sessions, 'session')}, ${countText(records, 'record')}`,
    ...placeLines(group),
    ...(first === undefined ? [] : [`   From ${first} to ${last ?? first}`]),
    ...(explained === 0 ? [] : [`   A later grant explains ${explained} of them.`]),
    ...listed.flatMap(sessionLines),
    ...(left === 0 ? [] : [`   - and ${left} more`]),
    ...queryLines(queries, '   '),
  ];
}

function titleOf({ kind, causes, reasons }: Pick<DigestGroup, 'kind' | 'causes' | 'reasons'>): string {
  const about = causes.join(', ');
  if (kind === 'resolved') return `Resolved by a later grant (${about})`;
  return reasons.length === 0 ? about : `${about} (${reasons.join(', ')})`;
}

function placeLines({ cluster, principal, senders }: DigestGroup): string[] {
  const parts = [
    ...(cluster === undefined ? [] : [`cluster ${quote(cut(clusterInFull(cluster)))}`]),
    ...(principal === undefined ? [] : [`role, user or account ${quote(cut(principal))}`]),
    ...(senders.includes('') ? [] : [`sent by account ${senders.join(', ')}`]),
  ];
  return parts.length === 0 ? [] : [`   Where: ${parts.join(', ')}`];
}

function sessionLines({ caller, first, last, count, actors, query, at }: DigestSession): string[] {
  const { kind, username, sessionName, accessKeyId } = caller;
  const who = [
    `${quote(cut(username))} (${kindWords(kind)})`,
    ...(sessionName === undefined ? [] : [`session name ${quote(cut(sessionName))}`]),
    ...(accessKeyId === undefined ? [] : [`key ${quote(cut(accessKeyId))}`]),
    `${countText(count, 'record')}${first === undefined ? '' : ` from ${first} to ${last ?? first}`}`,
    ...(actors.length === 0
      ? []
      : [`known or possible actors ${actors.slice(0, MOST_ACTORS).map(cut).map(quote).join(', ')}`]),
    `held since ${at}`,
  ];
  return [`   - ${who.join('; ')}`, `     ${escapeText(query)}`];
}

function summaryLines({ kind, causes, groups, sessions, queries }: DigestSummary): string[] {
  const title = titleOf({ kind, causes, reasons: [] });
  return [
    `- ${title}: ${countText(sessions, 'session')} in ${countText(groups, 'group')}`,
    ...queryLines(queries, '  '),
  ];
}

function queryLines(queries: readonly string[], indent: string): string[] {
  return queries.map((query) => `${indent}All of them: ${escapeText(query)}`);
}

const MOST_ACTORS = 3;
/**
 * Limits the characters that are shown of one text. Few texts begin with the same 128 characters, and the digest's
 * command matches the whole text.
 */
const LONGEST_SHOWN = 128;

function cut(text: string): string;
function cut(text: string | undefined): string | undefined;
function cut(text: string | undefined): string | undefined {
  return text === undefined || text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`;
}

function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
