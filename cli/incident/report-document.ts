import type { Actor } from '../../lib/attribution/actor.ts';
import { actorFields, actorLabel } from '../../lib/attribution/actor-names.ts';
import type { ChainLink, ShowingUse, UseLink } from '../../lib/attribution/attribution.ts';
import { REASON_ROWS } from '../../lib/attribution/reasons.ts';
import { actionText } from '../../lib/audit/action.ts';
import { objectText } from '../../lib/audit/object-text.ts';
import type { DigestReport } from '../../lib/cloudtrail/digest-check.ts';
import type { Activity, Callers, SessionUse } from '../../lib/usecases/activity/activity.ts';
import { furtherText, type SeveralSources } from '../../lib/usecases/activity/sources.ts';
import {
  type AnonymousSource,
  type IncidentReport,
  namesOfSections,
  type PodUse,
  type Section,
} from '../../lib/usecases/incident/report.ts';
import {
  callerRowsBlocks,
  changesBlocks,
  firstUsesBlocks,
  nextBlocks,
} from '../../lib/usecases/incident/report-blocks.ts';
import {
  GRAVE_WORDS,
  PLACES,
  PODS,
  REQUESTS,
  SESSIONS,
  SOURCE_IPS,
  tableOf,
} from '../../lib/usecases/incident/report-tables.ts';
import type { RequestDetails } from '../../lib/usecases/query/anything/request-details.ts';
import { flagText } from '../../lib/words/advice.ts';
import { certainty, isAboutSomebody, methodWords } from '../../lib/words/certainty.ts';
import { type Block, fields, heading, type Line, lineOf, table, text, valueLine } from '../../lib/words/document.ts';
import { kindWords, labelInWords } from '../../lib/words/kind-words.ts';
import { placeText, productOf } from '../../lib/words/used-from.ts';
import { counted } from '../terminal/text-table.ts';

/** The maximum number of rows of the table of requests by place. JSON has all. */
const MOST_COUNTS = 30;

/** Returns the report as a ticket needs it: first the actor and the certainty, last what to do. */
export function reportDocument(report: IncidentReport): readonly Block[] {
  const { sections, others, othersLeft = 0, unnamed, next } = report;
  const names = namesOfSections(sections);
  const titled = sections.map((section, at) => sectionBlocks(section, numberedName(names, at)));
  return [
    ...headBlocks(report),
    ...titled.flat(),
    ...changesBlocks(report),
    ...(others ?? []).flatMap((each) => callersBlocks(lineOf`Who else used the role ${each.role}`, each)),
    ...(othersLeft > 0 ? [text(leftRoles(othersLeft))] : []),
    ...sameIpsBlocks(report),
    ...(unnamed === undefined ? [] : callersBlocks(['Requests without a single known actor'], unnamed)),
    ...(sections.length > 0 && sections.every(isWithoutLog) ? [NO_LOG] : []),
    ...digestBlocks(report.digests),
    ...nextBlocks(next),
  ];
}

/**
 * Returns whether requests are missing because there is no audit log. For the cluster's own work, requests are never
 * collected, so they do not count as missing.
 */
function isWithoutLog({ activity, standing, anonymous, workload }: Section): boolean {
  return activity === undefined && (standing !== 'system' || (anonymous ?? workload) !== undefined);
}

const NO_LOG: Block = text([
  'This report does not show what was done in the clusters. Add the audit log (--audit with --cloudtrail), or ask the service.',
]);

function headBlocks(report: IncidentReport): readonly Block[] {
  const { recognized, request, window, who, sections, sectionsLeft, unknown } = report;
  const subject = recognized.subject === '' ? [] : lineOf`: ${recognized.subject}`;
  return [
    heading(1, ['Incident report']),
    ...fields(
      ['about', [...lineOf`${recognized.as}`, ...subject]],
      ['request', request === undefined ? undefined : requestLine(request)],
      ['time range', window && lineOf`${window.from} to ${window.to}`],
      ['who', who === undefined ? nobodyLine(sections, request) : actorLine(who, sections)],
      ...recognized.notes.map((note): readonly [string, string] => ['note', note]),
    ),
    ...unknown.map((each) => text(valueLine(each))),
    ...(sectionsLeft > 0 ? [text(lineOf`${sectionsLeft} more are not in this report.`)] : []),
  ];
}

/**
 * Returns the actor. If an instance's credentials were used from several source IPs, adds that somebody else may have
 * used them.
 */
function actorLine(who: Actor, [section]: readonly Section[]): Line {
  const ips = section?.sources?.length ?? 0;
  const others = ips === 0 ? '' : `, whose credentials were used from ${ips} source IPs, perhaps by somebody else`;
  return [...lineOf`${labelInWords(actorLabel(who))}`, others];
}

/**
 * Returns the names of several sections. A name that several sections have is written once: two callers can have used
 * one access key.
 */
function severalLine(sections: readonly Section[], names: readonly string[]): Line {
  const isCertain = sections.every(({ standing }) => standing === 'actor');
  const which = names.length === 1 ? ', each under the name ' : ': ';
  return [
    isCertain ? 'several actors: ' : `not certain; one of the ${sections.length} below${which}`,
    ...listed(names),
  ];
}

function nobodyLine(sections: readonly Section[], request: RequestDetails | undefined): Line {
  const names = [...new Set(namesOfSections(sections))];
  if (sections.length > 1) return severalLine(sections, names);
  const [first] = sections;
  if (first?.standing === 'candidate') return ['not certain; possible actor: ', ...listed(names)];
  if (first?.standing !== 'system')
    return first?.node === undefined ? ['unidentified'] : takenCredentials(first, request);
  if (first.node !== undefined) return ["no person known: a node's own credentials"];
  if (first.workload !== undefined) return ['a service account: the log does not show a person'];
  if (first.anonymous !== undefined) return ['unidentified: no credentials were used'];
  return [
    isAnonymous(first)
      ? 'unidentified: the request was not authenticated'
      : "no person: the cluster's or AWS's own work",
  ];
}

/** Returns who has a node's credentials, as far as the log shows it. */
function takenCredentials({ node }: Section, request: RequestDetails | undefined): Line {
  const ip = request?.ips?.at(-1);
  const used = lineOf`unidentified: the credentials of the node ${node?.name ?? ''} were used by a client that nodes do not use`;
  return ip === undefined ? used : [...used, ...lineOf`, from ${ip}`];
}

/** The maximum number of names in a line. */
const MOST_NAMES = 10;

function listed(names: readonly string[]): Line {
  const shown = names.slice(0, MOST_NAMES).flatMap((value, at): Line => [at === 0 ? '' : ', ', { value }]);
  return names.length > MOST_NAMES ? [...shown, ' and others'] : shown;
}

function isAnonymous({ standing, session }: Section): boolean {
  return standing === 'system' && (session === undefined || session === 'system:anonymous');
}

function requestLine({
  verb,
  resource,
  subresource,
  namespace,
  name,
  uri,
  cluster,
  time,
  code,
  ...rest
}: RequestDetails) {
  const object = objectText({ verb, resource, subresource, namespace, name, uri });
  const done = [verb ?? rest.eventName, object].filter(Boolean).join(' ');
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['', done || rest.finding],
    [': ', actionText(rest.action)],
    [' impersonating ', rest.impersonated],
    [' on cluster ', cluster],
    [' at ', time],
    [', response code ', code === undefined ? undefined : String(code)],
    [', from ', rest.ips?.at(-1)],
    [' with ', rest.userAgent],
    [', audit ID ', rest.auditId],
  ];
  const stated = parts.filter(([, value]) => value !== undefined && value !== '');
  return stated.flatMap(([word, value = ''], at): Line => [at === 0 ? word.replace(/^[,:]? /, '') : word, { value }]);
}

const STANDINGS: Readonly<Record<Section['standing'], string>> = {
  actor: 'Actor',
  candidate: 'Possible actor',
  session: 'Unidentified session',
  system: "The cluster's own work",
};

/** The name in a section's title, and the section's number if there are several. */
interface NumberedName {
  readonly name: string;
  readonly number: string;
}

function numberedName(names: readonly string[], at: number): NumberedName {
  return { name: names[at] ?? '', number: names.length > 1 ? `${at + 1}. ` : '' };
}

function sectionBlocks(section: Section, { name, number }: NumberedName): readonly Block[] {
  const { standing, actor, attribution, chain, use, uses, anonymous, activity, firstUses } = section;
  const { sessions, sessionsLeft, sessionsNote } = section;
  const ofNode =
    standing === 'system' ? "A node's own credentials" : "A node's credentials, used by somebody unidentified";
  const ofSystem = section.workload === undefined ? STANDINGS[standing] : 'Service account';
  const title = isAnonymous(section) ? 'Not authenticated' : section.node === undefined ? ofSystem : ofNode;
  return [
    heading(2, [`${number}${title}: `, { value: name }]),
    ...fields(
      ['kind', actor && kindWords(actor.kind)],
      ...(actor === undefined ? [] : actorFields(actor)),
      ['status', lineOf`${attribution.status}`],
      ['method', attribution.method],
      ['certainty', certaintyOf(section)],
      ...attribution.flags.map((flag): readonly [string, Line] => ['flag', [flagText(flag, whyOf(section))]]),
      ['why', reasonLine(section)],
    ),
    ...anonymousBlocks(anonymous),
    ...podsBlocks(section.pods),
    ...sourcesBlocks(section),
    ...useBlocks(use),
    ...usesBlocks(uses),
    ...chainBlocks(chain),
    ...sessionsBlocks(sessions, sessionsLeft, sessionsNote),
    ...(activity === undefined ? [] : activityBlocks(activity)),
    ...(firstUses === undefined ? [] : firstUsesBlocks(firstUses)),
  ];
}

/** Returns the blocks that say whose requests follow, and why there is no actor. */
function anonymousBlocks(anonymous: AnonymousSource | undefined): readonly Block[] {
  if (anonymous === undefined) return [];
  const { cluster, ip, reason } = anonymous;
  return [
    ...fields(['cluster', cluster], ['source IP', ip], ['allowed by', reason]),
    text([
      'The caller is unidentified, because no credentials were used. The requests below are those of anonymous callers from this ' +
        'source IP. Several callers can share it.',
    ]),
  ];
}

/** Returns the pods that the tokens of a service account state. */
function podsBlocks(pods: readonly PodUse[] = []): readonly Block[] {
  return pods.length === 0
    ? []
    : [heading(3, ['Pods that the tokens state in this time range']), ...tableOf(PODS, pods)];
}

/** Returns the source IPs from which a node's credentials were used. */
function sourcesBlocks({ sources = [], sourcesLeft }: SeveralSources): readonly Block[] {
  if (sources.length === 0) return [];
  return [
    heading(3, ['Source IPs of these credentials in this time range']),
    ...tableOf(SOURCE_IPS, sources),
    ...(sourcesLeft === undefined ? [] : [text([`${furtherText(sourcesLeft)}.`])]),
    text([
      'The log does not show who used the credentials from each. A node can have several addresses, for example behind a NAT gateway.',
    ]),
  ];
}

function reasonLine({ attribution: { reason } }: Section): Line | undefined {
  return reason === undefined ? undefined : [`${reason}: ${REASON_ROWS[reason].why}`];
}

function whyOf({ attribution: { reason } }: Section): string | undefined {
  return reason === undefined ? undefined : REASON_ROWS[reason].why;
}

function useBlocks(use: UseLink | undefined): readonly Block[] {
  if (use === undefined) return [];
  return [
    heading(3, ['The use of the access key that shows whose session it is']),
    ...table(USE_TITLES, [useRow(use)]),
  ];
}

const USE_TITLES = ['CALL', 'TIME', 'REGION', 'EVENTS'];

function useRow({ eventName, eventIds, region = '', time = '' }: UseLink): string[] {
  return [eventName, time, region, eventIds.join(', ')];
}

function usesBlocks(uses: readonly ShowingUse[] = []): readonly Block[] {
  if (uses.length === 0) return [];
  const rows = uses.map((use) => [use.shows, ...useRow(use)]);
  return [heading(3, ['What uses of the access key show beside the grants']), ...table(['SHOWS', ...USE_TITLES], rows)];
}

function chainBlocks(chain: readonly ChainLink[]): readonly Block[] {
  const rows = chain.map((link) => {
    const times = link.eventName === 'TokenRequest' ? link.issuedAt : `${link.issuedAt} to ${link.expiresAt}`;
    const [what = '', session = '', key = '', region = ''] =
      link.eventName === 'TokenRequest'
        ? [link.serviceAccount, link.credentialId]
        : [link.roleArn ?? link.roleId, link.sessionName, link.accessKeyId, link.region];
    const from = link.eventName === 'TokenRequest' ? '' : placeText(link.sourceIp, productOf(link.userAgent)).trim();
    return [
      link.eventName,
      what,
      session,
      key,
      times,
      from,
      region,
      methodWords(link.joinedBy),
      link.eventIds.join(', '),
    ];
  });
  if (rows.length === 0) return [];
  const titles = ['CALL', 'ROLE', 'SESSION', 'KEY', 'VALID', 'CALLED', 'REGION', 'MATCHED BY', 'EVENTS'];
  return [heading(3, ['Role chain, from the actor to the session that the cluster saw']), ...table(titles, rows)];
}

function sessionsBlocks(sessions: readonly SessionUse[], left: number, note: string | undefined): readonly Block[] {
  if (sessions.length === 0) return [];
  return [
    heading(3, ['Sessions and access keys in this time range']),
    ...tableOf(SESSIONS, sessions),
    ...(left > 0 ? [text([`${counted(left, 'more request')} by sessions that are not listed.`])] : []),
    ...(note === undefined ? [] : [text([note])]),
  ];
}

function activityBlocks(activity: Activity): readonly Block[] {
  const { requests, first, last, grave, counts, countsLeft } = activity;
  const times = first === undefined || last === undefined ? [] : lineOf` from ${first} to ${last}`;
  const left = countsLeft + counts.slice(MOST_COUNTS).reduce((sum, { count }) => sum + count, 0);
  return [
    heading(3, ['What was done in this time range']),
    text([counted(requests, 'request'), ...times, '.', ...cutText(activity)]),
    ...grave.flatMap(({ kind, count, listed }) => [
      text([
        `${GRAVE_WORDS[kind]}: ${counted(count, 'request')}${count > listed.length ? `, the first ${listed.length} listed` : ''}.`,
      ]),
      ...tableOf(REQUESTS, listed),
    ]),
    ...(counts.length === 0 ? [] : [text(['All requests by cluster, namespace and verb:'])]),
    ...tableOf(PLACES, counts.slice(0, MOST_COUNTS)),
    ...(left > 0 ? [text([`Plus ${counted(left, 'request')} elsewhere.`])] : []),
  ];
}

/** Returns a warning if the number is too low, because not all records were read. */
function cutText({ isComplete, examined }: { readonly isComplete: boolean; readonly examined: number }): Line {
  return isComplete
    ? []
    : [` Not all were counted: reading stopped after ${counted(examined, 'record')}. Use a shorter --window.`];
}

function callersBlocks(title: Line, callers: Callers): readonly Block[] {
  const { requests, left } = callers;
  return [
    heading(2, title),
    text([
      requests === 0 ? 'No such requests in this time range.' : `${counted(requests, 'request')}.`,
      ...cutText(callers),
    ]),
    ...callerRowsBlocks(callers.callers),
    ...(left > 0 ? [text([`Plus ${counted(left, 'request')} by other callers.`])] : []),
  ];
}

/**
 * Returns the callers who share a source IP with the people of the report. A shared source IP alone proves nothing
 * against them.
 */
function sameIpsBlocks({ sameIps = [], sameIpsLeft = 0 }: IncidentReport): readonly Block[] {
  const left = `Not checked: ${counted(sameIpsLeft, 'more source IP')}. Use a shorter --window.`;
  return [
    ...sameIps.flatMap(({ ip, isShared, ...callers }) => [
      ...callersBlocks(lineOf`Other callers from the same source IP ${ip}`, callers),
      text([isShared ? SHARED_IP : SAME_IP]),
    ]),
    ...(sameIpsLeft > 0 ? [text([left])] : []),
  ];
}

const SAME_IP =
  'The source IP alone does not show that these are the same person. For a report on one of them, give its key or audit ID to eks-whois incident.';
const SHARED_IP = `Many callers use this source IP. It is probably shared, for example by a NAT gateway or a VPN. ${SAME_IP}`;

function leftRoles(left: number): Line {
  return [`Not checked: who else used ${counted(left, 'more role')} in this time range. Use a shorter --window.`];
}

/** The maximum number of files that the report names. JSON has all. */
const MOST_NAMED = 20;

/** Returns what was verified in CloudTrail's files, and what was not. */
function digestBlocks(report: DigestReport | undefined): readonly Block[] {
  if (report === undefined) return [];
  const { digests, unreadable, logs, chain, signatures } = report;
  const wrong = [
    ...logs.changed.map((file) => ['log file changed', file]),
    ...chain.broken.map((file) => ['digest file changed', file]),
    ...signatures.wrong.map((file) => ['signature wrong', file]),
    ...unreadable.map((file) => ['digest file unreadable', file]),
  ];
  return [
    heading(2, ["Integrity of CloudTrail's files"]),
    text([wrong.length === 0 ? 'No mismatch found in what could be verified.' : 'Do not rely on these files:']),
    ...table(['WHAT', 'FILE'], wrong.slice(0, MOST_NAMED)),
    ...(wrong.length > MOST_NAMED ? [text([`Plus ${counted(wrong.length - MOST_NAMED, 'more file')}.`])] : []),
    ...fields(
      ['log files', [logsText(logs)]],
      ['digest files', [chainText(digests, chain)]],
      ['signatures', [signaturesText(signatures)]],
    ),
  ];
}

function logsText({ intact, changed, missing, unnamed }: DigestReport['logs']): string {
  return (
    `${intact} match their digest, ${changed.length} changed, ${missing} listed in a digest but not here, ` +
    `${unnamed} here but in no digest, so not verified`
  );
}

function chainText(digests: number, { linked, broken, withoutPrevious }: DigestReport['chain']): string {
  return (
    `${digests}: ${linked} match the next one, ${broken.length} changed. For ${withoutPrevious}, the previous one is not ` +
    'here, so deliveries before it, or between, are not known'
  );
}

function signaturesText({ verified, wrong, unverified }: DigestReport['signatures']): string {
  const why =
    unverified === 0
      ? ''
      : ': no key was given for them (--digest-public-key), or no later digest file has the signature. aws cloudtrail validate-logs verifies these';
  return `${verified} verified, ${wrong.length} wrong, ${unverified} not verified${why}`;
}

/** Returns how certain the actor is, in the words of `whois`. Undefined if the section is about no person. */
export function certaintyText({
  attribution,
  accessKeyId,
  standing,
  complete: isComplete,
}: Section): string | undefined {
  if (!isAboutSomebody(attribution)) return undefined;
  if (standing === 'candidate' && attribution.actor !== undefined) return UNDECIDED;
  return certainty(attribution, { isOfEvent: true, hasKey: accessKeyId !== undefined, hasTime: true, isComplete });
}

/**
 * The certainty of an actor who made similar requests, but perhaps not this one, or not all of these. A note of the
 * report has the reason.
 */
const UNDECIDED = 'Not certain: nothing proves that this request, or each of these requests, is theirs.';

function certaintyOf(section: Section): Line | undefined {
  const words = certaintyText(section);
  return words === undefined ? undefined : [words];
}
