import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { BuiltPage } from '../../console/page.ts';
import { servePage } from '../../console/serve.ts';
import type { Serving } from '../../console/settings.ts';
import { admitHolder } from '../../local/loopback/admission.ts';
import { guardedEmit, HOST, type Listening, newSecret, portOf, stop } from '../../local/loopback/guard.ts';
import type { Responder } from './responder.ts';

/** Nobody signs in: what is asked is signed as whoever runs the command. */
const SERVING: Serving = { settings: { signIn: 'none' }, signInOrigins: [] };

/**
 * Serves the page on this machine, to whoever was told its address: others here could ask with the credentials of
 * whoever runs it.
 * @throws the system's error where the port is taken.
 */
export async function serveConsole(page: BuiltPage, respond: Responder, port: number): Promise<Listening> {
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

/** Bytes of JSON: a note has 2,000 characters. */
const MOST_SENT = 16_384;

async function answer(
  page: BuiltPage,
  respond: Responder,
  asked: PageRequest,
  response: ServerResponse,
): Promise<void> {
  const [path = '/', query = ''] = asked.url.split('?', 2);
  const isQuestion = path !== '/' && !path.slice(1).includes('/');
  const sent = isQuestion ? await sentBy(asked) : undefined;
  if (sent === 'left-off') return;
  if (asked.method !== 'GET' && typeof sent !== 'object') {
    response.writeHead(sent ?? 405, { connection: 'close' }).end();
    return;
  }
  const accepted = asked.headers['accept-encoding'];
  const { status, headers, body } = isQuestion
    ? await respond(path, query, typeof sent === 'object' ? sent.json : undefined)
    : servePage(page, path, String(accepted ?? ''), SERVING);
  response.writeHead(status, headers).end(body);
}

/** The JSON that is sent, or why it is not taken, or that its page went before its end; undefined where nothing is to be sent. */
async function sentBy({
  method,
  headers,
  body,
}: PageRequest): Promise<{ readonly json: string } | 413 | 415 | 'left-off' | undefined> {
  if (method !== 'POST') return undefined;
  if (!/^application\/json(?:;|$)/.test(headers['content-type'] ?? '')) return 415; // no form of another page
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of body) {
      length += piece.length;
      if (length > MOST_SENT) return 413;
      pieces.push(piece);
    }
  } catch {
    return 'left-off'; // whoever sent it is gone, and waits for no answer
  }
  return { json: Buffer.concat(pieces).toString('utf8') };
}
