import { once } from 'node:events';
import { createServer } from 'node:net';
import { HOST } from '../loopback/guard.ts';
import { LocalError } from './local-error.ts';

/**
 * The port itself, or one that is free where it is 0.
 * @throws LocalError where it is taken.
 */
export async function portToServe(port: number): Promise<number> {
  if (port === 0) return freePort();
  try {
    return await listenOnce(port);
  } catch (error) {
    throw new LocalError(`Port ${port} of ${HOST} is taken or may not be used: give another one with --port.`, {
      cause: error,
    });
  }
}

export async function freePort(): Promise<number> {
  return listenOnce(0);
}

/** Where the system lets one listen, given up again. */
async function listenOnce(port: number): Promise<number> {
  const server = createServer().listen(port, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : port;
}
