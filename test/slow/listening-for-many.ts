import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on loopback for very many clients at once, which notes how many connections they hold. */
export interface ListeningForMany {
  readonly url: string;
  /** Returns the maximum number of connections that were open at one time. */
  readonly mostSockets: () => number;
  stop(): Promise<void>;
}

export async function listenForMany(server: Server): Promise<ListeningForMany> {
  let sockets = 0;
  let most = 0;
  server.on('connection', (socket) => {
    sockets += 1;
    most = Math.max(most, sockets);
    socket.once('close', () => {
      sockets -= 1;
    });
  });
  server.listen(0, '127.0.0.1', 4_096);
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mostSockets: () => most,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
