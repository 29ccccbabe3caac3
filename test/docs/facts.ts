import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../../lib/json.ts';

/** The part of answers to compare: the records, the sessions, the actor with the evidence, or the reported requests. */
export type Level = 'records' | 'sessions' | 'identities' | 'requests';

/** The level at which answers of these rows can be compared: a list of sessions has no records. */
export function levelOf(answers: readonly (readonly unknown[])[]): Level {
  const rows = answers.flat().filter(isJsonObject);
  if (rows.some((row) => listAt(row, 'requests') !== undefined)) return 'requests';
  if (rows.some(isIdentity)) return 'identities';
  return rows.every((row) => isRecord(row) || isOfSql(row)) ? 'records' : 'sessions';
}

/** Returns the facts in the rows, each once and sorted. @throws Error for a row without such a fact. */
export function factsOf(rows: readonly unknown[], level: Level): readonly string[] {
  return [...new Set(rows.flatMap((row) => factsOfRow(isJsonObject(row) ? row : {}, level)))].toSorted();
}

function factsOfRow(row: JsonObject, level: Level): readonly string[] {
  if (level === 'requests') return auditIdsOf(row);
  if (level === 'identities') return identitiesOf(row);
  if (level === 'records' && isRecord(row))
    return [['auditId', 'stage', 'time'].map((key) => textAt(row, key)).join(' ')];
  if (level === 'records' && isOfSql(row))
    return [['audit_id', 'stage', 'original_time'].map((key) => textAt(row, key)).join(' ')];
  const caller = objectAt(row, 'caller');
  if (level !== 'sessions' || caller === undefined) throw new Error(`of another kind: ${JSON.stringify(row)}`);
  return [['uid', 'username', 'sessionName', 'accessKeyId'].map((key) => textAt(caller, key) ?? '-').join(' ')];
}

function isRecord(row: JsonObject): boolean {
  return textAt(row, 'auditId') !== undefined && objectAt(row, 'attribution') !== undefined;
}

/** An answer of `whois`, of the command line or the API, about one or about a person's sessions. */
function isIdentity(row: JsonObject): boolean {
  return (
    !isRecord(row) &&
    (objectAt(row, 'recognized') ?? objectAt(row, 'attribution') ?? listAt(row, 'chain')) !== undefined
  );
}

function isOfSql(row: JsonObject): boolean {
  return textAt(row, 'audit_id') !== undefined;
}

/** Status, actor, and the grants by which it is known; of a person, of each session. */
function identitiesOf(answer: JsonObject): readonly string[] {
  const sessions = (listAt(answer, 'sessions') ?? [answer]).filter(isJsonObject);
  return sessions.map((session) => {
    const attribution = attributionOf(session);
    const name = textAt(objectAt(attribution, 'actor') ?? {}, 'name');
    return `${textAt(attribution, 'status')} ${name} ${eventIdsOf(session).join(', ')}`;
  });
}

/** CloudTrail's event ids of the chain, the actor's end first: of each grant all of its copies'. */
export function eventIdsOf(answer: JsonObject): readonly string[] {
  const chain = (listAt(attributionOf(answer), 'chain') ?? []).filter(isJsonObject);
  return chain.map((link) => (listAt(link, 'eventIds') ?? []).join(' '));
}

/** The command line's JSON is the attribution itself, with what belongs to it. */
function attributionOf(answer: JsonObject): JsonObject {
  return objectAt(answer, 'attribution') ?? answer;
}

function auditIdsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(auditIdsOf);
  if (!isJsonObject(value)) return [];
  const own = textAt(value, 'auditId');
  return [...(own === undefined ? [] : [own]), ...Object.values(value).flatMap(auditIdsOf)];
}
