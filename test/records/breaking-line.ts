import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be cut, and mended. */
export interface BreakingLine {
  readonly url: string;
  isCut: boolean;
  stop(): void;
}

export async function breakingLine(to: string): Promise<BreakingLine> {
  const { port, hostname } = new URL(to);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    if (line.isCut) return void socket.destroy();
    const onward = connect(Number(port), hostname);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      open.add(one);
      one.on('data', (bytes) => (line.isCut ? one.destroy() : other.write(bytes)));
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const line: BreakingLine = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server's
    isCut: false,
    stop() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
  return line;
}
