import { PackedEvents } from '../../../lib/fast/packed-events.ts';
import type { PackedEventSink, PackedTexts } from '../../../lib/ports/input.ts';
import type { ReadMessage, SharedEvents } from './message.ts';
import type { SharedMemory } from './shared-memory.ts';

/** Hands over what a message holds. */
export function unpack({ events, ignored, rejected }: ReadMessage, memory: SharedMemory, sink: PackedEventSink): void {
  for (const [what, count] of ignored) sink.ignored(what, count);
  for (const entry of rejected) sink.reject(entry);
  if (events === undefined) return;
  const packed = packedIn(events, memory);
  packed.count = events.count;
  packed.senderCount = events.senderCount;
  sink.packed(packed, textsOf(packed));
  if (typeof events.piece === 'number') memory.giveBack(events.piece);
}

function packedIn({ piece, size }: SharedEvents, memory: SharedMemory): PackedEvents {
  return typeof piece === 'number' ? memory.at(piece) : new PackedEvents(piece, size);
}

function textsOf({ heads, senders }: PackedEvents): PackedTexts {
  const [headBytes, senderBytes] = [bufferOf(heads), bufferOf(senders)];
  return {
    head: (from, to) => headBytes.toString('utf8', from, to),
    sender: (from, to) => senderBytes.toString('utf8', from, to),
  };
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
