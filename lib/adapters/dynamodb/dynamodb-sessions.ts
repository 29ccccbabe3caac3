import type { Facts } from '../../attribution/facts.ts';
import type { Moment } from '../../attribution/moment.ts';
import type { Question } from '../../attribution/questions.ts';
import { type Filing, filingsOf } from '../../claims/filing.ts';
import { filingId } from '../../claims/waits.ts';
import type { SessionStore } from '../../ports.ts';
import { sideBySide } from '../../side-by-side.ts';
import { HOUR } from '../../time.ts';
import { sha256 } from '../digest.ts';
import { factShape } from './fact-shape.ts';
import { checkedKey, expiry, fitted, isOver, type Key, sortableTime } from './keys.ts';
import { type Item, queryRequest, type Stretch } from './requests.ts';
import type { TableAccess } from './table-access.ts';
import { TABLES } from './tables.ts';

/**
 * How far from the moment a session's grants are read: 36 h for the longest session, 12 h more for the grant before it,
 * and 12 h to either side for the moments that one answer is to serve (`STORE_REACH`). One name may have thousands of
 * grants: `EKSGetTokenAuth`.
 */
const BEFORE = 60 * HOUR;
const AFTER = 13 * HOUR;

/** Names of one user, the latest first: more were never needed to tell who it is. */
const MOST_NAMES = 10;

/**
 * Changes of one provider, the first ones first: the first alone says something, but it may be over. Whoever may change a
 * provider may do it any number of times.
 */
const MOST_CHANGES = 100;

/** The sessions table: each fact as an item under each question that it answers. */
export class DynamoDbSessions implements SessionStore {
  readonly #of: TableAccess;

  constructor(of: TableAccess) {
    this.#of = of;
  }

  async answer(questions: readonly Question[], moment: Moment): Promise<readonly Facts[]> {
    const { database, table, clock } = this.#of;
    const distinct = new Map(questions.map((question) => [filingId(question), question]));
    const stretches = [...distinct.values()].flatMap((question) => stretchesOf(question, moment));
    const answers = await sideBySide(stretches, (stretch) =>
      database.query(queryRequest(table, TABLES.sessions.key, stretch)),
    );
    const now = clock();
    return answers.flat().flatMap((item) => (isOver(item, now) ? [] : factShape(item.fact, 'fact')));
  }

  async add(facts: readonly Facts[]): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    const expires = expiry(clock(), keep);
    const items = new Map<string, Item>();
    for (const filing of filingsOf(facts)) {
      const key = keyOf(filing);
      items.set(JSON.stringify(key), { ...key, fact: filing.fact, expires });
    }
    await database.putAll(table, [...items.values()]);
  }

  async missing(facts: readonly Facts[]): Promise<readonly Facts[]> {
    const { database, table } = this.#of;
    const keysOf = (fact: Facts) => filingsOf([fact]).map(keyOf);
    const keys = new Map(facts.flatMap(keysOf).map((key) => [JSON.stringify(key), key]));
    const found = await database.getAll(table, [...keys.values()], ['partition', 'sort']);
    const there = new Set(found.map(({ partition, sort }) => JSON.stringify({ partition, sort })));
    return facts.filter((fact) => keysOf(fact).some((key) => !there.has(JSON.stringify(key))));
  }
}

function keyOf({ question, at, same }: Filing): Key {
  const sort = `${sortableTime(at)}.${sha256(same).slice(0, 22)}`;
  return checkedKey({ partition: fitted(filingId(question)), sort });
}

/** Of a session: the grants around the moment, and the latest at any time, which says that there is one. */
function stretchesOf(question: Question, moment: Moment): Stretch[] {
  const hash = fitted(filingId(question));
  const latest = { hash, order: 'descending' } as const;
  if (question.kind === 'user-of-id') return [{ ...latest, limit: MOST_NAMES }];
  if (question.kind === 'changes-of-provider') return [{ hash, order: 'ascending', limit: MOST_CHANGES }];
  const isNarrow = question.kind === 'grants-of-session' || question.kind === 'unnamed-service-grants';
  if (!isNarrow || typeof moment !== 'number') return [latest];
  const around = { from: sortableTime(moment - BEFORE), to: sortableTime(moment + AFTER) };
  return [
    { ...latest, ...around },
    { ...latest, limit: 1 },
  ];
}
