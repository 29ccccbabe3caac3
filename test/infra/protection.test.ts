import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planOf } from '../../infra/plan.ts';
import { liftProtection } from '../../infra/protection.ts';
import { shapeOf } from '../../infra/table-shape.ts';
import { TABLE_IDS } from '../../infra/tables.ts';
import { tableParameters } from '../../lib/adapters/dynamodb/tables.ts';
import type { JsonObject } from '../../lib/json.ts';
import { propertiesOf } from './packaged.ts';
import { deploymentOf, ownTemplate } from './stacks.ts';

const TEMPLATE = ownTemplate(deploymentOf('a hub with the defaults'));
const [STATE, FILE] = ['serverless-state.json', 'cloudformation-template-update-stack.json'] as const;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eks-whois-protection-'));
  const state = { service: { service: 'eks-whois', provider: { compiledCloudFormationTemplate: TEMPLATE } } };
  await writeFile(join(folder, STATE), JSON.stringify(state));
  await writeFile(join(folder, FILE), JSON.stringify(TEMPLATE));
});

afterAll(() => rm(folder, { recursive: true }));

async function packaged(): Promise<{ deployed: JsonObject; shown: JsonObject }> {
  const state = JSON.parse(await readFile(join(folder, STATE), 'utf8'));
  const shown = JSON.parse(await readFile(join(folder, FILE), 'utf8'));
  return { deployed: state.service.provider.compiledCloudFormationTemplate, shown };
}

it('tables are created unprotected, so that a failed deployment can remove them, and nothing else differs', async () => {
  await liftProtection(folder);
  const making = await packaged();
  for (const template of [making.deployed, making.shown]) {
    const tables = propertiesOf(template, 'AWS::DynamoDB::Table');
    expect(tables.map(({ DeletionProtectionEnabled }) => DeletionProtectionEnabled)).toEqual([false, false, false]);
  }
  const without = (template: JsonObject) =>
    JSON.parse(
      JSON.stringify(template).replaceAll('"DeletionProtectionEnabled":true', '"DeletionProtectionEnabled":false'),
    );
  expect(making).toEqual({ deployed: without(TEMPLATE), shown: without(TEMPLATE) });
});

it('a table that CreateTable created from the definition has the planned shape', () => {
  const { tables } = planOf(TEMPLATE, { region: 'eu-west-1', prefix: 'eks-whois-dev' });
  expect(tables.map(({ shape }) => shape)).toEqual(TABLE_IDS.map((id) => shapeOf(tableParameters(id, id))));
  expect(tables[0]?.shape.key).toBe('partition (S), sort (S)');
});
