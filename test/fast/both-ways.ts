import { actionOf } from '../../lib/attribution/attribute.ts';
import { recordHead } from '../../lib/attribution/record.ts';
import { eventIdentity, looksLikeAuditEvent, parseAuditEvent } from '../../lib/audit/event.ts';
import { issuedTokenOf } from '../../lib/audit/issued-token.ts';
import { EventLines, MOST_HEAD, MOST_SENDER } from '../../lib/fast/event-lines.ts';
import { PackedEvents, packedBytes } from '../../lib/fast/packed-events.ts';
import { senderOf } from '../../lib/fast/sender.ts';
import { parseJson } from '../../lib/json.ts';

/** What is made of a line: nothing, or all that is handed on of its event. */
export interface Made {
  readonly head: string;
  readonly identity: string;
  readonly moment: number;
  readonly sender: string;
}

const SIZE = { headBytes: MOST_HEAD, senderBytes: MOST_SENDER, events: 1 };

/** Makes events ready from bytes, one at a time, remembering their callers. */
export class FastWay {
  readonly #cluster: string | undefined;
  readonly #lines: EventLines;
  readonly #packed = new PackedEvents(new ArrayBuffer(packedBytes(SIZE)), SIZE);
  readonly #senders = new Map<number, string>();
  #identity = '';

  constructor(cluster?: string) {
    this.#cluster = cluster;
    this.#lines = new EventLines(cluster, (bytes) => {
      this.#identity = Buffer.from(bytes).toString();
      return '0123456789abcdef';
    });
  }

  make(line: Buffer): Made | undefined {
    const packed = this.#packed;
    packed.clear();
    if (!this.#lines.take(line, packed)) return undefined;
    const place = packed.places[0] ?? 0;
    if (place < 0) this.#senders.set(-1 - place, Buffer.from(packed.senders.subarray(0, packed.senderEnd)).toString());
    const { caller, impersonated } = senderOf(this.#senders.get(place < 0 ? -1 - place : place) ?? '');
    return {
      head: Buffer.from(packed.heads.subarray(0, packed.headEnd)).toString(),
      identity: this.#identity,
      moment: packed.moments[0] ?? 0,
      sender: JSON.stringify({ caller, impersonated, cluster: this.#cluster }),
    };
  }
}

/** The same in the plain way; undefined where the line is no audit event that is handed on, or one that issued a token. */
export function plainWay(line: Buffer, cluster?: string): Made | undefined {
  const parsed = parseJson(line.toString());
  if (!parsed.ok || !looksLikeAuditEvent(parsed.value)) return undefined;
  const event = parseAuditEvent(parsed.value);
  if (typeof event === 'string' || issuedTokenOf(event, cluster) !== undefined) return undefined;
  const { caller, impersonated, moment } = actionOf(event, cluster);
  const { groups: _groups, pod: _pod, ...acting } = caller as typeof event.caller;
  return {
    head: JSON.stringify(recordHead(event, cluster)),
    identity: eventIdentity(event),
    moment: typeof moment === 'number' ? moment : Number.NaN,
    sender: JSON.stringify({ caller: acting, impersonated, cluster }),
  };
}
