import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CommandOutcome, Folder } from '../builders/command.ts';
import { runWithin } from '../builders/within.ts';

/** A service that has nothing, and notes what it is asked. */
export interface NotedService {
  readonly url: string;
  /** Paths with their queries. */
  readonly requests: URL[];
  [Symbol.asyncDispose](): Promise<void>;
}

export function startNoting(): Promise<NotedService> {
  return startAnswering(async () => ({ records: [], sessions: [], known: [] }));
}

/** A service that answers so, and notes what it is asked. */
export async function startAnswering(answerTo: (url: URL) => Promise<object>): Promise<NotedService> {
  const requests: URL[] = [];
  const server = createServer((request, answer) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    requests.push(url);
    void answerTo(url).then((body) => answer.setHeader('content-type', 'application/json').end(JSON.stringify(body)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server's
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** A user with a home folder of their own, and a configuration at `EKS_WHOIS_CONFIG`. */
export class Somebody extends Folder {
  get configuration(): string {
    return this.at('config.yaml');
  }

  /** Runs the command; undefined takes a variable away. */
  run(
    args: readonly string[],
    environment: Readonly<Record<string, string | undefined>> = {},
  ): Promise<CommandOutcome> {
    const own = { PATH: process.env.PATH, HOME: this.path, NO_COLOR: '1', EKS_WHOIS_CONFIG: this.configuration };
    const aws = { AWS_EC2_METADATA_DISABLED: 'true', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
    return runWithin(args, { environment: { ...own, ...aws, ...environment }, folder: this.path });
  }
}
