import { REASONS } from '../../attribution/reasons.ts';
import type { Alert } from '../../claims/alert.ts';
import { ALERT_CAUSES } from '../../claims/alert-cause.ts';
import type { HeldAlert } from '../../claims/alert-digest.ts';
import { type AlertGroup, groupId } from '../../claims/alert-group.ts';
import { type AlertLedger, EMPTY_LEDGER, type GroupNotice } from '../../claims/alert-ledger.ts';
import { mapConcurrently } from '../../concurrency.ts';
import type { AlertBoard, HeldAlerts } from '../../ports/alerts.ts';
import { type EpochMillis, epochMillis } from '../../time.ts';
import { sha256 } from '../digest.ts';
import { expiry } from '../expiry.ts';
import { callerKind } from './caller-shape.ts';
import { changeItem } from './change-item.ts';
import type { TableHandle } from './database.ts';
import { checkedKey, type Key, sortableTime } from './keys.ts';
import { deleteRequest, type Item, queryRequest } from './requests.ts';
import { exactOptional, instant, keyId, listOf, number, objectOf, oneOf, read, readEach, text } from './shape.ts';
import { TABLES } from './tables.ts';

const group = objectOf<AlertGroup>({
  kind: oneOf(['alert', 'resolved']),
  causes: listOf(oneOf(ALERT_CAUSES)),
  reasons: listOf(oneOf(REASONS)),
  cluster: exactOptional(text),
  principal: exactOptional(text),
  senders: listOf(text),
  places: exactOptional(listOf(text)),
});

const caller = objectOf<Alert['caller']>({
  kind: callerKind,
  uid: exactOptional(text),
  username: exactOptional(text),
  sessionName: exactOptional(text),
  accessKeyId: exactOptional(keyId),
  arn: exactOptional(text),
});

const heldShape = objectOf<HeldAlert>({
  group,
  at: instant,
  due: instant,
  claimId: text,
  caller,
  clusters: listOf(text),
  count: number,
  namespaces: listOf(text),
  actors: listOf(text),
  query: text,
  first: exactOptional(text),
  last: exactOptional(text),
});

const groupNotice = objectOf<GroupNotice>({
  group: text,
  of: oneOf(['grave', 'usual', 'resolved']),
  by: oneOf(['message', 'digest']),
  at: instant,
  claim: exactOptional(text),
  senders: listOf(text),
});

const ledgerShape = objectOf<AlertLedger>({ notices: listOf(groupNotice), digestAt: exactOptional(instant) });

const LEDGER = { partition: 'alerts', sort: 'ledger' };
const HELD = 'alerts held';

/**
 * Held alerts in the claims table. Each has an item, in the order in which they are due. One more item is the ledger.
 */
export class DynamoDbAlertBoard implements AlertBoard {
  readonly #of: TableHandle;

  constructor(of: TableHandle) {
    this.#of = of;
  }

  async ledger(): Promise<AlertLedger> {
    return ledgerOf(await this.#of.database.get(this.#of.table, LEDGER));
  }

  async note(change: (ledger: AlertLedger) => AlertLedger | undefined): Promise<boolean> {
    return changeItem(this.#of, LEDGER, 'Settle again.', (before, now) => {
      const ledger = change(ledgerOf(before));
      if (ledger === undefined) return { result: false };
      return { item: { expires: expiry(now, this.#of.keep), ledger }, result: true };
    });
  }

  async hold(held: HeldAlert): Promise<void> {
    const { database, table, clock, keep } = this.#of;
    await database.putAll(table, [{ ...keyOf(held), expires: expiry(clock(), keep), held }]);
  }

  async nextDue(): Promise<EpochMillis | undefined> {
    const [first] = await this.#query(1);
    return first === undefined ? undefined : timeOf(first);
  }

  async held(limit: number): Promise<HeldAlerts> {
    const { sound, faulty } = readEach(
      await this.#query(limit),
      (item) => read(heldShape, item.held, 'held'),
      ({ sort }) => String(sort),
    );
    return { held: sound, faulty };
  }

  async release(held: readonly HeldAlert[]): Promise<void> {
    const { database, table } = this.#of;
    await mapConcurrently(held, (each) => database.delete(deleteRequest(table, keyOf(each))));
  }

  #query(limit: number): Promise<readonly Item[]> {
    const { database, table } = this.#of;
    return database.query(queryRequest(table, TABLES.claims.key, { hash: HELD, order: 'ascending', limit }));
  }
}

function ledgerOf(item: Item | undefined): AlertLedger {
  return item === undefined ? EMPTY_LEDGER : read(ledgerShape, item.ledger, 'ledger');
}

function keyOf({ due, at, claimId, group }: HeldAlert): Key {
  const id = sha256(JSON.stringify([at, groupId(group)]));
  return checkedKey({ partition: HELD, sort: `${sortableTime(due)}.${claimId}.${id}` });
}

/**
 * Returns the due time of an item, from the microseconds in its key (`sortableTime`). It works even if the item cannot
 * be read.
 */
function timeOf({ sort }: Item): EpochMillis {
  return epochMillis(Number(read(text, sort, 'sort').split('.')[0]) / 1_000);
}
