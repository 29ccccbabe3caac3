import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../../lib/json.ts';
import { listenPrivately, portOf, stop } from '../loopback/guard.ts';
import { type Refusal, refuse } from './caller.ts';
import { createFaultScript, type Fault } from './faults.ts';
import { createEventHistory, createNextTokens, type Page, type UnkeptEvents } from './lookup.ts';
import {
  createRequestLog,
  createThrottle,
  type LoggedRequest,
  lookUp,
  type Outcome,
  type Service,
  serve,
} from './service.ts';

export type { Fault, FaultEffect, FaultScope } from './faults.ts';
export type { UnkeptEvents } from './lookup.ts';
export type { LoggedRequest } from './service.ts';

/** Options of the stand-in. The defaults are no records, one account, AWS's own limits and the real clock. */
export interface CloudTrailOptions {
  /** Initial records; see `add`. */
  readonly records?: readonly unknown[];
  /** Port on 127.0.0.1. 0, the default, is any free port. */
  readonly port?: number;
  /** The account of every caller if `accounts` is not given. It sees all records. */
  readonly account?: string;
  /**
   * The account of each access key ID. A caller then sees only records whose `recipientAccountId` is its account, and
   * an unlisted key is refused with UnrecognizedClientException.
   */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Requests a second for each account and Region. The default is AWS's own limit of 2; Infinity is no limit. */
  readonly requestsPerSecond?: number;
  /** Returns the current time of the event history in epoch milliseconds, for the 90 days and `deliveryDelay`. */
  readonly now?: () => number;
  /** Returns the throttle's time in milliseconds. The default is real time, also if `now` stands still. */
  readonly throttleNow?: () => number;
  /**
   * Milliseconds from `eventTime` until a record is visible. With a function of the record, records can overtake each
   * other.
   */
  readonly deliveryDelay?: number | ((record: JsonObject) => number);
  /** Seed for the order of resources and for random faults. */
  readonly seed?: string;
}

/** A stand-in for CloudTrail that runs on this machine. */
export interface CloudTrailServer {
  /**
   * `http://127.0.0.1:<port>/<secret>`: the endpoint for a CloudTrailClient, for every Region. Requests without the
   * secret are refused.
   */
  readonly url: string;
  readonly port: number;
  /** All requests so far, in the order of arrival. The list grows. */
  readonly requests: readonly LoggedRequest[];
  /** Adds records (parsed, not JSON text). Returns those that LookupEvents can never show, with the reason. */
  add(records: readonly unknown[]): readonly UnkeptEvents[];
  /**
   * Returns LookupEvents' response within this process: immediately, without faults or limits, and not listed in
   * `requests`.
   */
  lookUp(region: string, input: object): Page | Refusal;
  /** Adds a fault to the existing ones. Returns a function that removes it. */
  setFault(fault: Fault): () => void;
  clearFaults(): void;
  /** Closes all connections, including waiting ones, and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for CloudTrail's LookupEvents, which speaks AWS JSON 1.1 like `@aws-sdk/client-cloudtrail`. One
 * endpoint serves all Regions and accounts: it reads both from the request's SigV4 credential scope. Signatures are not
 * verified. Limits and behavior: FACTS, "LookupEvents", and the AWS API Reference.
 */
export async function startCloudTrail(options: CloudTrailOptions = {}): Promise<CloudTrailServer> {
  const closing = new AbortController();
  const service = createService(options, closing.signal);
  service.history.add(options.records ?? []);
  const server = createServer((request, response) => void respond(service, request, response));
  const url = await listenPrivately(server, options.port);
  let closed: Promise<void> | undefined;
  return {
    url,
    port: portOf(server),
    requests: service.log.requests,
    add: service.history.add,
    lookUp: (region, input) => lookUp(service, { accountId: service.accounts.only, region }, input),
    setFault: service.faults.add,
    clearFaults: service.faults.clear,
    close() {
      closing.abort();
      closed ??= stop(server);
      return closed;
    },
  };
}

function createService(options: CloudTrailOptions, closing: AbortSignal): Service {
  const { account = '111122223333', accounts, requestsPerSecond = 2, deliveryDelay = 0, seed = 'cloudtrail' } = options;
  const throttleNow = options.throttleNow ?? (() => performance.now());
  return {
    accounts: { only: account, byAccessKey: accounts },
    history: createEventHistory(seed),
    faults: createFaultScript(seed),
    throttle: createThrottle(requestsPerSecond, throttleNow),
    tokens: createNextTokens(seed),
    log: createRequestLog(),
    now: options.now ?? Date.now,
    throttleNow,
    deliveryDelay: typeof deliveryDelay === 'number' ? () => deliveryDelay : ({ record }) => deliveryDelay(record),
    wait: (milliseconds) => sleep(milliseconds, undefined, { signal: closing }),
  };
}

/**
 * Responds to a request and never rejects. If the client leaves or the server closes meanwhile, there is nobody to
 * report an error to.
 */
async function respond(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readBody(request);
    const target = request.headers['x-amz-target'];
    const outcome = await serve(service, {
      authorization: request.headers.authorization,
      target: typeof target === 'string' ? target : undefined,
      body,
    });
    send(outcome, request, response);
  } catch (cause) {
    if (!request.socket.destroyed) send(refuse('InternalFailure', String(cause), 500), request, response);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function send(outcome: Outcome, request: IncomingMessage, response: ServerResponse): void {
  switch (outcome.kind) {
    case 'hang':
      return;
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'garbage':
      write(response, 200, outcome.body);
      return;
    case 'refusal':
      write(response, outcome.status, JSON.stringify({ __type: outcome.name, message: outcome.message }));
      return;
    case 'page':
      write(response, 200, JSON.stringify({ Events: outcome.Events, NextToken: outcome.NextToken }));
  }
}

function write(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
  });
  response.end(body);
}
