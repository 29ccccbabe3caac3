import type { Facts } from '../../attribution/facts.ts';
import { createdObjectOf } from '../../audit/created-object.ts';
import { issuedTokenOf } from '../../audit/issued-token.ts';
import { keepFound } from '../grants/wake.ts';
import type { DeliveredEvent } from './batch.ts';
import type { IngestService } from './ingest-service.ts';

/** Tokens that the batch issued are known before anything made with them is decided. */
export async function keepTokens(events: readonly DeliveredEvent[], service: IngestService): Promise<void> {
  const tokens: Facts[] = [];
  for (const { event, cluster, handedOverBy } of events) {
    const token = issuedTokenOf(event, cluster, handedOverBy);
    if (token !== undefined) tokens.push({ token });
  }
  if (tokens.length > 0) await keepFound(tokens, service, service.clock());
}

/** Which request made which pod, for `related`: no rule asks for it, so that no claim is woken. */
export async function keepCreated(events: readonly DeliveredEvent[], { sessions }: IngestService): Promise<void> {
  const all: Facts[] = [];
  for (const { event, cluster, handedOverBy } of events) {
    const created = createdObjectOf(event, cluster, handedOverBy);
    if (created !== undefined) all.push({ created });
  }
  if (all.length > 0) await sessions.add(all);
}
