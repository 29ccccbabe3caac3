import type { Claim, ClaimIdentity } from '../../claims/claim.ts';
import type { IngestService } from './ingest-service.ts';

/** The claims that are there, by their ids. */
export type RegisteredClaims = ReadonlyMap<string, Claim>;

/** Those of the events' claims that are there already, asked for in one go. */
export async function registeredClaims(
  events: readonly { readonly claim: ClaimIdentity | undefined }[],
  { claims }: IngestService,
): Promise<RegisteredClaims> {
  const ids = new Set<string>();
  for (const { claim } of events) if (claim !== undefined) ids.add(claim.id);
  return ids.size === 0 ? new Map() : claims.registered([...ids]);
}
