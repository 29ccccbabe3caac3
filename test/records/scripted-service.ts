import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { problemAnswer, problemOf } from '../../functions/http/problem.ts';
import type { StoredRecord } from '../../lib/ports/records.ts';
import { epochMillis } from '../../lib/time.ts';
import { recordsRequest } from '../../lib/usecases/query/parameters.ts';
import { queryRecords } from '../../lib/usecases/query/records-query.ts';
import { MemoryClaims } from '../stand-ins/memory/memory-claims.ts';
import { MemoryDirectory } from '../stand-ins/memory/memory-directory.ts';
import { MemoryRecords } from '../stand-ins/memory/memory-records.ts';
import { MemorySessions } from '../stand-ins/memory/memory-sessions.ts';
import { MemoryWaits } from '../stand-ins/memory/memory-waits.ts';
import { calmWorld } from '../stand-ins/memory/memory-world.ts';

/** A failure of the service in place of an answer. */
export type Trouble = { readonly status: number; readonly body?: string } | 'hangs-up';

/** `/records` as the service answers it, over a store in memory that the test writes to, and in trouble as it says. */
export interface ScriptedService {
  readonly url: string;
  /** The queries so far. */
  readonly queries: URLSearchParams[];
  /** The failure from now on. Undefined: it answers. */
  trouble: Trouble | undefined;
  add(...records: readonly StoredRecord[]): Promise<void>;
  /** Another answer for an event that is there. */
  correct(record: StoredRecord): Promise<void>;
  stop(): Promise<void>;
}

export async function startScripted(): Promise<ScriptedService> {
  const world = calmWorld(() => epochMillis(Date.now()));
  const records = new MemoryRecords(world);
  const directory = new MemoryDirectory(records, world.clock);
  const claims = { claims: new MemoryClaims(world), waits: new MemoryWaits(world) };
  const stores = { records, directory, ...claims, sessions: new MemorySessions(world) };
  const server = createServer((request, answer) => void answerTo(request, answer));
  const answerTo = async (request: IncomingMessage, answer: ServerResponse) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    service.queries.push(searchParams);
    const { trouble } = service;
    if (trouble === 'hangs-up') return void request.destroy();
    if (trouble !== undefined) return void answer.writeHead(trouble.status).end(trouble.body);
    try {
      const page = await queryRecords(recordsRequest(searchParams.toString()), stores);
      answer.setHeader('content-type', 'application/json').end(JSON.stringify(page));
    } catch (error) {
      const { statusCode = 500, body } = problemAnswer(problemOf(error));
      answer.writeHead(statusCode).end(body);
    }
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const service: ScriptedService = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server's
    queries: [],
    trouble: undefined,
    async add(...added) {
      await records.insert(added);
    },
    async correct(record) {
      const revision = records.all().find(({ id }) => id === record.id)?.revision ?? 0;
      await records.correct([{ ...record, revision, expires: 2_000_000_000 }]);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  return service;
}
