import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** A request that is read already. */
interface ReadRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** Lets a server of this process answer the request without a connection. */
export function handOver(server: Server, { headers, body }: ReadRequest, answer: AnswerOfDynalite): void {
  server.emit('request', Object.assign(Readable.from([body]), { method: 'POST', url: '/', headers }), answer);
}

/** The parts of a response that dynalite uses. */
type AnswerOfDynalite = Pick<ServerResponse, 'statusCode' | 'setHeader' | 'end'> | CollectedAnswer;

class CollectedAnswer {
  statusCode = 200;
  readonly headers: Record<string, string> = {};
  readonly #whole: (body: string) => void;

  constructor(whole: (body: string) => void) {
    this.#whole = whole;
  }

  setHeader(name: string, value: string | number): void {
    this.headers[name.toLowerCase()] = String(value);
  }

  end(body = ''): void {
    this.#whole(body);
  }
}

/** A request as the SDK gives it to its connections. */
interface SentRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** `Buffer.from` would read the SDK's bytes as text. The SDK warns of that. */
function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.concat([body]);
}

/** A signature that dynalite accepts: it looks only at its form. */
const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260310/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260310T120000Z',
};

/** Settings of a client for this dynalite. Connections and signatures take half of the time of a request. */
export function withoutConnection(server: Server) {
  return {
    signer: { sign: async (request) => request },
    requestHandler: {
      async handle({ headers, body = '' }: SentRequest) {
        const { promise, resolve } = Promise.withResolvers<string>();
        const answer = new CollectedAnswer(resolve);
        handOver(server, { headers: { ...headers, ...SIGNED }, body: bytesOf(body) }, answer);
        const text = await promise;
        return { response: { statusCode: answer.statusCode, headers: answer.headers, body: Buffer.from(text) } };
      },
    },
  } satisfies DynamoDBClientConfig;
}
