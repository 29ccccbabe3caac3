import { eventDigest } from '../../cli/attribute/event-digest.ts';
import { Batching } from '../../cli/attribute/reading-thread/batching.ts';
import { SharedMemory } from '../../cli/attribute/reading-thread/shared-memory.ts';
import { unpack } from '../../cli/attribute/reading-thread/unpack.ts';
import { readInput } from '../../lib/adapters/files/read-input.ts';
import type { PlainEventSource, ReadyEventSource, RecordSource } from '../../lib/ports/input.ts';
import { readyEvents } from '../../lib/usecases/attribute/ready-events.ts';

/** Events of a source as the reading thread makes them ready and hands them over, without the thread. */
export function packedSource(source: RecordSource, cluster?: string): ReadyEventSource {
  const plain = plainSource(source, cluster);
  return {
    tokens: () => plain.tokens?.() ?? Promise.resolve([]),
    async read(sink, pause) {
      const memory = new SharedMemory();
      const batching = new Batching(memory, cluster, (message) => unpack(message, memory, sink));
      await plain.read(batching, (progress) => {
        batching.tell(progress);
        return pause(progress);
      });
      batching.send();
    },
  };
}

/** The same events, one by one. */
export function plainSource(source: RecordSource, cluster?: string): PlainEventSource {
  return readyEvents(source, { cluster, digest: eventDigest, again: source });
}

/** The records of a file with these bytes, in pieces of one memory, as files are read. */
export function bytesSource(bytes: Buffer, piece = 64 * 1024): RecordSource {
  return {
    read: (sink, pause) =>
      readInput({ file: 'audit.jsonl', counted: [], bytes: pieces(bytes, piece) }, sink, (read) =>
        pause({ file: 'audit.jsonl', read }),
      ),
  };
}

async function* pieces(bytes: Buffer, length: number) {
  const memory = Buffer.alloc(length);
  for (let at = 0; at < bytes.length; at += length) {
    const copied = bytes.copy(memory, 0, at, at + length);
    yield { bytes: memory.subarray(0, copied), read: at + copied };
  }
}
