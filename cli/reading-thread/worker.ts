import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { fileSource } from '../../lib/adapters/files/file-source.ts';
import { readyEvents } from '../../lib/pipeline/ready-events.ts';
import { eventDigest } from '../event-digest.ts';
import { Batching, type ReadingOrder } from './batch.ts';

/** The reading thread: makes the events of files ready, and sends them in batches, as far ahead as there is room. */

/** In characters: what may wait to be attributed. */
const MOST_AHEAD = 4 * 1024 * 1024;

if (parentPort === null) throw new Error('This is no program, but the reading thread of attribute.');
const port = parentPort;
const { paths, cluster } = workerData as ReadingOrder;
const batching = new Batching();
let ahead = 0;
port.on('message', (taken: number) => {
  ahead -= taken;
});

const source = readyEvents(fileSource(paths), { cluster, digest: eventDigest });
await source.read(batching, (progress) => {
  const batch = batching.pack(progress);
  ahead += batch.size;
  port.postMessage(batch);
  return ahead < MOST_AHEAD ? undefined : untilTaken();
});
port.postMessage(batching.pack(undefined));
port.postMessage('end');
port.close();

async function untilTaken(): Promise<void> {
  while (ahead >= MOST_AHEAD) await once(port, 'message');
}
