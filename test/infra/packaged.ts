import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { isJsonObject, type JsonObject, objectAt } from '../../lib/json.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

/** Apart from the folder that a service running on this machine may be using; one each, since several run at once. */
const BUNDLES = 'node_modules/.cache';

/** What osls would deploy, from its own files. */
export interface Package {
  readonly file: string;
  readonly template: JsonObject;
  /** What was the temporary folder for osls. */
  readonly temporary: string;
  remove(): Promise<void>;
}

/** Runs `osls package` with no credentials at all; with a file of parameters, by `npm run package`. */
export async function packaged(parameters: readonly string[], stage = 'dev', given?: string): Promise<Package> {
  const folder = await mkdtemp(join(tmpdir(), 'eks-whois-package-'));
  const temporary = await mkdtemp(join(tmpdir(), 'eks-whois-temporary-'));
  const remove = async () => {
    for (const each of [folder, temporary]) await rm(each, { recursive: true, force: true });
  };
  const typed = parameters.flatMap((parameter) => ['--param', parameter]);
  const options = ['--package', folder, '--stage', stage, '--region', 'eu-west-1', ...typed];
  const command =
    given === undefined
      ? [join(ROOT, 'node_modules/.bin/osls'), 'package', ...options]
      : [join(ROOT, 'infra/package.ts'), '--config', given, ...options];
  const env = withoutCredentials(folder, temporary);
  await run(process.execPath, command, { cwd: ROOT, env }).catch(async (failure) => {
    await remove();
    withItsWords(failure);
  });
  const file = join(folder, 'cloudformation-template-update-stack.json');
  const template: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!isJsonObject(template)) throw new Error(`${file} is no template`);
  return { file, template, temporary, remove };
}

/** osls says on standard output what is wrong. */
function withItsWords(failure: Error & { readonly stdout?: string }): never {
  throw new Error(failure.stdout || failure.message, { cause: failure });
}

/** Nothing but the PATH: no credentials, no profile, no home where either might be. */
function withoutCredentials(home: string, temporary: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    TMPDIR: temporary,
    AWS_EC2_METADATA_DISABLED: 'true',
    EKS_WHOIS_BUNDLES: join(BUNDLES, basename(home)),
    NO_COLOR: '1',
  };
}

/** The template's resources of a type, by logical id. */
export function resourcesOf(template: JsonObject, type: string): [string, JsonObject][] {
  return Object.entries(objectAt(template, 'Resources') ?? {}).filter((entry): entry is [string, JsonObject] => {
    const [, resource] = entry;
    return isJsonObject(resource) && resource.Type === type;
  });
}

export function propertiesOf(template: JsonObject, type: string): JsonObject[] {
  return resourcesOf(template, type).map(([, resource]) => objectAt(resource, 'Properties') ?? {});
}
