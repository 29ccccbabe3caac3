import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type Admission, type ArrivingRequest, admitInsider } from './admission.ts';

/** The loopback address, so that servers answer this machine only. */
export const HOST = '127.0.0.1';

/** Decides on a request for the server that received it. */
export type AdmissionRule = (arriving: ArrivingRequest, server: Server) => Admission;

const REQUEST_EVENTS: readonly unknown[] = ['request', 'checkContinue', 'checkExpectation'];
const UPGRADE_EVENTS: readonly unknown[] = ['upgrade', 'connect'];

/**
 * Returns a server's `emit` that answers refused requests with 403 and emits no event for them. An admitted request has
 * the path to serve and no `Origin`, so that nothing behind it answers with CORS headers.
 */
export function guardedEmit(emit: Server['emit'], admit: AdmissionRule): Server['emit'] {
  return function (this: Server, event: string, ...given: unknown[]): boolean {
    if (UPGRADE_EVENTS.includes(event)) return destroyed(given);
    const [request, response] = given;
    if (REQUEST_EVENTS.includes(event) && request instanceof IncomingMessage && response instanceof ServerResponse) {
      const admission = admit({ url: request.url ?? '', headers: request.headers }, this);
      if ('refusal' in admission) return refused(response, admission.refusal);
      request.url = admission.path;
      delete request.headers.origin;
    }
    return Reflect.apply(emit, this, [event, ...given]);
  };
}

/** Returns a secret of 192 bits, in characters that a path may contain. */
export function newSecret(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Starts the server on loopback, at any free port unless one is given. Returns a URL with a secret; only requests to
 * that URL are served.
 */
export async function listenPrivately(server: Server, port = 0): Promise<string> {
  const secret = newSecret();
  server.emit = guardedEmit(server.emit, (arriving) => admitInsider(secret, arriving));
  server.listen(port, HOST);
  await once(server, 'listening');
  return `http://${HOST}:${portOf(server)}/${secret}`;
}

/** A server that listens on loopback. */
export interface LoopbackServer {
  /** The URL of the server, `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Closes all connections, including waiting ones, and frees the port. */
  close(): Promise<void>;
}

/** Starts the server on loopback at any free port, without a guard. */
export async function listen(server: Server): Promise<LoopbackServer> {
  server.listen(0, HOST);
  await once(server, 'listening');
  return { url: `http://${HOST}:${portOf(server)}`, close: () => stop(server) };
}

/** Closes all connections and frees the port. */
export async function stop(server: Server): Promise<void> {
  const stopped = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await stopped;
}

/** Returns the port on which a server listens. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');
  return address.port;
}

/** Destroys the socket of an upgrade or CONNECT. Servers here speak only plain HTTP. */
function destroyed(given: readonly unknown[]): boolean {
  for (const each of given) if (each instanceof Socket) each.destroy();
  return true;
}

function refused(response: ServerResponse, message: string): boolean {
  response.writeHead(403, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ message }));
  return true;
}
