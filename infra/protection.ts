import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, objectAt } from '../lib/json.ts';

/**
 * The files of a package that contain the template. osls deploys the template in the state file; the other file is for
 * people.
 */
const FILES = ['serverless-state.json', 'cloudformation-template-update-stack.json'];

/**
 * Removes the deletion protection from the tables of a package. Tables are created without protection, and protected in
 * a second deployment. If the deployment that creates a protected table fails, CloudFormation cannot delete the table.
 * The table then blocks the next deployment.
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
