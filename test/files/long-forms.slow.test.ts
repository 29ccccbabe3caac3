import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORM_SAMPLES, type FormSample } from '../../examples/forms.ts';
import { isJsonObject, type JsonObject, objectAt } from '../../lib/json.ts';
import { attributeFiles, Folder, REPOSITORY } from '../builders/command.ts';

const FORMS = join(REPOSITORY, 'examples/forms');
const [EVENTS, LOG_FILE] = [join(FORMS, 'audit/events.jsonl'), join(FORMS, 'cloudtrail/log-file.json')];

async function recordsOf({ of, vouch }: FormSample, path: string) {
  using folder = new Folder();
  const result = await attributeFiles(folder, {
    audit: [of === 'audit' ? path : EVENTS],
    cloudtrail: [of === 'audit' ? LOG_FILE : path],
    more: ['--cluster-name', 'prod', ...(vouch !== undefined ? ['--log-group', vouch] : [])],
  });
  return { result, records: result.records };
}

describe('a single document of more than 8 MiB gives the same records:', () => {
  const objectsIn = (list: unknown) => (Array.isArray(list) ? list.filter(isJsonObject) : []);

  /** The list of the events in each document that has it below its top. */
  const lists: Readonly<Record<string, (document: JsonObject) => unknown>> = {
    'audit/elastic-hits.json': (document) => objectAt(document, 'hits')?.hits,
    'audit/opensearch-hits.json': (document) => objectAt(document, 'hits')?.hits,
    'audit/datadog.json': (document) => document.data,
    'audit/loki.json': (document) => objectsIn(objectAt(document, 'data')?.result)[0]?.values,
    'cloudtrail/elastic-hits.json': (document) => objectAt(document, 'hits')?.hits,
    'cloudtrail/datadog.json': (document) => document.data,
    'cloudtrail/athena.json': (document) => objectAt(document, 'ResultSet')?.Rows,
    'cloudtrail/lake.json': (document) => document.QueryResultRows,
  };

  /** Repeats the events until the document is that long. */
  function lengthened(text: string, listIn: (document: JsonObject) => unknown): JsonObject {
    const document: JsonObject = JSON.parse(text);
    const list = listIn(document);
    if (!Array.isArray(list)) throw new Error('no list of events');
    const events = list.slice(1); // The first row of Athena has the names of the columns.
    for (let length = 0; length < 9 * 1024 * 1024; length += JSON.stringify(events).length) list.push(...events);
    return document;
  }

  it.each(FORM_SAMPLES.filter(({ file }) => file in lists).map((sample) => [sample.file, sample] as const))(
    '%s',
    async (_, sample) => {
      using folder = new Folder();
      const listIn = lists[sample.file] ?? (() => undefined);
      const document = lengthened(readFileSync(join(FORMS, sample.file), 'utf8'), listIn);
      const { records: expected } = await recordsOf(sample, join(FORMS, sample.file));
      expect(expected).not.toEqual([]);
      for (const indent of [undefined, 2]) {
        const path = folder.file('long.json', JSON.stringify(document, null, indent));
        const { result, records } = await recordsOf(sample, path);
        expect(result.rejects).toEqual([]);
        expect(records).toEqual(expected);
      }
    },
  );
});
