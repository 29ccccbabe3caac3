import { once } from 'node:events';
import { createServer } from 'node:http';
import { portOf, stop } from '../../local/loopback/guard.ts';

/** An EKS that has no clusters and an event bus that takes every event, on a port of this machine. */
export async function startAnswering(): Promise<
  AsyncDisposable & { readonly url: string; readonly asked: () => number }
> {
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked += 1;
    for await (const _ of request); // read to its end
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ clusters: [], FailedEntryCount: 0, Entries: [{ EventId: 'bench' }] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    asked: () => asked,
    [Symbol.asyncDispose]: () => stop(server),
  };
}
