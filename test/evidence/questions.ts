import type { KnownGrants } from '../../lib/attribution/known-grants.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import type { AuditEvent } from '../../lib/audit/audit-event.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { isUnusualNodeClient } from '../../lib/audit/node-client.ts';
import { MINUTE } from '../../lib/time.ts';
import { type WhoisService, whois } from '../../lib/usecases/query/whois.ts';
import type { WhoisQuestion } from '../../lib/usecases/query/whois-question.ts';
import { whoisSession } from '../../lib/usecases/query/whois-session.ts';
import { knownFrom } from '../builders/answer.ts';
import { piecesOf } from '../builders/pieces.ts';
import type { FedService } from '../model/feeding.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';
import { ListedTrail, memoryStores } from '../usecases/service.ts';
import type { ToldEvent } from './scenario.ts';
import { type SeenAttribution, seenAttribution } from './verdict.ts';

/** One way to ask about an event: the words of the question, and the answer. */
export interface WayToAsk {
  readonly how: string;
  readonly attribution: SeenAttribution;
}

/** The sources of answers: CloudTrail's files, the service's tables, or look-ups alone. */
export interface Sources {
  readonly records: readonly unknown[];
  readonly settings: AttributionSettings;
  readonly service: FedService;
}

/** Returns every way in which `whois` can be asked about the event, with its answer. */
export async function answersAbout(given: ToldEvent, sources: Sources): Promise<readonly WayToAsk[]> {
  const event = parseAuditEvent(given.event);
  if (typeof event === 'string') throw new Error(`the scenario's event is none: ${event}`);
  const byId = await whois({ by: 'audit-id', auditId: event.auditId }, serviceOf(sources));
  const answers = [askedOf('by audit id', byId)];
  if (!isAskable(event)) return answers;
  for (const [how, question] of questionsOf(event)) {
    answers.push(askedOf(`${how}, over files`, { attribution: await overFiles(question, event, sources) }));
    const request = { by: 'caller', question, at: event.at, lookback: undefined } as const;
    answers.push(askedOf(`${how}, over the service`, await whois(request, serviceOf(sources))));
    if (event.caller.sessionName === undefined) continue; // Look-ups cannot search for a name that is only guessed.
    answers.push(askedOf(`${how}, over look-ups alone`, await whois(request, lookingUp(sources))));
  }
  return answers;
}

/**
 * Returns whether a question can state all that the event does. Its caller has an AWS identity or user and acts for nobody,
 * its time can be read, and no flag is about its client.
 */
function isAskable({ caller, impersonated, at, userAgent }: AuditEvent): boolean {
  return (
    !isUnusualNodeClient({ caller, userAgent }) &&
    at !== undefined &&
    caller.accountId !== undefined &&
    caller.kind !== 'malformed' &&
    impersonated === undefined
  );
}

function questionsOf({ caller }: AuditEvent): readonly (readonly [how: string, question: WhoisQuestion])[] {
  const { uid, username, accessKeyId, sessionName, arn, roleId } = caller;
  const pasted = { uid, username, accessKeyId, sessionName, arn };
  if (roleId === undefined || sessionName === undefined || caller.kind !== 'role-session') return [['pasted', pasted]];
  const principal = { principal: `${roleId}:${sessionName}`, accessKeyId, arn };
  return [
    ['pasted', pasted],
    ['by principal', principal],
  ];
}

async function overFiles(question: WhoisQuestion, { at }: AuditEvent, { records, settings }: Sources): Promise<object> {
  const known: KnownGrants = knownFrom(records);
  const source = { answer: async () => [] };
  const query = { question, moment: at ?? 'unreadable', known, source, settings, settled: true } as const;
  return (await whoisSession(query)).attribution;
}

function serviceOf({ service: { service, stores }, settings }: Sources): WhoisService {
  return { ...stores, clock: service.clock.now, settings, deadline: 30 * MINUTE, lookups: undefined };
}

/** Returns a service that stored nothing yet, with a CloudTrail that answers its look-ups. */
function lookingUp({ records, settings, service: { service } }: Sources): WhoisService {
  const stores = memoryStores(calmWorld(service.clock.now));
  const trail = new ListedTrail();
  trail.records = records.flatMap((value) => piecesOf(value).trail);
  const lookups = trail.lookups({ claim: 'a-claim', read: [], keep: async () => undefined });
  const { now } = service.clock;
  return { ...stores, clock: now, settings, deadline: 30 * MINUTE, lookups };
}

function askedOf(how: string, answer: object | undefined): WayToAsk {
  if (answer === undefined || !('attribution' in answer)) throw new Error(`nothing was answered ${how}`);
  return { how, attribution: seenAttribution(answer.attribution as object) };
}
