import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import type { EventSite } from '../../lib/audit/event-site.ts';
import type { CountedGroup } from '../../lib/envelopes/counted-group.ts';
import { type PieceReceiver, unwrap } from '../../lib/envelopes/unwrap.ts';
import type { JsonObject } from '../../lib/json.ts';

/** The result of the product's own unwrapping for each piece of a value. */
export interface Pieces {
  readonly audit: {
    readonly event: JsonObject;
    readonly cluster: string | undefined;
    readonly site: EventSite;
    readonly place: string;
  }[];
  readonly trail: JsonObject[];
  readonly ignored: string[];
  readonly rejected: { readonly reason: string; readonly place: string; readonly sample: unknown }[];
}

export function piecesOf(value: unknown, counted: readonly CountedGroup[] = []): Pieces {
  return piecesTaken(counted, (to) => unwrap(value, () => 'line 1', to));
}

export function piecesTaken(counted: readonly CountedGroup[], take: (to: PieceReceiver) => void): Pieces {
  const pieces: Pieces = { audit: [], trail: [], ignored: [], rejected: [] };
  take({
    audit: (event, site, place) => pieces.audit.push({ event, cluster: site.cluster, site, place: place() }),
    trail: (record) => pieces.trail.push(record),
    ignored: (what) => pieces.ignored.push(what),
    reject: (reason, place, sample) => pieces.rejected.push({ reason, place: place(), sample }),
    inflate: inflatePayload,
    countedGroups: counted,
  });
  return pieces;
}
