import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import type { AttributionSettings } from '../../lib/attribution/settings.ts';
import { parseTrailRecord, type TrailFacts } from '../../lib/cloudtrail/record.ts';
import { isJsonObject } from '../../lib/json.ts';
import { HOUR } from '../../lib/time.ts';
import type { Batch } from '../../lib/usecases/ingest/batch.ts';
import { readBatch } from '../../lib/usecases/ingest/batch.ts';
import { piecesOf } from '../builders/pieces.ts';
import { settingsOf } from '../evidence/settings.ts';
import { drawFrom } from '../oracle/draw.ts';
import { generateWorld } from '../oracle/world.ts';

/** A world of the oracle's as one delivery, in which each caller acts again and again, hours before and after. */
export interface WorldBatch {
  readonly batch: Batch;
  /** The facts in its CloudTrail records. */
  readonly facts: readonly TrailFacts[];
  readonly settings: AttributionSettings;
}

const COPIES = 5;
/** Around the event, in hours: sessions end in it, and an answer of the sessions table does not reach further. */
const AROUND = 30;

export function worldBatch(seed: number): WorldBatch {
  const {
    audit,
    cloudtrail,
    usernameTemplates: templates,
    trustedProxies: proxies,
    identityStores: stores,
  } = generateWorld(seed);
  const draw = drawFrom(seed);
  const again = (piece: unknown, copy: number) => {
    const hours = draw.pick([-AROUND, -1, 0, 0, 1, AROUND]);
    return hours === 0 ? piece : movedBy(piece, hours * HOUR + draw.below(HOUR), copy);
  };
  const events = [audit]
    .flat()
    .flatMap((piece) => [piece, ...Array.from({ length: COPIES }, (_, at) => again(piece, at))]);
  return {
    batch: readBatch(events.map(asLogged), 'world', { inflate: inflatePayload }),
    facts: cloudtrail
      .flatMap((value) => piecesOf(value).trail)
      .flatMap((record) => {
        const reported = parseTrailRecord(record);
        return typeof reported === 'string' ? [] : [reported];
      }),
    settings: settingsOf({ templates, proxies, stores }),
  };
}

/** An event without an envelope as the text that an API server makes of it; all else as it is. */
export function asLogged(piece: unknown): unknown {
  if (!isJsonObject(piece) || !('auditID' in piece)) return piece;
  const { auditID, user, impersonatedUser, sourceIPs = [], annotations, ...rest } = piece;
  return JSON.stringify({ auditID, user, impersonatedUser, sourceIPs, ...rest, annotations });
}

/** The piece, envelope and all, as another event of another time. */
function movedBy(piece: unknown, millis: number, copy: number): unknown {
  const text = JSON.stringify(piece);
  const moved = text
    .replace(/(auditID\\*":\\*")/g, `$1copy ${copy} `)
    .replace(/(requestReceivedTimestamp\\*":\\*")([^"\\]*)/g, (whole, before: string, time: string) => {
      const at = Date.parse(time);
      return Number.isNaN(at) ? whole : `${before}${new Date(at + millis).toISOString()}`;
    });
  return JSON.parse(moved) as unknown;
}
