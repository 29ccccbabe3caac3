import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { BuiltPage } from '../../console/page.ts';
import { servePage } from '../../console/serve.ts';
import type { ServedSettings } from '../../console/settings.ts';
import { admitHolder } from '../../local/loopback/admission.ts';
import { guardedEmit, HOST, type LoopbackServer, newSecret, portOf, stop } from '../../local/loopback/guard.ts';
import type { Responder } from './responder.ts';

/** The page's settings. Nobody signs in on the page: requests are signed as the person who runs the command. */
const SERVING: ServedSettings = { settings: { signIn: 'none' }, signInOrigins: [] };

/**
 * Serves the page on this machine, only to someone who has its secret address. Otherwise other users of the machine
 * could use the credentials of the person who runs it.
 * @throws the system's error if the port is in use.
 */
export async function serveConsole(page: BuiltPage, respond: Responder, port: number): Promise<LoopbackServer> {
  const secret = newSecret();
  const server = createServer((request, response) => {
    void answer(
      page,
      respond,
      { url: request.url ?? '/', method: request.method, headers: request.headers, body: request },
      response,
    );
  });
  server.emit = guardedEmit(server.emit, (arriving) => admitHolder(secret, arriving));
  server.listen(port, HOST);
  await once(server, 'listening');
  return { url: `http://${HOST}:${portOf(server)}/${secret}/`, close: () => stop(server) };
}

interface PageRequest {
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

/** The maximum number of bytes of JSON that the page may send. A note has at most 2,000 characters. */
const MOST_SENT = 16_384;

async function answer(
  page: BuiltPage,
  respond: Responder,
  request: PageRequest,
  response: ServerResponse,
): Promise<void> {
  const [path = '/', query = ''] = request.url.split('?', 2);
  const isQuestion = path !== '/' && !path.slice(1).includes('/');
  const sent = isQuestion ? await sentBy(request) : undefined;
  if (sent === 'left-off') return;
  if (request.method !== 'GET' && typeof sent !== 'object') {
    response.writeHead(sent ?? 405, { connection: 'close' }).end();
    return;
  }
  const accepted = request.headers['accept-encoding'];
  const { status, headers, body } = isQuestion
    ? await respond(path, query, typeof sent === 'object' ? sent.json : undefined)
    : servePage(page, path, String(accepted ?? ''), SERVING);
  response.writeHead(status, headers).end(body);
}

/**
 * Returns the JSON that is sent, or the status code that refuses it. Returns `left-off` if the page closed the
 * connection, and undefined if nothing is sent.
 */
async function sentBy({
  method,
  headers,
  body,
}: PageRequest): Promise<{ readonly json: string } | 413 | 415 | 'left-off' | undefined> {
  if (method !== 'POST') return undefined;
  if (!/^application\/json(?:;|$)/.test(headers['content-type'] ?? '')) return 415; // refuses forms of other pages
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of body) {
      length += piece.length;
      if (length > MOST_SENT) return 413;
      pieces.push(piece);
    }
  } catch {
    return 'left-off'; // the client is gone, and needs no answer
  }
  return { json: Buffer.concat(pieces).toString('utf8') };
}
