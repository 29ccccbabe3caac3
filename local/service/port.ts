import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { HOST } from '../loopback/guard.ts';
import { LocalError } from './local-error.ts';

/**
 * Returns the port, or a free one if it is 0.
 * @throws LocalError if the port is taken.
 */
export async function portToServe(port: number): Promise<number> {
  if (port === 0) return freePort();
  try {
    return await listenOnce(port);
  } catch (error) {
    throw new LocalError(`Port ${port} of ${HOST} is in use or not permitted. Choose another one with --port.`, {
      cause: error,
    });
  }
}

/**
 * Returns a port below those that Linux gives to outgoing connections (32768 to 60999, `ip_local_port_range`). One of
 * these could be taken by a connection, or by its TIME_WAIT, before the service listens.
 */
export async function freePort(): Promise<number> {
  for (let left = 100; left > 0; left -= 1) {
    const port = await listenOnce(randomInt(20_000, 32_768)).catch(() => undefined);
    if (port !== undefined) return port;
  }
  throw new LocalError(`No port of ${HOST} between 20000 and 32767 is free. Choose one with --port.`);
}

/** Listens on the port and releases it. */
async function listenOnce(port: number): Promise<number> {
  const server = createServer().listen(port, HOST);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
  return port;
}
