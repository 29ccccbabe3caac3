import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type {
  BatchGetCommandInput,
  BatchGetCommandOutput,
  GetCommandInput,
  GetCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { isJsonObject, parseJson } from '../../json.ts';
import { signed } from '../aws/sigv4.ts';
import { attributesOf, type Conversion, eachOf, fieldsOf, listOf, plainsOf } from './attribute-values.ts';

type HttpRequest = Parameters<DynamoDBClient['config']['requestHandler']['handle']>[0];

/** Where the SDK sent a request that was answered, and as what. */
interface Route {
  /** As the SDK sent it. */
  readonly request: HttpRequest;
  readonly region: string;
  readonly service: string;
}

/** Of each request that only reads where values stand in what it asks, and in what it is answered with. */
const READS = {
  GetItem: {
    asked: fieldsOf({ Key: attributesOf }),
    answered: fieldsOf({ Item: plainsOf }),
  },
  Query: {
    asked: fieldsOf({ ExpressionAttributeValues: attributesOf, ExclusiveStartKey: attributesOf }),
    answered: fieldsOf({ Items: listOf(plainsOf), LastEvaluatedKey: plainsOf }),
  },
  BatchGetItem: {
    asked: fieldsOf({ RequestItems: eachOf(fieldsOf({ Keys: listOf(attributesOf) })) }),
    answered: fieldsOf({
      Responses: eachOf(listOf(plainsOf)),
      UnprocessedKeys: eachOf(fieldsOf({ Keys: listOf(plainsOf) })),
    }),
  },
} as const satisfies Readonly<Record<string, { readonly asked: Conversion; readonly answered: Conversion }>>;

/**
 * Reads past the SDK's layers, which take three quarters of the processor time that a request costs (0028). The SDK sends the
 * first request, and where to and as what is learnt from it; later ones are written, signed and understood here, and go out by the
 * SDK's own connections, credentials and time limits. Whatever is not answered with 200 and understood is left to the SDK, which
 * alone asks again, waits and says what is wrong; then it sends all, until it has an answer.
 */
export class DirectReads {
  readonly #client: DynamoDBClient;
  #route: Route | undefined;

  constructor(client: DynamoDBClient) {
    this.#client = client;
    client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        this.#route ??= routeOf(args.request);
        return answer;
      },
      { step: 'finalizeRequest', priority: 'low', name: 'learnsTheRoute' },
    );
  }

  /** As the document client answers; undefined where the SDK is to ask. So do the other two. */
  get(request: GetCommandInput): Promise<Pick<GetCommandOutput, 'Item'> | undefined> {
    return this.#ask('GetItem', request);
  }

  query(request: QueryCommandInput): Promise<Pick<QueryCommandOutput, 'Items' | 'LastEvaluatedKey'> | undefined> {
    return this.#ask('Query', request);
  }

  batchGet(
    request: BatchGetCommandInput,
  ): Promise<Pick<BatchGetCommandOutput, 'Responses' | 'UnprocessedKeys'> | undefined> {
    return this.#ask('BatchGetItem', request);
  }

  async #ask(operation: keyof typeof READS, input: object): Promise<object | undefined> {
    const route = this.#route;
    const asked = route === undefined ? undefined : READS[operation].asked(input);
    if (route === undefined || asked === undefined) return undefined;
    const text = await this.#textOf(operation, JSON.stringify(asked), route);
    if (text === undefined) this.#route = undefined;
    const answer = text === undefined ? undefined : parseJson(text);
    const values = answer?.ok === true ? READS[operation].answered(answer.value) : undefined;
    return isJsonObject(values) ? values : undefined;
  }

  /** Undefined of every answer but a whole 200. */
  async #textOf(operation: string, body: string, { request, region, service }: Route): Promise<string | undefined> {
    const { config } = this.#client;
    const unsigned = {
      host: request.headers.host ?? request.hostname,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    };
    try {
      const credentials = await config.credentials();
      const at = Date.now() + config.systemClockOffset;
      const headers = signed({ headers: unsigned, body }, { credentials, region, service, at });
      headers['content-length'] = String(Buffer.byteLength(body));
      headers['user-agent'] = request.headers['user-agent'] ?? '';
      const sent = { ...request, headers, body } as HttpRequest; // its methods are none that are called
      const { response } = await config.requestHandler.handle(sent);
      const pieces: Buffer[] = [];
      for await (const piece of response.body) pieces.push(piece);
      return response.statusCode === 200 ? Buffer.concat(pieces).toString() : undefined;
    } catch {
      return undefined; // the SDK asks the same, and throws what is wrong
    }
  }
}

/** What the SDK sent; undefined where that is not to the root of a host, and signed with SigV4. */
function routeOf(given: unknown): Route | undefined {
  const request = given as HttpRequest; // what this step of the SDK has
  if (request.path !== '/') return undefined;
  const scope = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\/aws4_request,/;
  const [, region, service] = scope.exec(request.headers.authorization ?? '') ?? [];
  return region === undefined || service === undefined ? undefined : { request, region, service };
}
