import type { Actor } from '../../lib/attribution/actor.ts';
import { actorName } from '../../lib/attribution/actor-names.ts';
import { actionText } from '../../lib/audit/action.ts';
import { objectText } from '../../lib/audit/object-text.ts';
import type { KeptRecord } from '../../lib/claims/kept-record.ts';
import { changeText } from '../../lib/cloudtrail/cluster-change.ts';
import { formatInstant } from '../../lib/time.ts';
import { changedBy } from '../../lib/usecases/changes/changes.ts';
import type { AwsOfPod } from '../../lib/usecases/related/aws-calls.ts';
import type {
  ClusterChangesAround,
  PodOfRequest,
  RelatedAnswer,
  RelatedCandidate,
  RelatedToRequest,
  ServiceAccountTokens,
  SessionAround,
  UsesOfPods,
  UsesOfToken,
} from '../../lib/usecases/related/related-answer.ts';
import { actorColumn } from '../../lib/words/columns.ts';
import { escapeForTerminal } from '../../lib/words/escape.ts';
import { kindWords } from '../../lib/words/kind-words.ts';
import { ClusterNames } from '../format/record-columns.ts';
import { counted } from '../terminal/text-table.ts';
import { wrapped } from '../terminal/width.ts';

/** An answer with AWS calls from CloudTrail. */
export type ShownAnswer = Omit<RelatedAnswer, 'requests'> & { readonly requests: readonly ShownRequest[] };
export type ShownRequest = RelatedToRequest & { readonly aws?: AwsOfPod | undefined };

/**
 * Returns the answer as text for a terminal of `width` columns, if that is known. `next` are the next commands, one
 * line each.
 */
export function relatedText(answer: ShownAnswer, next: readonly string[], width?: number): string {
  const { requests, requestsLeftOut: left, hasMore } = answer;
  const least = hasMore ? 'at least ' : '';
  const clusters = clustersOf(answer);
  const lines = requests.flatMap((request, at) => [
    ...(requests.length > 1 || left
      ? [`request ${at + 1} of ${least}${requests.length + (left ?? 0)} with this audit ID`]
      : []),
    ...requestLines(request, (record) => recordLine(record, clusters)),
    '',
  ]);
  if (left)
    lines.push(
      `${hasMore ? 'At least ' : ''}${counted(left, 'more request')} with this audit ID: the client chooses it. List all with records --audit-id, or use --at to select a time.`,
      '',
    );
  const text = lines.map((line) => wrappedLine(escapeForTerminal(line), width)).join('');
  return `${text}${['next', ...next.map((command) => `  ${command}`)].map(escapeForTerminal).join('\n')}\n`;
}

/** Returns the names of all clusters in the answer, so that two clusters of one name can be distinguished. */
function clustersOf({ requests }: ShownAnswer): ClusterNames {
  const clusters = new ClusterNames();
  for (const { stages, session, serviceAccount, tokenUses, podUses, pod } of requests) {
    const created = pod?.origin.flatMap((link) => link.created ?? []) ?? [];
    const around = [...(session?.requests ?? []), ...(session?.otherKeys ?? [])];
    const rows = [...(serviceAccount?.tokens ?? []), ...(pod?.entries ?? []), ...(podUses?.requests ?? [])];
    const entries = rows.map(({ record }) => record);
    const uses = tokenUses?.requests ?? [];
    for (const record of [...stages, ...uses, ...around, ...entries, ...created, ...(pod?.changes ?? [])])
      clusters.add(record);
  }
  return clusters;
}

/** Writes a record as a line. */
type LineOf = (record: KeptRecord) => string;

function requestLines(request: ShownRequest, lineOf: LineOf): string[] {
  const { stages, candidates, pod, serviceAccount, tokenUses, podUses, session, clusterChanges, aws, notKnown } =
    request;
  const names = stages.map(({ stage }) => stage ?? 'no stage').join(', ');
  return [
    ...stages.slice(0, 1).map(lineOf),
    `  stages: ${names}`,
    ...section('candidates: who may be behind it (never proven)', candidates.flatMap(candidateLines)),
    ...(pod ? podLines(pod, lineOf) : []),
    ...(serviceAccount ? tokenLines(serviceAccount, lineOf) : []),
    ...(tokenUses ? useLines(tokenUses, lineOf) : []),
    ...(podUses ? podUseLines(podUses, lineOf) : []),
    ...(aws ? awsLines(aws) : []),
    ...(session ? sessionLines(session, lineOf) : []),
    ...(clusterChanges ? changesLines(clusterChanges) : []),
    ...section(
      'not known',
      notKnown.map((sentence) => `  ${sentence}`),
    ),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

/** Returns a record in a line, from the time to the caller. The audit ID follows as the evidence. */
function recordLine(record: KeptRecord, clusters: ClusterNames): string {
  const { time = 'unknown time', request, action, response, source, auditId } = record;
  const what = objectText(request ?? {}) || '?';
  const code = response === undefined ? 'no response code' : `response code ${response.code}`;
  const cluster = clusters.of(record);
  const done = action === undefined ? '' : `: ${actionText(action)}`;
  const ip = source?.ips?.at(-1); // The client writes all others.
  const from = ip === undefined ? '' : `  from ${ip}`;
  return `${time}  ${cluster === '' ? '' : `${cluster}  `}${request?.verb ?? '?'} ${what}${done}  ${code}${from}  by ${callerColumn(record)}  [${auditId}]`;
}

/** Returns the actor and the username that the cluster saw. For an ambiguous request also the candidates. */
function callerColumn(record: KeptRecord): string {
  const { attribution, caller } = record;
  const { status, actor, flags } = attribution;
  const username = caller.username ?? caller.kind;
  const conclusion = [status, ...flags].join(', ');
  if (actor !== undefined) return `${actorText(actor)} as ${username} (${conclusion})`;
  if (status !== 'ambiguous') return `${username} (${conclusion})`;
  return `${username} (${conclusion}: may be ${actorColumn(record)})`;
}

function actorText(actor: Actor): string {
  return `${actorName(actor)} (${kindWords(actor.kind)})`;
}

function candidateLines({ actor, oneOf, username, reasons, evidence }: RelatedCandidate): string[] {
  const who =
    actor !== undefined
      ? actorText(actor)
      : oneOf !== undefined
        ? `one of ${oneOf.map(actorText).join(', ')}`
        : `an unidentified caller, as ${username ?? 'no user'}`;
  return [`  ${who}`, ...reasons.map((reason) => `    ${reason}`), `    evidence: ${evidence.join(', ')}`];
}

function podLines(pod: PodOfRequest, lineOf: LineOf): string[] {
  const {
    name = 'without a name',
    uid = 'not known',
    node = 'not known',
    from,
    fromReason,
    to,
    toReason,
    origin,
    changes,
    entries,
    leftOut,
  } = pod;
  const life = `from ${from ?? 'an unknown time'} to ${to ?? 'an unknown time'}`;
  const reasons = [fromReason, toReason].flatMap((reason) => (reason === undefined ? [] : [`    ${reason}`]));
  const links = origin.flatMap(({ kind, name: own, created, reason, foundBy }) => [
    `  ${kind} ${own ?? '(no name in the request)'}, matched by ${foundBy}: ${created ? lineOf(created) : 'the create request is not stored'}`,
    `    ${reason}`,
  ]);
  const came = entries.map(
    ({ record, afterRequest, mayBeOfAnother }) =>
      `  ${lineOf(record)}${afterRequest ? '  after the request' : ''}${mayBeOfAnother ? '  (may have been another pod with this name)' : ''}`,
  );
  return [
    ...section(`pod ${name}`, [`  uid ${uid}, node ${node}, ${life}`, ...reasons]),
    ...section('origin of the pod', links),
    ...section(
      'changes to the origin before the pod was created',
      changes.map((record) => `  ${lineOf(record)}`),
    ),
    ...section('who entered the pod', came.length === 0 ? ['  nobody found'] : came),
    ...leftOutLine(leftOut),
  ];
}

function tokenLines({ name, tokens, leftOut }: ServiceAccountTokens, lineOf: LineOf): string[] {
  const lines = tokens.map(
    ({ record, used }) => `  ${lineOf(record)}${used ? '  the token that this request used' : ''}`,
  );
  return [
    ...section(`tokens issued for ${name}`, lines.length === 0 ? ['  none found'] : lines),
    ...leftOutLine(leftOut),
  ];
}

function useLines({ name, requests, leftOut }: UsesOfToken, lineOf: LineOf): string[] {
  const lines = requests.map((record) => `  ${lineOf(record)}`);
  return [
    ...section(
      `requests with the token of ${name} that this request issued`,
      lines.length === 0 ? ['  none found'] : lines,
    ),
    ...leftOutLine(leftOut),
  ];
}

function podUseLines({ kind, namespace, name, requests, leftOut }: UsesOfPods, lineOf: LineOf): string[] {
  const created = `the ${kind} ${namespace}/${name ?? '(no name in the request)'}`;
  const title =
    kind === 'Pod'
      ? `requests of ${created} that this request created`
      : `requests of pods of ${created} that this request created`;
  const lines = requests.map(
    ({ record, foundBy }) =>
      `  ${lineOf(record)}${record.caller.pod?.name === name ? '' : `  in the pod ${record.caller.pod?.name ?? '?'}`}${foundBy === 'name' ? '  (matched by name only)' : ''}`,
  );
  return [
    ...section(`${title} (anybody in the pod can have made them)`, lines.length === 0 ? ['  none found'] : lines),
    ...leftOutLine(leftOut),
  ];
}

function awsLines({ sessions, calls, leftOut, notKnown = [] }: AwsOfPod): string[] {
  const issued = sessions.flatMap(({ by, roleArn, sessionName, issuedAt, eventId, reason }) => [
    `  ${formatInstant(issuedAt)}  ${roleArn ?? 'a role'} as ${sessionName ?? '?'}, by ${by}  [${eventId}]`,
    `    ${reason}`,
  ]);
  const made = calls.map(
    ({ time, service, name, region = '-', errorCode, eventId }) =>
      `  ${time}  ${service} ${name}  ${region}  ${errorCode ?? 'done'}  [${eventId}]`,
  );
  return [
    ...section('AWS sessions', issued.length === 0 ? ['  none found'] : issued),
    ...section('AWS calls around the request', made),
    ...leftOutLine(leftOut),
    ...section(
      'not known about AWS',
      notKnown.map((sentence) => `  ${sentence}`),
    ),
  ];
}

/** Returns the section on changes of the cluster. If no change is known, the section says so and why. */
function changesLines({ changes, from, to, leftOut, note }: ClusterChangesAround): string[] {
  const lines = changes.map((change) => {
    const { time, eventName, eventId } = change;
    const evidence = eventId === undefined ? '' : `  [${eventId}]`;
    return `  ${time}  ${eventName} ${changeText(change)}  by ${changedBy(change)}${evidence}`;
  });
  return [
    ...section(
      `changes of the cluster through the EKS API from ${from} to ${to}`,
      lines.length === 0 ? ['  none known'] : lines,
    ),
    ...leftOutLine(leftOut),
    ...(note === undefined ? [] : [`  ${note}`]),
  ];
}

function sessionLines(session: SessionAround, lineOf: LineOf): string[] {
  const { name, accessKeyId, requests, from, to, leftOut, otherKeys = [], otherKeysLeftOut } = session;
  const key = accessKeyId === undefined ? '' : ` with the access key ${accessKeyId}`;
  const lines = requests.map((record) => `  ${lineOf(record)}`);
  const title = `other requests of ${name}${key} from ${from} to ${to}`;
  const apart = otherKeys.map((record) => `  ${record.caller.accessKeyId ?? 'no access key'}  ${lineOf(record)}`);
  return [
    ...section(title, lines.length === 0 ? ['  none'] : lines),
    ...leftOutLine(leftOut),
    ...section('same session name, another access key: another session, maybe of another person', apart),
    ...leftOutLine(otherKeysLeftOut),
  ];
}

function leftOutLine(leftOut: number | undefined): string[] {
  return leftOut === undefined ? [] : [`  ${leftOut.toLocaleString('en-US')} more are not shown`];
}

/**
 * Breaks the line at blanks. Continued lines have a deeper indent than any other. So a caller's text cannot look like a
 * line of its own.
 */
function wrappedLine(line: string, width: number | undefined): string {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrapped(line.slice(indent.length), width, indent, `${indent}      `);
}
