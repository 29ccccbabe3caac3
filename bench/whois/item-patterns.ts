import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { PutCommandInput } from '@aws-sdk/lib-dynamodb';
import { sha256 } from '../../lib/adapters/digest.ts';
import { SentRequests } from '../../lib/adapters/dynamodb/database.ts';
import { DynamoDbSessions } from '../../lib/adapters/dynamodb/dynamodb-sessions.ts';
import { fitted, sortableTime } from '../../lib/adapters/dynamodb/keys.ts';
import type { Item } from '../../lib/adapters/dynamodb/requests.ts';
import { filingsOf } from '../../lib/claims/filing.ts';
import { filingId } from '../../lib/claims/waits.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import { HOUR } from '../../lib/time.ts';
import { attributesOf } from '../../local/tables/attributes.ts';
import { KEEP } from '../../test/contract/over.ts';
import { factsOf } from '../../test/contract/stored-record.ts';
import { type Issued, type MadeGrant, MIDNIGHT, recordOf, SESSION_SECONDS, userKey, userName } from '../world/day.ts';

/**
 * The items that the sessions table would be asked to put, many times as fast as it would: of each shape of record the real code
 * says once what it puts, and what tells one record from another is exchanged in its texts.
 */

/** A text with places for values: texts, and between them the numbers of values. */
type Pattern = readonly (string | number)[];

/** One item that each record of a shape leads to. */
export interface ItemPattern {
  readonly partition: Pattern;
  /** A time in milliseconds. */
  readonly at: Pattern;
  readonly same: Pattern;
  readonly rank: Pattern | undefined;
  /** In dynalite's JSON; behind the record's own values it takes the `sort` of its key. */
  readonly item: Pattern;
  /** Whether no other record has an item in its place. */
  readonly isItsOwn: boolean;
}

/** The name that many sessions share, which is no value: it is the same in each record of a shape. */
const SHARED_NAME = 'EKSGetTokenAuth';

/** What tells a record from another of its shape. */
export function valuesOf({ grant, caller, eventId }: MadeGrant): string[] {
  const at = MIDNIGHT + grant.atSecond * 1_000;
  const own = [
    eventId,
    grant.key,
    grant.roleId,
    grant.roleName,
    grant.account,
    grant.sessionName,
    String(at),
    String(at + SESSION_SECONDS * 1_000),
    String(Math.floor(at / HOUR) * HOUR),
    new Date(at).toISOString(),
  ];
  if ('number' in caller) return [...own, userKey(caller), caller.id, userName(caller)];
  const { key, roleId, roleName, account, sessionName, atSecond } = caller;
  return [...own, key, roleId, roleName, account, sessionName, String(MIDNIGHT + atSecond * 1_000)];
}

/** The place of the event's id among the values: only one record has it. */
const EVENT_ID = 0;

/** Of records of one shape the same facts are known. */
export function shapeOf({ grant, caller }: MadeGrant): string {
  const calls = 'number' in caller ? 'user' : caller.sessionName === SHARED_NAME ? 'shared' : 'session';
  return `${calls} ${grant.sessionName === SHARED_NAME}`;
}

/** Nothing that another value, or the texts around it, could be. */
const MARKED: Issued = {
  key: 'ASIAMMMMMMMMMMMMMMMM',
  roleId: 'AROAMMMMMMMMMMMMMMMMM',
  roleName: 'marked-role',
  account: '900000000001',
  sessionName: 'botocore-session-1800000001',
  atSecond: 12_345,
};
const MARKED_CALLER: Issued = {
  key: 'ASIACCCCCCCCCCCCCCCC',
  roleId: 'AROACCCCCCCCCCCCCCCCC',
  roleName: 'calling-role',
  account: '900000000002',
  sessionName: 'botocore-session-1800000002',
  atSecond: 11_111,
};
const MARKED_USER = { number: 987_654, id: 'AIDACCCCCCCCCCCCCCCCC' };

/** What the service puts of each record of this one's shape. */
export async function patternsFor({ grant, caller }: MadeGrant, clock: Clock): Promise<readonly ItemPattern[]> {
  const named = (marked: Issued, name: string) => (name === SHARED_NAME ? { ...marked, sessionName: name } : marked);
  const marked: MadeGrant = {
    grant: named(MARKED, grant.sessionName),
    caller: 'number' in caller ? MARKED_USER : named(MARKED_CALLER, caller.sessionName),
    address: 0,
    requestId: '00000000-0000-0000-0000-000000000001',
    eventId: '00000000-0000-0000-0000-000000000002',
  };
  const facts = factsOf([recordOf(marked) as JsonObject]); // our own generator's
  const put = new Map(
    (await new Written().itemsOf(facts, clock)).map((item) => [`${item.partition} ${item.sort}`, item]),
  );
  const values = valuesOf(marked);
  return filingsOf(facts).map((filing): ItemPattern => {
    const texts = { partition: fitted(filingId(filing.question)), at: String(filing.at), same: filing.same };
    const sort = sortOf(texts.at, texts.same);
    const item = put.get(`${texts.partition} ${sort}`);
    if (item === undefined) throw new Error(`The service did not put ${texts.partition}`);
    const cut = (text: string) => patternOf(text, values);
    return {
      partition: cut(texts.partition),
      at: cut(texts.at),
      same: cut(texts.same),
      rank: filing.rank === undefined ? undefined : cut(filing.rank),
      item: patternOf(JSON.stringify(attributesOf(item)), [...values, sort]),
      isItsOwn: cut(texts.same).includes(EVENT_ID),
    };
  });
}

/** As the sessions table's keys have it. */
export function sortOf(at: string, same: string): string {
  return `${sortableTime(Number(at))}.${sha256(same).slice(0, 22)}`;
}

function patternOf(text: string, values: readonly string[]): Pattern {
  const markers = values
    .map((value, index) => ({ value, index }))
    .filter(({ value }) => value !== SHARED_NAME)
    .sort((a, b) => b.value.length - a.value.length); // a sort has a time in it
  let pieces: Pattern = [text];
  for (const { value, index } of markers)
    pieces = pieces.flatMap((piece) =>
      typeof piece === 'number'
        ? [piece]
        : piece.split(value).flatMap((part, at) => (at === 0 ? [part] : [index, part])),
    );
  return pieces.filter((piece) => piece !== '');
}

/** The text of a pattern with these values. */
export function filledIn(pattern: Pattern, values: readonly string[]): string {
  let text = '';
  for (const piece of pattern) text += typeof piece === 'number' ? values[piece] : piece;
  return text;
}

/** What the sessions table would be asked to put, and is not. */
class Written extends SentRequests {
  readonly #items: Item[] = [];

  constructor() {
    super(new DynamoDBClient({ region: 'eu-west-1', credentials: { accessKeyId: '-', secretAccessKey: '-' } }));
  }

  override async put({ Item: item }: PutCommandInput): Promise<boolean> {
    if (item !== undefined) this.#items.push(item);
    return true;
  }

  override async putAll(_: string, items: readonly Item[]): Promise<void> {
    this.#items.push(...items);
  }

  async itemsOf(facts: Parameters<DynamoDbSessions['add']>[0], clock: Clock): Promise<readonly Item[]> {
    await new DynamoDbSessions({ database: this, table: '-', clock, keep: KEEP.sessions }).add(facts);
    return this.#items;
  }
}
