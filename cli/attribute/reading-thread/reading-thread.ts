import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AwsError } from '../../../lib/adapters/aws/aws-error.ts';
import type { IssuedToken } from '../../../lib/audit/issued-token.ts';
import type { ReadProgress, ReadyEventSource } from '../../../lib/ports/input.ts';
import { READING_THREAD } from '../../own-files.ts';
import { Backpressure } from './backpressure.ts';
import type { ReadingOrder, ReadMessage } from './message.ts';
import { SharedMemory } from './shared-memory.ts';
import { unpack } from './unpack.ts';

/** What the thread sends: first the tokens that its files' events issued, then the events, and that S3 cannot be asked. */
type ThreadMessage =
  | { readonly tokens: readonly IssuedToken[] }
  | ReadMessage
  | { readonly fault: Pick<AwsError, 'kind' | 'message'> }
  | 'end';

/** A source that must be ended, whether or not it was read to its end. */
export interface ReadingThread extends ReadyEventSource {
  end(): Promise<void>;
}

/**
 * Audit events from files, read and made ready by a thread of their own, which begins at once: what it does is more than
 * half of the work, and the grants can be read meanwhile (docs/decisions/0011).
 */
export function readingThread(order: ReadingOrder): ReadingThread {
  const room = new Backpressure();
  const memory = new SharedMemory();
  const worker = new Worker(READING_THREAD, {
    workerData: { ...order, room: room.memory, shared: memory.memory },
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  });
  const messages = on(worker, 'message', { close: ['exit'] }) as AsyncIterableIterator<[ThreadMessage]>;
  return {
    async tokens() {
      const first = await messages.next();
      if (!first.done && first.value[0] !== 'end' && 'tokens' in first.value[0]) return first.value[0].tokens;
      throw new Error('The reading thread ended before it had looked for tokens.');
    },
    async read(sink, pause) {
      let progress: ReadProgress | undefined;
      for await (const [message] of messages) {
        if (message === 'end') return;
        if (!isRead(message)) continue;
        unpack(message, memory, sink);
        room.giveBack(message.size);
        progress = message.progress ?? progress;
        if (progress !== undefined) await pause(progress);
      }
      throw new Error('The reading thread ended before the audit events did.');
    },
    async end() {
      await worker.terminate();
    },
  };
}

/** @throws AwsError where S3 cannot be asked: a class does not come through, so it is made anew. */
function isRead(message: Exclude<ThreadMessage, 'end'>): message is ReadMessage {
  if ('fault' in message) throw new AwsError(message.fault.kind, message.fault.message);
  return !('tokens' in message);
}
