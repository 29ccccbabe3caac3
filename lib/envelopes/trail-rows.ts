import { isGrantEvent } from '../cloudtrail/evidence-events.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, parseJson, textAt } from '../json.ts';
import { type Fields, newFields } from './security-lake/fields.ts';

/**
 * Rows of a table of the trail, as a query of Athena or CloudTrail Lake returns them. Columns are texts.
 * `requestparameters` and `responseelements` are JSON in Athena, and maps in CloudTrail Lake. `useridentity` is a
 * struct without quotes in both: `{type=AssumedRole, principalid=AROA…:name, …}`. FACTS, "What log collectors write",
 * has samples.
 * Trust: whoever made the query can write anything into the columns. A caller chose some of the values. If a value
 * could have added a field, the row is not read.
 */

/** The columns that a record must have. */
const NEEDED = ['eventID', 'eventTime', 'eventSource', 'eventName', 'userIdentity'] as const;

/** CloudTrail's names of the fields that are read, by their names in lower case. Athena and Lake write the latter. */
const FIELDS: ReadonlyMap<string, string> = new Map(
  [
    ...NEEDED,
    ...['eventVersion', 'awsRegion', 'sourceIPAddress', 'userAgent', 'errorCode', 'errorMessage', 'requestParameters'],
    ...['responseElements', 'additionalEventData', 'sharedEventID', 'recipientAccountId', 'type', 'principalId', 'arn'],
    ...['accountId', 'accessKeyId', 'userName', 'invokedBy', 'sessionContext', 'attributes', 'mfaAuthenticated'],
    ...['creationDate', 'sessionIssuer', 'sourceIdentity', 'ec2RoleDelivery', 'assumedRoot', 'webIdFederationData'],
    ...['federatedProvider', 'identityProvider', 'onBehalfOf', 'userId', 'identityStoreArn', 'inScopeOf'],
    ...['credentialsIssuedTo', 'invokedByDelegate', 'signInSessionArn', 'crossPartitionData', 'sourcePrincipalArn'],
  ].map((name) => [name.toLowerCase(), name]),
);

/** Returns whether a column of this name is read. */
export function isTrailColumn(name: string): boolean {
  return FIELDS.has(name.toLowerCase());
}

/** Returns whether the object is a row of a table of the trail. Its caller is a text, which it never is in a record. */
export function looksLikeTrailRow(row: JsonObject): boolean {
  return typeof (row.userIdentity ?? row.useridentity) === 'string' && ('eventName' in row || 'eventname' in row);
}

/**
 * Returns the rows in a response of Athena or CloudTrail Lake, by their columns. Undefined if it is another document.
 */
export function rowsOfAnswer(answer: JsonObject): readonly unknown[] | undefined {
  const ofLake = listAt(answer, 'QueryResultRows');
  if (ofLake !== undefined) {
    return ofLake.map((row) => (Array.isArray(row) ? Object.assign({}, ...row.filter(isJsonObject)) : row));
  }
  const set = objectAt(answer, 'ResultSet');
  const rows = listAt(set, 'Rows');
  const columns = listAt(objectAt(set, 'ResultSetMetadata'), 'ColumnInfo')?.map((column) => nameOf(column));
  if (rows === undefined || columns === undefined) return undefined;
  const named = rows.map((row) => cellsOf(row));
  const isHeader = (cells: readonly (string | undefined)[]) => cells.every((cell, at) => cell === columns[at]);
  return named
    .filter((cells) => !isHeader(cells))
    .map((cells) => Object.fromEntries(columns.map((column, at) => [column, cells[at]])));
}

function nameOf(column: unknown): string {
  return (isJsonObject(column) ? textAt(column, 'Name') : undefined) ?? '';
}

function cellsOf(row: unknown): readonly (string | undefined)[] {
  const cells = isJsonObject(row) ? (listAt(row, 'Data') ?? []) : [];
  return cells.map((cell) => (isJsonObject(cell) ? textAt(cell, 'VarCharValue') : undefined));
}

/** Returns the record of a row. Undefined if it lacks a column, or if a text in it can be read in two ways. */
export function trailRecordOfRow(row: JsonObject): JsonObject | undefined {
  const record: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) {
    const name = FIELDS.get(column.toLowerCase());
    if (name === undefined || value === null || value === '') continue;
    const read = typeof value === 'string' ? columnValue(name, value) : value;
    if (read === UNREADABLE || name in record) return undefined;
    record[name] = read;
  }
  return hasAllColumns(row, record) && !isAmbiguous(objectAt(record, 'responseElements')) ? record : undefined;
}

function hasAllColumns(row: JsonObject, record: JsonObject): boolean {
  if (NEEDED.some((name) => record[name] === undefined) || !isJsonObject(record.userIdentity)) return false;
  const columns = new Set(Object.keys(row).map((column) => column.toLowerCase()));
  const isGrant = isGrantEvent(textAt(record, 'eventName') ?? '');
  return !isGrant || (columns.has('requestparameters') && columns.has('responseelements'));
}

const UNREADABLE = Symbol('unreadable');

const STRUCTS: ReadonlySet<string> = new Set(['userIdentity']);
const MAPS: ReadonlySet<string> = new Set(['requestParameters', 'responseElements', 'additionalEventData']);

function columnValue(name: string, text: string): unknown {
  if (text === 'null') return undefined;
  if (!STRUCTS.has(name) && !MAPS.has(name)) return timeOf(text);
  const parsed = parseJson(text);
  if (parsed.ok && isJsonObject(parsed.value)) return STRUCTS.has(name) ? renamed(parsed.value) : parsed.value;
  const read = new RowText(text).read();
  if (!isJsonObject(read)) return UNREADABLE;
  return STRUCTS.has(name) ? renamed(read) : read;
}

const TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?: UTC)?$/;

/** Returns a time of the query language in CloudTrail's form. Its time zone is UTC. */
function timeOf(text: string): string {
  const [, day, time] = TIME.exec(text) ?? [];
  return day === undefined ? text : `${day}T${time?.replace(/\.0+$/, '')}Z`;
}

/** Returns the struct with CloudTrail's names. Maps in it keep their names. */
function renamed(struct: JsonObject): JsonObject {
  const entries = Object.entries(struct).map(([key, value]) => [FIELDS.get(key.toLowerCase()) ?? key, value] as const);
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (isJsonObject(value)) return [key, renamed(value)];
      return [key, typeof value === 'string' ? timeOf(value) : value];
    }),
  );
}

/**
 * Returns whether a response of STS may have a field that the caller wrote. An identity provider chooses the subject,
 * so `subject=x, sourceIdentity=y` can be a single field. All other fields that are read would then come twice.
 */
function isAmbiguous(response: JsonObject | undefined): boolean {
  if (response === undefined || !('sourceIdentity' in response)) return false;
  return ['subject', 'subjectFromWebIdentityToken', 'audience', 'issuer'].some((name) => name in response);
}

const PLAIN_END = /[{}[\]]|, (?=[\w.:/-]+=)/g;
const KEY = /([\w.:/-]+)=/y;
/** The deepest nesting of brackets that is read. */
const DEEPEST = 8;

/**
 * A text of the query language: `{key=value, …}`, `[value, …]`, JSON, or a plain value. A key that comes twice is an
 * error.
 */
class RowText {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns the value, or `UNREADABLE` if the text is not one value. */
  read(): unknown {
    const value = this.#value(0);
    return this.#at === this.#text.length ? value : UNREADABLE;
  }

  #value(depth: number): unknown {
    if (depth > DEEPEST) return this.#fail();
    const json = this.#json();
    if (json !== undefined) return json;
    const first = this.#text[this.#at];
    if (first === '{') return this.#struct(depth);
    if (first === '[') return this.#list(depth);
    return this.#plain();
  }

  #fail(): typeof UNREADABLE {
    this.#at = -1;
    return UNREADABLE;
  }

  #struct(depth: number): unknown {
    const struct = newFields();
    return this.#entries('}', () => this.#field(struct, depth)) ? struct : this.#fail();
  }

  /** Reads a field. Returns false if there is none, or if the struct has it already. */
  #field(struct: Fields, depth: number): boolean {
    KEY.lastIndex = this.#at;
    const [whole, key = ''] = KEY.exec(this.#text) ?? [];
    if (whole === undefined || key in struct) return false;
    this.#at += whole.length;
    const value = this.#value(depth + 1);
    struct[key] = value === 'null' ? undefined : value;
    return true;
  }

  #list(depth: number): unknown {
    const list: unknown[] = [];
    return this.#entries(']', () => list.push(this.#value(depth + 1)) > 0) ? list : this.#fail();
  }

  /** Reads the entries of a struct or list up to its closing bracket. Returns whether all could be read. */
  #entries(end: string, read: () => boolean): boolean {
    this.#at += 1;
    let isRead = this.#take(end);
    while (!isRead) {
      if (!read() || this.#at < 0) return false;
      isRead = this.#take(end);
      if (!isRead && !this.#take(', ')) return false;
    }
    return true;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Reads up to the next bracket or key. An opening bracket within a plain value is an error. */
  #plain(): unknown {
    PLAIN_END.lastIndex = this.#at;
    const end = PLAIN_END.exec(this.#text)?.index ?? this.#text.length;
    const value = this.#text.slice(this.#at, end);
    if (this.#text[end] === '{' || this.#text[end] === '[') return this.#fail();
    this.#at = end;
    return value;
  }

  /** Reads JSON, which CloudTrail Lake writes for values in a map. Undefined if there is none. */
  #json(): unknown {
    if (!/^(?:\{"|\{\}|\[["{\]])/.test(this.#text.slice(this.#at, this.#at + 2))) return undefined;
    const end = jsonEnd(this.#text, this.#at);
    const parsed = end === undefined ? undefined : parseJson(this.#text.slice(this.#at, end));
    if (end === undefined || !parsed?.ok) return undefined;
    this.#at = end;
    return parsed.value;
  }
}

const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;

/** Returns the end of the JSON object or list that begins at `from`. Undefined if it has no end. */
function jsonEnd(text: string, from: number): number | undefined {
  let depth = 0;
  JSON_TOKEN.lastIndex = from;
  for (let token = JSON_TOKEN.exec(text); token !== null; token = JSON_TOKEN.exec(text)) {
    if (token[0] === '{' || token[0] === '[') depth += 1;
    else if (token[0] === '}' || token[0] === ']') depth -= 1;
    if (depth === 0) return JSON_TOKEN.lastIndex;
  }
  return undefined;
}
