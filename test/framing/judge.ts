import { flagsWhere } from '../../lib/attribution/flags.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { SeenAttribution } from '../evidence/verdict.ts';
import type { Answers } from './answers.ts';
import type { Truth } from './company.ts';
import type { FramingWorld } from './world.ts';

/**
 * The flags that warn that a name may be somebody else's. Flags about something else (an impersonation by a proven
 * caller, a claimed name, a node's role) do not warn of a wrong actor.
 */
const WARNINGS: readonly string[] = flagsWhere(({ isNameUnproven }) => isNameUnproven);

/** The methods by which the name is a third party's word, with the flag that says so. */
const WARNINGS_BY_METHOD: ReadonlyMap<string | undefined, string> = new Map([
  ['token', 'token-of-service-account'], // a token can be handed on
  ['proxy', 'impersonation'], // the proxy's word, trusted by configuration
]);

export function warns({ method, flags }: SeenAttribution): boolean {
  const own = WARNINGS_BY_METHOD.get(method);
  return flags.some((flag) => WARNINGS.includes(flag) || flag === own);
}

export type Judgement = 'right' | 'wrong' | 'nobody named';

/**
 * Returns whether an answer names who really did it. Only `attributed` names anybody; the other statuses leave it open.
 */
export function judged({ status, actor }: SeenAttribution, truth: Truth): Judgement {
  if (status !== 'attributed' || actor === undefined) return 'nobody named';
  const { kind, principalId, workload } = actor;
  const name = actor.knownAs ?? actor.name;
  if (name === undefined && !isPersons(principalId)) return 'nobody named';
  if (name !== undefined && !truth.names.includes(String(name)) && !isTaken(actor, truth)) return 'wrong';
  if (isPersons(principalId) && !truth.principalIds.includes(String(principalId))) return 'wrong';
  const isOther = kind === 'aws-service' && workload !== undefined && workload !== truth.workload;
  return isOther ? 'wrong' : 'right';
}

function isTaken({ name, principalId }: JsonObject, { taken = [] }: Truth): boolean {
  return isPersons(principalId) && taken.includes(String(name));
}

function isPersons(principalId: unknown): boolean {
  return typeof principalId === 'string' && principalId.startsWith('AIDA');
}

/** A result that must never occur. */
export interface Flaw {
  /** Equal for flaws of the same kind. */
  readonly kind: string;
  /** The seed, the event, the truth and the answer. */
  readonly text: string;
}

export function flawsOf(world: FramingWorld, answers: Answers): Flaw[] {
  const { deed, first, final } = answers;
  const say = (what: string, answer: SeenAttribution | undefined): Flaw => ({
    kind: `${deed.move}: ${what}`,
    text: reportOf(world, answers, what, answer),
  });
  if (deed.truth === undefined) return final === undefined ? [] : [say('a forged event left a record', final)];
  if (final === undefined) return [say('an event left no record', undefined)];
  const flaws: Flaw[] = [];
  for (const [when, answer] of [
    ['at first', first],
    ['at last', final],
  ] as const) {
    if (answer === undefined || warns(answer) || judged(answer, deed.truth) !== 'wrong') continue;
    flaws.push(say(`${when}, somebody else is named without a warning`, answer));
  }
  if (first !== undefined && !first.provisional && !warns(first) && whoOf(first) !== whoOf(final)) {
    flaws.push(say('an answer that was not provisional comes to name another', first));
  }
  return flaws;
}

/** Returns who an answer names. A later answer may replace an ID by a name, but not by another person. */
function whoOf({ actor, candidates }: SeenAttribution): string {
  const who = actor && [actor.kind, actor.principalId ?? actor.name, actor.workload];
  const others = candidates?.map((candidate) => candidate.actor.name).sort();
  return JSON.stringify([who, others]);
}

function reportOf(
  world: FramingWorld,
  { deed, final }: Answers,
  what: string,
  answer: SeenAttribution | undefined,
): string {
  const truth = deed.truth === undefined ? 'nobody' : (deed.truth.names[0] ?? 'the cluster');
  const known = world.facts.filter(({ known }) => known !== 'never').length;
  return [
    `world ${world.seed}, ${deed.auditId}, which ${deed.move}: ${what}`,
    `  truth: ${truth}; answer: ${brief(answer)}; at last: ${brief(final)}`,
    `  ${known} of ${world.facts.length} records known; templates ${JSON.stringify(world.templates)}`,
    `  ${JSON.stringify(deed.event.user)} at ${String(deed.event.requestReceivedTimestamp)}`,
  ].join('\n');
}

function brief(answer: SeenAttribution | undefined): string {
  if (answer === undefined) return 'none';
  const { status, method, reason, flags, provisional, actor } = answer;
  const who = actor && `${actor.kind} ${actor.knownAs ?? actor.name ?? '(no name)'}`;
  const words = [status, method, reason, who, `[${flags.join(' ')}]`, provisional ? 'provisional' : 'final'];
  return words.filter((word) => word !== undefined).join(' ');
}
