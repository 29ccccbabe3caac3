import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { BuiltPage } from '../../console/page.ts';
import { servePage } from '../../console/serve.ts';
import type { Serving } from '../../console/settings.ts';
import { admitHolder } from '../../local/loopback/admission.ts';
import { guardedEmit, HOST, type Listening, newSecret, portOf, stop } from '../../local/loopback/guard.ts';
import type { Answering } from './answering.ts';

/** Nobody signs in: what is asked is signed as whoever runs the command. */
const SERVING: Serving = { settings: { signIn: 'none' }, signInOrigins: [] };

/**
 * Serves the page on this machine, to whoever was told its address: others here could ask with the credentials of
 * whoever runs it.
 * @throws the system's error where the port is taken.
 */
export async function serveConsole(page: BuiltPage, answering: Answering, port: number): Promise<Listening> {
  const secret = newSecret();
  const server = createServer((request, response) => {
    void answer(
      page,
      answering,
      { url: request.url ?? '/', method: request.method, headers: request.headers },
      response,
    );
  });
  server.emit = guardedEmit(server.emit, (arriving) => admitHolder(secret, arriving));
  server.listen(port, HOST);
  await once(server, 'listening');
  return { url: `http://${HOST}:${portOf(server)}/${secret}/`, close: () => stop(server) };
}

interface Asked {
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: { readonly 'accept-encoding'?: string | string[] | undefined };
}

async function answer(
  page: BuiltPage,
  answering: Answering,
  { url, method, headers: { 'accept-encoding': accepted } }: Asked,
  response: ServerResponse,
): Promise<void> {
  if (method !== 'GET') {
    response.writeHead(405, { allow: 'GET' }).end();
    return;
  }
  const [path = '/', query = ''] = url.split('?', 2);
  const isQuestion = path !== '/' && !path.slice(1).includes('/');
  const { status, headers, body } = isQuestion
    ? await answering(path, query)
    : servePage(page, path, String(accepted ?? ''), SERVING);
  response.writeHead(status, headers).end(body);
}
