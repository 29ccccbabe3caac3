import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { JsonSchemaType, JsonSchemaValidator, jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { Ajv, type ValidateFunction } from 'ajv';
import { expect } from 'vitest';
import type { Places } from '../../cli/mcp/places.ts';
import { mcpServer } from '../../cli/mcp/server.ts';
import { isJsonObject, type JsonObject, listAt, textAt } from '../../lib/json.ts';

export const EXAMPLES: Places = {
  audit: ['examples/audit'],
  cloudtrail: ['examples/cloudtrail'],
  logGroup: [],
  usernameTemplate: [],
  trustedProxy: [],
  identityStore: [],
  samePerson: [],
};

export interface ToolAnswer {
  readonly isError: boolean;
  readonly texts: readonly string[];
  readonly content: JsonObject;
}

/** Returns the same as `make`, which makes it once for all schemas of the same text. */
function once<S, T>(make: (schema: S) => T): (schema: S) => T {
  const made = new Map<string, T>();
  return (schema) => {
    const text = JSON.stringify(schema);
    const value = made.get(text) ?? make(schema);
    made.set(text, value);
    return value;
  };
}

/** Compiles the schema of a tool's answers. */
const checkOf = once((schema: object | false): ValidateFunction => new Ajv({ strict: false }).compile(schema));

/** The SDK's own validators. A client would compile those of all tools for each list of them. */
const validatorOf = once((schema: JsonSchemaType) => new AjvJsonSchemaValidator().getValidator<unknown>(schema));
const VALIDATORS: jsonSchemaValidator = {
  getValidator: <T>(schema: JsonSchemaType) => validatorOf(schema) as JsonSchemaValidator<T>,
};

/** The SDK's own client of a server within this process. Holds each answer against the schema that its tool states. */
export class ToolClient {
  readonly log: string[] = [];
  readonly client = new Client({ name: 'a client', version: '1' }, { jsonSchemaValidator: VALIDATORS });
  readonly #connected: Promise<unknown>;

  constructor(places: Places) {
    const { server } = mcpServer(places, (text) => this.log.push(text));
    const [ofClient, ofServer] = InMemoryTransport.createLinkedPair();
    this.#connected = Promise.all([server.connect(ofServer), this.client.connect(ofClient)]);
  }

  async tools() {
    await this.#connected;
    return (await this.client.listTools()).tools;
  }

  async call(name: string, given: { [name: string]: unknown }, signal?: AbortSignal): Promise<ToolAnswer> {
    const tool = (await this.tools()).find((each) => each.name === name);
    const result = await this.client.callTool({ name, arguments: given }, undefined, signal && { signal });
    const { structuredContent: content } = result;
    const check = checkOf(tool?.outputSchema ?? false);
    expect([check(content), check.errors]).toEqual([true, null]);
    const texts = listAt(result, 'content')?.map((each) => (isJsonObject(each) ? (textAt(each, 'text') ?? '') : ''));
    return { isError: result.isError === true, texts: texts ?? [], content: isJsonObject(content) ? content : {} };
  }
}
