import type { Attribution } from '../../lib/attribution/attribution.ts';
import { type AlertCause, causesOf } from '../../lib/claims/alert-cause.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { ExpectedAnswer } from './scenario.ts';

interface SeenActor extends JsonObject {
  readonly kind: string;
  readonly name?: string;
}

/** An attribution as it is read back from JSON. */
export interface SeenAttribution {
  readonly status: string;
  readonly method?: string;
  readonly reason?: string;
  readonly provisional: boolean;
  readonly flags: readonly string[];
  readonly actor?: SeenActor;
  readonly chain?: readonly { readonly joinedBy?: string }[];
  readonly use?: { readonly eventIds: readonly string[] };
  readonly candidates?: readonly { readonly actor: SeenActor }[];
}

export interface SeenRecord {
  readonly auditId: string;
  readonly caller: JsonObject;
  readonly impersonated?: JsonObject;
  readonly attribution: SeenAttribution;
}

/** Returns the record as JSON has it, without undefined fields. */
export function seen(record: object): SeenRecord {
  return JSON.parse(JSON.stringify(record)) as SeenRecord;
}

export function seenAttribution(attribution: object): SeenAttribution {
  return JSON.parse(JSON.stringify(attribution)) as SeenAttribution;
}

/** Returns the parts of an answer that the scenario states, in the scenario's form. */
export function verdictOf(attribution: SeenAttribution, expected: ExpectedAnswer): JsonObject {
  const { status, method, reason, flags, actor, chain, use, candidates } = attribution;
  return withoutAbsent({
    status,
    method,
    reason,
    flags: flags.toSorted(),
    actor: actor && picked(actor, ['kind', 'name', ...Object.keys(expected.actor ?? {})]),
    joinedBy: expected.joinedBy && chain?.map(({ joinedBy }) => joinedBy ?? 'not stated'),
    use: expected.use && use?.eventIds,
    candidates: candidates?.map((candidate) => candidate.actor.name ?? candidate.actor.kind).sort(),
  });
}

/** Returns the expected answer in the form of `verdictOf`. */
export function verdictExpected(expected: ExpectedAnswer): JsonObject {
  const { status, method, reason, flags = [], actor, joinedBy, use, candidates } = expected;
  return withoutAbsent({
    status,
    method,
    reason,
    flags: flags.toSorted(),
    actor: actor && withoutAbsent(actor),
    joinedBy,
    use,
    candidates: candidates?.toSorted(),
  });
}

/** Returns whether the expected answer, once it is final, has this cause of alerts. */
export function givesCause(expected: ExpectedAnswer, cause: AlertCause): boolean {
  const answer = { ...expected, flags: expected.flags ?? [], provisional: false };
  return causesOf(answer as unknown as Attribution, [cause]).length > 0;
}

/** Returns the parts of an object that a scenario states, `null` for those that are absent. */
export function partsOf(object: JsonObject | undefined, stated: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(stated).map((key) => [key, object?.[key] ?? null]));
}

function picked(object: JsonObject, keys: readonly string[]): JsonObject {
  return withoutAbsent(Object.fromEntries(keys.map((key) => [key, object[key]])));
}

function withoutAbsent(object: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(object)) as JsonObject;
}
