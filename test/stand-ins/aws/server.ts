import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { isJsonObject, type JsonObject, listAt, parseJson, textAt } from '../../../lib/json.ts';
import { type LoopbackServer, listen } from '../../../local/loopback/guard.ts';

/** A request of an SDK: AWS JSON, REST-JSON or the query form. Its signature shows who calls, and is not verified. */
export interface AwsRequest {
  /** For example `eks` or `sts`, with Region and access key from the credential scope of the signature. */
  readonly service: string;
  readonly region: string;
  readonly accessKeyId: string;
  /** For example `LookupEvents`. Empty in REST-JSON, where path and method state it. */
  readonly operation: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The input of a JSON request. */
  readonly input: JsonObject;
  /** The input of a query. */
  readonly form: URLSearchParams;
}

/** The response of a stand-in. `reset` closes the connection. */
export type AwsAnswer =
  | { readonly status: number; readonly type: string; readonly body: string; readonly error?: string }
  | 'reset';

export function json(answer: unknown, status = 200): AwsAnswer {
  return { status, type: 'application/x-amz-json-1.1', body: JSON.stringify(answer) };
}

/** Returns an error in the form of AWS's JSON services. */
export function refused(name: string, message = 'refused', status = 400): AwsAnswer {
  return { status, type: 'application/x-amz-json-1.1', body: JSON.stringify({ __type: name, message }), error: name };
}

export function xml(body: string, status = 200): AwsAnswer {
  return { status, type: 'text/xml', body };
}

/** A response that is not from AWS. */
export const SIGN_IN_PAGE: AwsAnswer = {
  status: 200,
  type: 'text/html',
  body: '<html><body>Please sign in to the Wi-Fi</body>',
};

type Answering = (request: AwsRequest) => AwsAnswer | Promise<AwsAnswer>;

/** Starts a server for services of AWS at a free port of this machine, for every Region and account. */
export function startAws(answer: Answering): Promise<LoopbackServer> {
  return listen(awsServer(answer));
}

export function awsServer(answer: Answering): Server {
  return createServer(async (incoming, response) => {
    send(response, await answer(await readRequest(incoming)));
  });
}

export function send(response: ServerResponse, answer: AwsAnswer): void {
  if (answer === 'reset') return void response.socket?.resetAndDestroy();
  const { status, type, body, error } = answer;
  response.writeHead(status, { 'content-type': type, ...(error !== undefined && { 'x-amzn-errortype': error }) });
  response.end(body);
}

export async function readRequest(incoming: IncomingMessage): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks);
  const { url = '/', headers } = incoming;
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const [, accessKeyId = '', region = '', service = ''] = scope;
  const parsed = parseJson(body.toString('utf8'));
  const form = new URLSearchParams(body.toString('utf8'));
  return {
    service,
    region,
    accessKeyId,
    operation: String(headers['x-amz-target'] ?? '').split('.')[1] ?? form.get('Action') ?? '',
    url: new URL(url, 'http://stand-in'),
    headers,
    body,
    input: parsed.ok && isJsonObject(parsed.value) ? parsed.value : {},
    form,
  };
}

/** Returns the texts in the fields of an input. Empty for a field without one. */
export function textsAt(input: JsonObject, ...names: readonly string[]): string[] {
  return names.map((name) => textAt(input, name) ?? '');
}

/** Returns one page of the items, and where the next begins. */
export function pageOf<T>(
  items: readonly T[],
  token: string | null,
  size: number,
): { page: readonly T[]; next?: string } {
  const start = token === null ? 0 : Number(Buffer.from(token, 'base64url').toString());
  const end = start + size;
  const next = end < items.length ? { next: Buffer.from(String(end)).toString('base64url') } : {};
  return { page: items.slice(start, end), ...next };
}

/** Answers EventBridge's PutEvents, and accepts every entry. */
export function tookEvents(input: JsonObject, take: (detail: string, entry: JsonObject) => unknown): AwsAnswer {
  const entries = (listAt(input, 'Entries') ?? []).filter(isJsonObject);
  for (const entry of entries) take(textAt(entry, 'Detail') ?? '', entry);
  return json({ FailedEntryCount: 0, Entries: entries.map((_, at) => ({ EventId: String(at) })) });
}
