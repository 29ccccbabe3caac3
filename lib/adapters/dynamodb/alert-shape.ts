import { REASONS } from '../../attribution/attribution.ts';
import type { Alert } from '../../claims/alert.ts';
import { ALERT_CAUSES } from '../../claims/alert-cause.ts';
import type { HeldAlert } from '../../claims/alert-digest.ts';
import type { AlertGroup } from '../../claims/alert-group.ts';
import type { AlertLedger, Told } from '../../claims/alert-ledger.ts';
import { callerKind } from './caller-shape.ts';
import { exactOptional, instant, keyId, listOf, number, objectOf, oneOf, text } from './shape.ts';

const group = objectOf<AlertGroup>({
  kind: oneOf(['alert', 'resolved']),
  causes: listOf(oneOf(ALERT_CAUSES)),
  reasons: listOf(oneOf(REASONS)),
  cluster: exactOptional(text),
  principal: exactOptional(text),
});

const caller = objectOf<Alert['caller']>({
  kind: callerKind,
  uid: exactOptional(text),
  username: exactOptional(text),
  sessionName: exactOptional(text),
  accessKeyId: exactOptional(keyId),
  arn: exactOptional(text),
});

export const heldShape = objectOf<HeldAlert>({
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

const told = objectOf<Told>({
  group: text,
  of: oneOf(['grave', 'usual', 'resolved']),
  by: oneOf(['message', 'digest']),
  at: instant,
});

export const ledgerShape = objectOf<AlertLedger>({ told: listOf(told), digestAt: exactOptional(instant) });
