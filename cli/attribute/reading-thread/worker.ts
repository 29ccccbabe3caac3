import { parentPort, workerData } from 'node:worker_threads';
import { fileSource } from '../../../lib/adapters/files/file-source.ts';
import { readyEvents } from '../../../lib/usecases/attribute/ready-events.ts';
import { eventDigest } from '../event-digest.ts';
import { tokenFiles } from '../token-files.ts';
import { Backpressure } from './backpressure.ts';
import { Batching, type ReadingOrder } from './message.ts';

/** The reading thread: makes the events of files ready, and sends them in batches, as far ahead as there is room. */

if (parentPort === null) throw new Error('This is no program, but the reading thread of attribute.');
const port = parentPort;
const { paths, cluster, counted, room: memory } = workerData as ReadingOrder & { readonly room: SharedArrayBuffer };
const room = new Backpressure(memory);
const batching = new Batching((batch) => {
  port.postMessage(batch);
  room.take(batch.size);
});
const again = tokenFiles(paths, counted);
const source = readyEvents(fileSource(paths, counted), { cluster, digest: eventDigest, again });
port.postMessage({ tokens: (await source.tokens?.()) ?? [] });
await source.read(batching, (progress) => {
  batching.send(progress);
  return undefined;
});
batching.send(undefined);
port.postMessage('end');
