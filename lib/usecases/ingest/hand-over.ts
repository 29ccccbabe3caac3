import { isJsonObject, objectAt, textAt } from '../../json.ts';

/** How a spoke names its deliveries on the hub's event bus, and how the hub's rule and `ingest` know them. */
export const HAND_OVER = { source: 'eks-whois.spoke', detailType: 'Audit log delivery' } as const;

/** A delivery that a spoke handed over: EventBridge's envelope around it. */
export interface HandOver {
  /** The account whose credentials put it on the bus: EventBridge states it (FACTS). */
  readonly account: string;
  /** The subscription's payload, as `awslogs.data` has it. */
  readonly data: string;
}

const ACCOUNT = /^\d{12}$/;

/** Returns the delivery in an event of the hub's bus; undefined where it is none. */
export function parseHandOver(envelope: unknown): HandOver | undefined {
  if (!isJsonObject(envelope)) return undefined;
  const { source, 'detail-type': detailType } = envelope;
  const account = textAt(envelope, 'account') ?? '';
  const data = textAt(objectAt(objectAt(envelope, 'detail'), 'awslogs'), 'data');
  const isHandOver = source === HAND_OVER.source && detailType === HAND_OVER.detailType && ACCOUNT.test(account);
  return isHandOver && data !== undefined ? { account, data } : undefined;
}
