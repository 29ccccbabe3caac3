import type { Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { isJsonObject, parseJson } from '../../lib/json.ts';

/** The longest line, in bytes. Pasted text has at most 4 MiB, and JSON can write a character as six. */
const MOST_OF_A_LINE = 24 * 1024 * 1024;
const NEWLINE = 10;

/**
 * Carries messages of the protocol, one a line. The SDK's own transport ends at a line that is too long. It also does
 * not report a line that is not a message. This one reports both to the client, and reads on.
 */
export class LineTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  readonly #input: AsyncIterable<Uint8Array | string>;
  readonly #output: Writable;

  constructor(input: AsyncIterable<Uint8Array | string>, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  async start(): Promise<void> {}

  async close(): Promise<void> {
    this.onclose?.();
  }

  /** Sends a message. Resolves even if the client is gone; the end of the input reports that. */
  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve) => this.#output.write(`${JSON.stringify(message)}\n`, () => resolve()));
  }

  /** Passes on each message until the input ends. */
  async readToEnd(): Promise<void> {
    for await (const line of linesOf(this.#input)) await this.#take(line);
  }

  async #take(line: string | undefined): Promise<void> {
    if (line === undefined)
      return this.#refuse(undefined, ErrorCode.InvalidRequest, 'This message is too long: it may have 24 MiB.');
    const json = parseJson(line);
    if (!json.ok)
      return this.#refuse(undefined, ErrorCode.ParseError, 'This line is not JSON: write one message in a line.');
    const message = JSONRPCMessageSchema.safeParse(json.value);
    const id = idOf(json.value);
    if (!message.success)
      return this.#refuse(
        id,
        ErrorCode.InvalidRequest,
        'This is not a message of JSON-RPC 2.0: write one message in a line.',
      );
    if (isBadCall(message.data))
      return this.#refuse(
        id,
        ErrorCode.InvalidParams,
        'tools/call takes the name of a tool as text, and its arguments as an object.',
      );
    this.onmessage?.(message.data);
  }

  /** Sends an error. Without an ID, it is about a message whose ID is unreadable. */
  #refuse(id: RequestId | undefined, code: ErrorCode, message: string): Promise<void> {
    return this.send({ jsonrpc: '2.0', ...(id !== undefined && { id }), error: { code, message } });
  }
}

function idOf(value: unknown): RequestId | undefined {
  const id = isJsonObject(value) ? value.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}

function isBadCall(message: JSONRPCMessage): boolean {
  return 'method' in message && message.method === 'tools/call' && !CallToolRequestSchema.safeParse(message).success;
}

/** Yields the lines that are not empty. Yields undefined for a line that is too long, and drops it. */
async function* linesOf(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<string | undefined> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  const keep = (piece: Uint8Array) => {
    size += piece.length;
    if (size <= MOST_OF_A_LINE) pieces.push(piece);
    else pieces = [];
  };
  const taken = () => {
    const line = size > MOST_OF_A_LINE ? undefined : Buffer.concat(pieces).toString('utf8').trim();
    pieces = [];
    size = 0;
    return line;
  };
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      keep(bytes.subarray(from, end));
      from = end + 1;
      const line = taken();
      if (line !== '') yield line;
    }
    keep(bytes.subarray(from));
  }
  const last = taken();
  if (last !== '') yield last;
}
