import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { portOf, stop } from '../../local/loopback/guard.ts';

/** An EKS that has no clusters and a queue that takes every message, on a port of this machine. */
export async function startAnswering(): Promise<
  AsyncDisposable & { readonly url: string; readonly asked: () => number }
> {
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked += 1;
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece);
    const body = pieces.length > 0 ? (JSON.parse(Buffer.concat(pieces).toString()) as { MessageBody?: string }) : {};
    const digest = createHash('md5')
      .update(body.MessageBody ?? '')
      .digest('hex');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ clusters: [], MessageId: 'bench', MD5OfMessageBody: digest }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    asked: () => asked,
    [Symbol.asyncDispose]: () => stop(server),
  };
}
