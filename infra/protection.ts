import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, objectAt } from '../lib/json.ts';

/** What of a package has the template: osls deploys the state's, the other is for people. */
const FILES = ['serverless-state.json', 'cloudformation-template-update-stack.json'];

/**
 * Lifts the deletion protection of the tables that a package makes. A protected table cannot be taken back when the
 * deployment that makes it fails, and would stand in the way of the next one: tables are made without, and protected once
 * all is there.
 */
export async function liftProtection(folder: string): Promise<void> {
  for (const name of FILES) {
    const path = join(folder, name);
    const content: unknown = JSON.parse(await readFile(path, 'utf8'), (_, value: unknown) => unprotected(value));
    await writeFile(path, JSON.stringify(content, undefined, 2));
  }
}

function unprotected(value: unknown): unknown {
  if (!isJsonObject(value) || value.Type !== 'AWS::DynamoDB::Table') return value;
  return { ...value, Properties: { ...objectAt(value, 'Properties'), DeletionProtectionEnabled: false } };
}
