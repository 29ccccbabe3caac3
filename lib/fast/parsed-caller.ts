import { recordedCaller } from '../attribution/record.ts';
import { parseCaller } from '../audit/caller.ts';
import type { JsonObject } from '../json.ts';
import type { EventBytes } from './event-bytes.ts';
import { FIELD } from './event-fields.ts';
import { decoded } from './utf-8.ts';

const ENCODER = new TextEncoder();

/** Of a caller, in UTF-8. */
export interface CallerParts {
  /** As records have it, and the head's end. */
  readonly head: Uint8Array;
  /** The end of `eventIdentity`. */
  readonly identity: Uint8Array;
  /** What the rules need of it, as `senderOf` reads it. */
  readonly sender: Uint8Array;
}

/**
 * Any caller, read as always. The cluster counts for service accounts' tokens. Undefined for an anonymous one, of whom it
 * counts what each event asks for.
 */
export function parsedCaller({ json, from, to }: EventBytes, cluster: string | undefined): CallerParts | undefined {
  const user = decoded(json.bytes, from[FIELD.user] ?? 0, to[FIELD.user] ?? 0);
  const caller = parseCaller(JSON.parse(user) as JsonObject);
  if (caller.kind === 'anonymous') return undefined;
  const { groups: _groups, pod: _pod, ...acting } = caller;
  return {
    head: ENCODER.encode(`,"caller":${JSON.stringify(recordedCaller(caller))}}`),
    identity: ENCODER.encode(JSON.stringify([caller.uid, caller.username]).slice(1)),
    sender: ENCODER.encode(JSON.stringify({ caller: acting, cluster })),
  };
}
