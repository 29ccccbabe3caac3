import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { isJsonObject, type JsonObject, listAt, objectAt, textAt } from '../../lib/json.ts';

const FILE = join(import.meta.dirname, '../../openapi.yaml');
const KEY = 'openapi.yaml';
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** A part of the document with its place, after references were followed. */
interface Part {
  readonly pointer: string;
  readonly value: JsonObject;
}

export interface DocumentedParameter extends Part {
  readonly name: string;
  readonly example: string;
}

export interface DocumentedExample {
  readonly pointer: string;
  /** The path and query whose answer it is. Undefined if no working service gives that answer. */
  readonly question: string | undefined;
  readonly status: string;
  readonly value: unknown;
  readonly flaws: string | undefined;
}

/** An answer as the client received it. */
export interface GivenAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

type Method = 'get' | 'post';

/** The document openapi.yaml, with its paths, parameters and answers. */
export class OpenApiDocument {
  readonly root: JsonObject;
  readonly #ajv = new Ajv2020({
    strictSchema: true,
    strictTypes: false,
    allErrors: true,
    formats: { 'date-time': DATE_TIME },
  });

  constructor() {
    const root: unknown = parse(readFileSync(FILE, 'utf8'));
    if (!isJsonObject(root)) throw new Error('openapi.yaml holds no object.');
    this.root = root;
    // The document itself is no schema. Its own fields must be known, because it contains the schemas.
    this.#ajv.addVocabulary(Object.keys(root));
    this.#ajv.addSchema(root, KEY, undefined, false);
  }

  paths(): string[] {
    return Object.keys(objectAt(this.root, 'paths') ?? {});
  }

  operation(path: string, method: Method = 'get'): JsonObject {
    return this.#at(`/paths/${escaped(path)}/${method}`).value;
  }

  parameters(path: string): DocumentedParameter[] {
    const listed = listAt(this.operation(path), 'parameters') ?? [];
    return listed.map((_, at) => {
      const part = this.#at(`/paths/${escaped(path)}/get/parameters/${at}`);
      const [example] = [part.value.example].flat();
      return { ...part, name: textAt(part.value, 'name') ?? '', example: String(example) };
    });
  }

  /** Returns what is wrong with a parameter's value in a query by its schema; undefined if nothing is. */
  flawsOfParameter({ pointer, value }: DocumentedParameter, text: string): string | undefined {
    const type = textAt(objectAt(value, 'schema'), 'type');
    const isNumber = type === 'number' || type === 'integer';
    return this.#flaws(`${pointer}/schema`, type === 'array' ? [text] : isNumber ? Number(text) : text);
  }

  /** Returns whether the parameter may be given several times. */
  isList({ value }: DocumentedParameter): boolean {
    return textAt(objectAt(value, 'schema'), 'type') === 'array';
  }

  /** Returns the differences between an answer and the document; undefined if there are none. */
  flawsOfAnswer(path: string, { status, headers, body }: GivenAnswer, method: Method = 'get'): string | undefined {
    const responses = objectAt(this.operation(path, method), 'responses');
    if (responses?.[status] === undefined) return `status ${status} is not documented`;
    const response = this.#response(path, String(status), method);
    const type = mediaTypeOf(headers);
    if (objectAt(objectAt(response.value, 'content'), type) === undefined) return `${type} is not documented`;
    return this.#flawsOfHeaders(response, headers) ?? this.#flaws(`${mediaPointer(response, type)}/schema`, body);
  }

  /** Returns every example of an answer. */
  examples(): DocumentedExample[] {
    return this.paths().flatMap((path) => {
      const statuses = Object.keys(objectAt(this.operation(path), 'responses') ?? {});
      return statuses.flatMap((status) => this.#examplesOf(this.#response(path, status), status));
    });
  }

  /** Compiles all schemas of the components and returns their names. @throws if one is no JSON Schema 2020-12. */
  compileAll(): string[] {
    const names = Object.keys(objectAt(objectAt(this.root, 'components'), 'schemas') ?? {});
    for (const name of names) this.#validator(`/components/schemas/${name}`);
    return names;
  }

  #examplesOf(response: Part, status: string): DocumentedExample[] {
    return Object.entries(objectAt(response.value, 'content') ?? {}).flatMap(([type, media]) => {
      if (!isJsonObject(media)) return [];
      const pointer = mediaPointer(response, type);
      const single = media.example === undefined ? [] : [['example', { value: media.example }] as const];
      return [...Object.entries(objectAt(media, 'examples') ?? {}), ...single].map(([name, example]) => {
        const value = isJsonObject(example) ? example.value : undefined;
        const question = isJsonObject(example) ? textAt(example, 'x-question') : undefined;
        const flaws = this.#flaws(`${pointer}/schema`, value);
        return { pointer: `${pointer}/${name}`, question, status, value, flaws };
      });
    });
  }

  #flawsOfHeaders(response: Part, headers: Headers): string | undefined {
    for (const name of Object.keys(objectAt(response.value, 'headers') ?? {})) {
      const { pointer, value } = this.#at(`${response.pointer}/headers/${name}`);
      const given = headers.get(name);
      if (given === null && value.required === true) return `${name} is missing`;
      const flaws = given === null ? undefined : this.#flaws(`${pointer}/schema`, given);
      if (flaws !== undefined) return `${name}: ${flaws}`;
    }
    return undefined;
  }

  #response(path: string, status: string, method: Method = 'get'): Part {
    return this.#at(`/paths/${escaped(path)}/${method}/responses/${status}`);
  }

  #flaws(pointer: string, value: unknown): string | undefined {
    const validate = this.#validator(pointer);
    return validate(value) ? undefined : this.#ajv.errorsText(validate.errors, { separator: '\n' });
  }

  #validator(pointer: string): ValidateFunction {
    const validate = this.#ajv.getSchema(`${KEY}#${pointer}`);
    if (validate === undefined) throw new Error(`There is no schema at ${pointer}.`);
    return validate;
  }

  /** Returns the part at the pointer. @throws if there is none. */
  #at(pointer: string): Part {
    let value: unknown = this.root;
    for (const step of pointer.split('/').slice(1)) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      value = Array.isArray(value) ? value[Number(key)] : isJsonObject(value) ? value[key] : undefined;
    }
    if (!isJsonObject(value)) throw new Error(`openapi.yaml has nothing at ${pointer}.`);
    const reference = textAt(value, '$ref');
    return reference === undefined ? { pointer, value } : this.#at(reference.slice(1));
  }
}

/** Returns the media type without its parameters. serverless-offline adds the charset that JSON has anyway. */
function mediaTypeOf(headers: Headers): string {
  return headers.get('content-type')?.split(';')[0] ?? '';
}

function mediaPointer(response: Part, type: string): string {
  return `${response.pointer}/content/${escaped(type)}`;
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
