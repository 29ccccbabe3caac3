import type { ErrorCode } from '../../lib/error-code.ts';
import { isJsonObject, type JsonObject, objectAt, parseJson, textAt } from '../../lib/json.ts';

/** Which request an answer belongs to; MCP has no null there (basic/index, "Requests"). */
export type RequestId = string | number;

/** What goes back: a JSON-RPC response, several of them where several requests came at once, or nothing. */
export type Reply = object | readonly object[] | undefined;

/** Answers a request with its result; undefined is none, where whoever asked took it back. @throws RpcError */
export type Method = (params: JsonObject, id: RequestId) => Promise<object | undefined> | object;
/** What answers requests, by the name of the method. */
export type Methods = ReadonlyMap<string, Method>;
/** What hears of what wants no answer, by method. */
export type Notices = ReadonlyMap<string, (params: JsonObject) => void>;

/** The codes of JSON-RPC 2.0 ("Error object"). */
export const RPC_CODES = { parse: -32700, request: -32600, method: -32601, params: -32602, internal: -32603 } as const;

/** A request that cannot be answered; the message is for whoever wrote the client. */
export class RpcError extends Error {
  readonly code = 'rpc' satisfies ErrorCode;
  readonly kind: keyof typeof RPC_CODES;

  constructor(kind: keyof typeof RPC_CODES, message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Answers one line of the stdio transport; never fails. Several messages in one array, which the revision 2025-03-26 has and
 * later ones have not, are answered in one array.
 */
export async function replyTo(line: string, methods: Methods, notices: Notices): Promise<Reply> {
  const read = parseJson(line);
  if (!read.ok) return failure(null, new RpcError('parse', 'This line is no JSON.'));
  if (!Array.isArray(read.value)) return replyToOne(read.value, methods, notices);
  if (read.value.length === 0) return failure(null, new RpcError('request', 'This array has no request.'));
  const replies = await Promise.all(read.value.map((each: unknown) => replyToOne(each, methods, notices)));
  const there = replies.filter((reply) => reply !== undefined);
  return there.length === 0 ? undefined : there;
}

/** That a line was no request at all. */
export function failure(id: RequestId | null, { kind, message }: RpcError): object {
  return { jsonrpc: '2.0', id, error: { code: RPC_CODES[kind], message } };
}

async function replyToOne(message: unknown, methods: Methods, notices: Notices): Promise<object | undefined> {
  const id = isJsonObject(message) && isId(message.id) ? message.id : undefined;
  try {
    const result = await resultOf(message, id, { methods, notices });
    return result && { jsonrpc: '2.0', id, result };
  } catch (error) {
    return failure(id ?? null, error instanceof RpcError ? error : new RpcError('internal', wordsOf(error)));
  }
}

/** Undefined where nothing goes back: a notification, or the answer to a request that was never made. */
function resultOf(
  message: unknown,
  id: RequestId | undefined,
  { methods, notices }: { readonly methods: Methods; readonly notices: Notices },
): Promise<object | undefined> | object | undefined {
  if (!isJsonObject(message) || message.jsonrpc !== '2.0')
    throw new RpcError('request', 'Give an object with "jsonrpc": "2.0".');
  if ('result' in message || 'error' in message) return undefined;
  const method = textAt(message, 'method');
  if (method === undefined) throw new RpcError('request', 'Give the method, as a text.');
  if (!('id' in message)) return void notices.get(method)?.(objectAt(message, 'params') ?? {});
  if (id === undefined) throw new RpcError('request', 'Give the id, as a text or a number.');
  const answer = methods.get(method);
  if (answer === undefined) throw new RpcError('method', `There is no method ${method}.`);
  const { params = {} } = message;
  if (!isJsonObject(params)) throw new RpcError('params', 'Give params as an object.');
  return answer(params, id);
}

function isId(id: unknown): id is RequestId {
  return typeof id === 'string' || typeof id === 'number';
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
