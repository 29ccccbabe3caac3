import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { isJsonObject, type JsonObject, objectAt } from '../../lib/json.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

/**
 * The folder of the bundles. It is not the one of a service on this machine, and each package has its own, because several
 * run at once.
 */
const BUNDLES = 'node_modules/.cache';

/** The files that osls would deploy. */
export interface Package {
  readonly file: string;
  readonly template: JsonObject;
  /** The temporary folder that osls used. */
  readonly temporary: string;
  remove(): Promise<void>;
}

/** Runs `osls package` without any credentials. With a file of parameters, it runs `npm run package`. */
export async function packaged(parameters: readonly string[], stage = 'dev', given?: string): Promise<Package> {
  const folder = await mkdtemp(join(tmpdir(), 'eks-whois-package-'));
  const temporary = await mkdtemp(join(tmpdir(), 'eks-whois-temporary-'));
  const service = await mkdtemp(join(tmpdir(), 'eks-whois-service-'));
  const remove = async () => {
    for (const each of [folder, temporary, service]) await rm(each, { recursive: true, force: true });
  };
  const typed = parameters.flatMap((parameter) => ['--param', parameter]);
  const options = ['--package', folder, '--stage', stage, '--region', 'eu-west-1', ...typed];
  const command =
    given === undefined
      ? [join(ROOT, 'node_modules/.bin/osls'), 'package', ...options]
      : [join(ROOT, 'infra/package.ts'), '--config', given, ...options];
  const env = withoutCredentials(folder, temporary);
  await linkService(service);
  await run(process.execPath, command, { cwd: service, env }).catch(async (failure) => {
    await remove();
    withItsWords(failure);
  });
  const file = join(folder, 'cloudformation-template-update-stack.json');
  const template: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!isJsonObject(template)) throw new Error(`${file} is no template`);
  return { file, template, temporary, remove };
}

/**
 * Links the checkout into a folder. osls writes all files into `.serverless` of the folder in which it runs, and moves them from there, so
 * two that run in one folder at once take each other's files. It does not accept a link as its configuration.
 */
async function linkService(folder: string): Promise<void> {
  for (const name of await readdir(ROOT)) {
    if (name === '.serverless') continue;
    const [from, to] = [join(ROOT, name), join(folder, name)];
    await (name === 'serverless.yml' ? copyFile(from, to) : symlink(from, to));
  }
}

/** Throws the error with osls' standard output, which says what is wrong. */
function withItsWords(failure: Error & { readonly stdout?: string }): never {
  throw new Error(failure.stdout || failure.message, { cause: failure });
}

/** Returns an environment with only the PATH: no credentials, no profile, and a home without either. */
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

/** Returns the template's resources of a type, by logical ID. */
export function resourcesOf(template: JsonObject, type: string): [string, JsonObject][] {
  return Object.entries(objectAt(template, 'Resources') ?? {}).filter((entry): entry is [string, JsonObject] => {
    const [, resource] = entry;
    return isJsonObject(resource) && resource.Type === type;
  });
}

export function propertiesOf(template: JsonObject, type: string): JsonObject[] {
  return resourcesOf(template, type).map(([, resource]) => objectAt(resource, 'Properties') ?? {});
}
