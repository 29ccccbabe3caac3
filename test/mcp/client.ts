import type { Places } from '../../cli/mcp/places.ts';
import { McpServer } from '../../cli/mcp/server.ts';
import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../../lib/json.ts';

export const EXAMPLES: Places = {
  audit: ['examples/audit'],
  cloudtrail: ['examples/cloudtrail'],
  logGroup: [],
  usernameTemplate: [],
  trustedProxy: [],
  identityStore: [],
};

/** As the program has them. */
const COMMANDS = ['attribute', 'whois', 'incident', 'records', 'related'];

export interface Called {
  readonly isError: boolean;
  readonly texts: readonly string[];
}

/** A client of one server, which asks as a program of an assistant does. */
export class Client {
  readonly #server: McpServer;
  readonly log: string[] = [];

  constructor(places: Places) {
    this.#server = new McpServer({ places, commands: COMMANDS }, (text) => this.log.push(text));
  }

  async say(line: string | undefined): Promise<unknown> {
    const reply = await this.#server.replyTo(line);
    return reply === undefined ? undefined : JSON.parse(JSON.stringify(reply));
  }

  async ask(method: string, params?: object, id: unknown = 1): Promise<JsonObject> {
    const reply = await this.say(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return isJsonObject(reply) ? reply : {};
  }

  async call(name: string, given: object): Promise<Called> {
    const result = objectAt(await this.ask('tools/call', { name, arguments: given }), 'result');
    const texts = listAt(result, 'content')?.map((each) => (isJsonObject(each) ? (textAt(each, 'text') ?? '') : ''));
    return { isError: result?.isError === true, texts: texts ?? [] };
  }

  async tools(): Promise<readonly JsonObject[]> {
    return listAt(objectAt(await this.ask('tools/list'), 'result'), 'tools')?.filter(isJsonObject) ?? [];
  }
}
