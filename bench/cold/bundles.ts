import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { unzipSync } from 'fflate';
import { bundlePage } from '../../console/build.ts';
import { BUNDLED } from '../../release/bundle.ts';
import { type FunctionZip, zipFunctions } from '../../release/functions.ts';

/** A function's bundle as in a release, and one for comparison that contains only its AWS clients. */
export interface Bundles {
  readonly name: string;
  readonly ours: string;
  readonly oursBytes: number;
  readonly bare: string;
  readonly bareBytes: number;
  /** The names of the clients, `@aws-sdk/client-…`, without their dependencies. */
  readonly clients: readonly string[];
}

/** The names that are used from each client. */
const USED: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-cloudtrail': ['CloudTrailClient', 'LookupEventsCommand'],
  '@aws-sdk/client-cloudwatch-logs': [
    'CloudWatchLogsClient',
    'DescribeSubscriptionFiltersCommand',
    'PutSubscriptionFilterCommand',
    'DeleteSubscriptionFilterCommand',
  ],
  '@aws-sdk/client-dynamodb': ['DynamoDBClient', 'GetItemCommand'],
  '@aws-sdk/client-eks': ['EKSClient', 'ListClustersCommand', 'DescribeClusterCommand'],
  '@aws-sdk/client-lambda': [], // loaded only when a worker is started
  '@aws-sdk/client-sns': ['SNSClient', 'PublishCommand'],
  '@aws-sdk/client-sqs': [], // loaded only when a message becomes a dead letter
  '@aws-sdk/client-sts': ['STSClient', 'AssumeRoleCommand', 'GetCallerIdentityCommand'],
};

/** Handlers that make as many requests as the event says, one after the other, by client. */
const ANSWERS: Readonly<Record<string, string>> = {
  '@aws-sdk/client-dynamodb': `
    const client = new DynamoDBClient({});
    const Key = { partition: { S: 'bench' }, sort: { S: 'bench' } };
    export const handler = async ({ requests, table: TableName }) => {
      for (let made = 0; made < requests; made += 1) await client.send(new GetItemCommand({ TableName, Key }));
    };`,
  '@aws-sdk/client-eks': `
    const client = new EKSClient({});
    export const handler = async ({ requests }) => {
      for (let made = 0; made < requests; made += 1) await client.send(new ListClustersCommand({}));
    };`,
  '@aws-sdk/client-cloudtrail': `
    const client = new CloudTrailClient({});
    export const handler = async ({ requests }) => {
      for (let made = 0; made < requests; made += 1) await client.send(new LookupEventsCommand({}));
    };`,
};

const NOTHING = 'export const handler = async () => undefined;';

export async function buildBundles(folder: string): Promise<readonly Bundles[]> {
  const { zips, metafiles } = await zipFunctions(await bundlePage());
  const [ofFunctions] = metafiles;
  return Promise.all(zips.map((zip) => bundlesOf(zip, clientsIn(zip.name, ofFunctions), folder)));
}

function clientsIn(name: string, metafile: Metafile | undefined): readonly string[] {
  const [, output] = Object.entries(metafile?.outputs ?? {}).find(([path]) => path.endsWith(`/${name}.mjs`)) ?? [];
  const inputs = Object.keys(output?.inputs ?? {});
  const named = inputs.flatMap((path) => /(?:^|\/)node_modules\/(@aws-sdk\/client-[\w-]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(named)].toSorted();
}

async function bundlesOf({ name, bytes }: FunctionZip, clients: readonly string[], folder: string): Promise<Bundles> {
  const contents = unzipSync(bytes)[`functions/${name}.mjs`] ?? new Uint8Array();
  const [ours, bare] = [join(folder, 'ours', `${name}.mjs`), join(folder, 'bare', `${name}.mjs`)];
  mkdirSync(dirname(ours), { recursive: true });
  writeFileSync(ours, contents);
  const { outputFiles } = await build({
    ...BUNDLED,
    stdin: { contents: bareSource(clients), resolveDir: BUNDLED.absWorkingDir },
    outfile: bare,
    target: 'node24',
    write: false,
  });
  const [built] = outputFiles;
  mkdirSync(dirname(bare), { recursive: true });
  writeFileSync(bare, built?.contents ?? '');
  return { name, ours, oursBytes: contents.length, bare, bareBytes: built?.contents.length ?? 0, clients };
}

/** Returns source that exports the clients, so that the bundler keeps them. */
function bareSource(clients: readonly string[]): string {
  const used = clients.filter((client) => usedOf(client).length > 0);
  const imports = used.map((client) => `import { ${usedOf(client).join(', ')} } from '${client}';`);
  const kept = `export const kept = [${clients.flatMap(usedOf).join(', ')}];`;
  const answer = Object.entries(ANSWERS).find(([client]) => clients.includes(client))?.[1];
  return [...imports, kept, answer ?? NOTHING].join('\n');
}

function usedOf(client: string): readonly string[] {
  const used = USED[client];
  if (used === undefined) throw new Error(`bench/cold/bundles.ts has to say what is used of ${client}`);
  return used;
}
