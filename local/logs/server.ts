import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseFilterPattern } from '../../lib/doctor/filter-pattern.ts';
import { isJsonObject, type JsonObject, parseJson, textAt } from '../../lib/json.ts';
import { listen } from '../loopback/guard.ts';

/** One entry of a log stream. Times are epoch milliseconds. */
export interface LogEntry {
  readonly stream: string;
  readonly timestamp: number;
  readonly message: string;
}

export interface LogsOptions {
  /** Entries by log group. */
  readonly groups?: Readonly<Record<string, readonly LogEntry[]>>;
  /** Entries a page; AWS: up to 10,000. */
  readonly pageSize?: number;
  /** Each answer waits for it; the request is among `requests` by then. */
  readonly beforeAnswer?: () => Promise<void>;
}

/** CloudWatch Logs on this machine. */
export interface LogsServer {
  readonly url: string;
  /** The bodies of the requests so far, in their order; grows. */
  readonly requests: readonly JsonObject[];
  /** Refuses every request from now on, by an error's name. */
  refuse(name: string | undefined): void;
  close(): Promise<void>;
}

/**
 * A stand-in for CloudWatch Logs' FilterLogEvents, in AWS JSON 1.1: by stream prefix, pattern and time, both ends
 * included, in pages, of which some are empty. Signatures are not looked at (CloudWatch Logs API Reference, "FilterLogEvents").
 */
export async function startLogs({
  groups = {},
  pageSize = 10_000,
  beforeAnswer,
}: LogsOptions = {}): Promise<LogsServer> {
  const requests: JsonObject[] = [];
  let refusal: string | undefined;
  const server = createServer(async (incoming, response) => {
    const input = await inputOf(incoming);
    requests.push(input);
    await beforeAnswer?.();
    if (refusal !== undefined) return send(response, 400, { __type: refusal, message: 'refused' });
    const entries = groups[textAt(input, 'logGroupName') ?? ''];
    if (entries === undefined) return send(response, 400, NO_GROUP);
    send(response, 200, pageOf(entries, input, pageSize));
  });
  return {
    ...(await listen(server)),
    requests,
    refuse: (name) => {
      refusal = name;
    },
  };
}

const NO_GROUP = { __type: 'ResourceNotFoundException', message: 'The specified log group does not exist.' };

async function inputOf(incoming: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const parsed = parseJson(Buffer.concat(chunks).toString('utf8'));
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : {};
}

function pageOf(entries: readonly LogEntry[], input: JsonObject, pageSize: number): JsonObject {
  const { startTime, endTime, nextToken } = input;
  const from = typeof startTime === 'number' ? startTime : 0;
  const to = typeof endTime === 'number' ? endTime : Number.POSITIVE_INFINITY;
  const prefix = textAt(input, 'logStreamNamePrefix') ?? '';
  const passes = parseFilterPattern(textAt(input, 'filterPattern') ?? '') ?? (() => false);
  const found = entries.filter(
    ({ stream, timestamp }) => stream.startsWith(prefix) && timestamp >= from && timestamp <= to,
  );
  const start = typeof nextToken === 'string' ? Number(nextToken) : 0;
  const page = found.slice(start, start + pageSize).filter(({ message }) => passes(message));
  const events = page.map(({ stream, timestamp, message }, at) => ({
    logStreamName: stream,
    timestamp,
    message,
    ingestionTime: timestamp,
    eventId: String(start + at),
  }));
  return { events, ...(start + pageSize < found.length && { nextToken: String(start + pageSize) }) };
}

function send(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}
