import { EventLines, MOST_HEAD, MOST_SENDER } from '../../../lib/fast/event-lines.ts';
import { PackedEvents, packedBytes } from '../../../lib/fast/packed-events.ts';
import { NO_PLACE } from '../../../lib/fast/sender-places.ts';
import type { ReadProgress, ReadyEvent, ReadyEventSink, Rejected } from '../../../lib/ports/input.ts';
import { increment } from '../../../lib/usecases/counting/run-counts.ts';
import { bytesDigest } from '../event-digest.ts';
import type { Ignored, ReadMessage, SharedEvents } from './message.ts';
import { PIECE, type SharedMemory } from './shared-memory.ts';

/** In bytes of heads, and in characters of rejects: what is sent at once, however much one line holds. */
const FULL = 512 * 1024;
/** So much of it is worth to be sent before. */
const WORTH_SENDING = FULL / 4;
/** What an object takes beside its texts, about. */
const OBJECT = 200;
/** Of a UTF-16 code unit in UTF-8. */
const MOST_BYTES = 3;

/** Gathers what a source hands over, and sends it when it is enough. */
export class Batching implements ReadyEventSink {
  readonly #memory: SharedMemory;
  readonly #send: (batch: ReadMessage) => void;
  readonly #lines: EventLines;
  #piece: ReturnType<SharedMemory['take']> | undefined;
  #ignored = new Map<Ignored, number>();
  #rejected: Rejected[] = [];
  #size = 0;
  #progress: ReadProgress | undefined;

  constructor(memory: SharedMemory, cluster: string | undefined, send: (batch: ReadMessage) => void) {
    this.#memory = memory;
    this.#lines = new EventLines(cluster, bytesDigest);
    this.#send = send;
  }

  line(bytes: Uint8Array): boolean {
    return this.#lines.take(bytes, this.#roomFor(MOST_HEAD, MOST_SENDER));
  }

  /** What was made ready in the plain way takes no place: its caller is told with it. */
  event({ identity, head, action: { caller, impersonated, moment, anonymousAccess, cluster } }: ReadyEvent): void {
    const sender = JSON.stringify({ caller, impersonated, anonymousAccess, cluster });
    const [headBytes, senderBytes] = [head.length * MOST_BYTES, sender.length * MOST_BYTES];
    const fits = headBytes <= PIECE.headBytes && senderBytes <= PIECE.senderBytes;
    const events = fits ? this.#roomFor(headBytes, senderBytes) : alone(headBytes, senderBytes);
    const headEnd = write(head, events.heads, events.headEnd);
    events.addSender(write(sender, events.senders, events.senderEnd));
    events.add(headEnd, {
      place: NO_PLACE,
      isNew: true,
      moment: typeof moment === 'number' ? moment : Number.NaN,
      identity,
    });
    if (fits) return;
    this.send();
    this.#message({ ...sharedEvents(events), size: sizeOf(events), piece: events.memory as SharedArrayBuffer });
  }

  ignored(what: Ignored, count: number): void {
    increment(this.#ignored, what, count);
  }

  reject(rejected: Rejected): void {
    this.#rejected.push(rejected);
    this.#size += rejected.sample.length + OBJECT;
    if (this.#size >= FULL) this.send();
  }

  /** So much of the input was read: sends what was gathered, if it is worth it. */
  tell(progress: ReadProgress): void {
    this.#progress = progress;
    if ((this.#piece?.events.headEnd ?? 0) + this.#size >= WORTH_SENDING) this.send();
  }

  /** Sends all that was gathered since the last time. */
  send(): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece === undefined) return this.#message(undefined);
    this.#memory.sent();
    this.#message({ ...sharedEvents(piece.events), size: PIECE, piece: piece.piece });
  }

  #message(events: SharedEvents | undefined): void {
    const [ignored, rejected, size, progress] = [this.#ignored, this.#rejected, this.#size, this.#progress];
    this.#ignored = new Map();
    this.#rejected = [];
    this.#size = 0;
    const own = typeof events?.piece === 'object' ? events.piece.byteLength : 0;
    this.#send({ events, ignored, rejected, progress, size: size + own });
  }

  #roomFor(headBytes: number, senderBytes: number): PackedEvents {
    const { events } = this.#piece ?? this.#take();
    if (events.headEnd < FULL && events.hasRoom(headBytes, senderBytes)) return events;
    this.send();
    return this.#take().events;
  }

  #take(): ReturnType<SharedMemory['take']> {
    this.#piece = this.#memory.take();
    return this.#piece;
  }
}

function alone(headBytes: number, senderBytes: number): PackedEvents {
  const size = { headBytes, senderBytes, events: 1 };
  return new PackedEvents(new SharedArrayBuffer(packedBytes(size)), size);
}

function sizeOf({ heads, senders, places }: PackedEvents) {
  return { headBytes: heads.length, senderBytes: senders.length, events: places.length };
}

function sharedEvents({ count, senderCount }: PackedEvents) {
  return { count, senderCount };
}

function write(text: string, to: Uint8Array, at: number): number {
  return at + Buffer.from(to.buffer, to.byteOffset, to.byteLength).write(text, at);
}
