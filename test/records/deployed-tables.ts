import { join } from 'node:path';
import { expect } from 'vitest';
import { tableNames } from '../../lib/adapters/dynamodb/tables.ts';
import { type CommandOutcome, Folder, REPOSITORY, runCommand } from '../builders/command.ts';
import { type LoopbackAws, startLoopbackAws } from '../functions/loopback-aws.ts';

export const TABLE = 'eks-whois-test';
const TABLES = tableNames(TABLE);

/** A deployed service's tables on this machine, and the command line that asks them. */
export interface DeployedTables {
  readonly aws: LoopbackAws;
  readonly environment: Readonly<Record<string, string>>;
  /** A command in a process of its own, with `--table`. */
  run(args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<CommandOutcome>;
  stop(): Promise<void>;
}

export async function startTables(): Promise<DeployedTables> {
  const aws = await startLoopbackAws(TABLES);
  const environment = {
    AWS_ENDPOINT_URL: aws.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIAALICE00000000001',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
    AWS_CONFIG_FILE: '/nowhere/config',
    AWS_PROFILE: '',
  };
  return {
    aws,
    environment,
    run: (args, more) => runCommand([...args, '--table', TABLE], undefined, { ...environment, ...more }),
    stop: () => aws.stop(),
  };
}

/** … with the day of the examples in them, as backfill loads it: settled, as if it lay behind. */
export async function startWithExamples(): Promise<DeployedTables> {
  using folder = new Folder();
  const tables = await startTables();
  const [audit, cloudtrail] = ['audit', 'cloudtrail'].map((name) => join(REPOSITORY, 'examples', name));
  const paths = ['--audit', String(audit), '--cloudtrail', String(cloudtrail)];
  const loaded = await tables.run(['backfill', ...paths, '--state', folder.at('state.json')]);
  expect(loaded.status, loaded.errors).toBe(0);
  return tables;
}
