import { parentPort, workerData } from 'node:worker_threads';
import { AwsError } from '../../../lib/adapters/aws/aws-error.ts';
import { pathSource } from '../../../lib/adapters/s3/path-source.ts';
import { readyEvents } from '../../../lib/usecases/attribute/ready-events.ts';
import { eventDigest } from '../event-digest.ts';
import { tokenFiles } from '../token-files.ts';
import { Backpressure } from './backpressure.ts';
import { Batching } from './batching.ts';
import type { ReadingOrder } from './message.ts';
import { SharedMemory } from './shared-memory.ts';

/** What the reading thread does: makes the events of files ready, and sends them in batches, as far ahead as there is room. */

if (parentPort === null) throw new Error('This is no program, but the reading thread of attribute.');
const port = parentPort;
const {
  room: ahead,
  shared,
  ...order
} = workerData as ReadingOrder & {
  readonly room: SharedArrayBuffer;
  readonly shared: SharedArrayBuffer;
};
const { paths, cluster, counted, s3 } = order;
const room = new Backpressure(ahead);
const batching = new Batching(new SharedMemory(shared), cluster, (batch) => {
  port.postMessage(batch);
  room.take(batch.size);
});
const again = tokenFiles(paths, counted);
const source = readyEvents(pathSource(paths, counted, s3), { cluster, digest: eventDigest, again });
port.postMessage({ tokens: (await source.tokens?.()) ?? [] });
try {
  await source.read(batching, (progress) => {
    batching.tell(progress);
    return undefined;
  });
  batching.send();
  port.postMessage('end');
} catch (error) {
  if (!(error instanceof AwsError)) throw error;
  port.postMessage({ fault: { kind: error.kind, message: error.message } }); // a class does not come through
}
