import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { inject } from 'postject';
import { productVersion } from '../../cli/own-files.ts';
import { bundlePage } from '../../console/build.ts';
import { ROOT } from '../bundle.ts';
import { buildPackage } from '../package.ts';
import type { Contents } from './contents.ts';

/**
 * `npm run release:executables`: writes the command line as one self-contained file for Linux, to `artifacts/` or the
 * named folder. Node.js comes from its npm packages, each checked against the digest below; nothing else is downloaded.
 * Source: Node.js, "Single executable applications" (nodejs.org/api/single-executable-applications.html).
 */

/** The digests of npm's packages of Node.js, as `npm view node-linux-<arch>@<version> dist.integrity` prints them. */
const NODES = {
  x64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  arm64: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
} as const;
type Arch = keyof typeof NODES;

/** The marker that tells Node.js to look for injected content (the page above). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const folder = resolve(process.argv[2] ?? join(ROOT, 'artifacts'));
const wanted = (process.argv.length > 3 ? process.argv.slice(3) : Object.keys(NODES)) as Arch[];
const work = await mkdtemp(join(tmpdir(), 'eks-whois-executables-'));
try {
  await mkdir(folder, { recursive: true });
  await buildPackage(await bundlePage());
  const blob = await blobIn(work);
  for (const arch of wanted) {
    const name = `eks-whois-${productVersion()}-linux-${arch}`;
    const { node, licence } = await nodeOf(arch, work);
    await writeFile(join(folder, name), node, { mode: 0o755 });
    await inject(join(folder, name), 'NODE_SEA_BLOB', blob, { sentinelFuse: FUSE });
    await writeFile(join(folder, `${name}.LICENSE.txt`), licence);
    const sum = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
    process.stdout.write(`${sum}  ${name}\n`);
  }
} finally {
  await rm(work, { recursive: true, force: true });
}

/**
 * Returns the content to inject: the start script, and the package's files as assets. The Node.js that runs this script
 * writes the content. It must have the same version as the Node.js that gets the content.
 */
async function blobIn(place: string): Promise<Buffer> {
  const names = await packagedFiles();
  const hash = createHash('sha256');
  for (const name of names) hash.update(`${name}\0`).update(await readFile(join(ROOT, name)));
  const contents: Contents = { digest: hash.digest('hex').slice(0, 32), names };
  await writeFile(join(place, 'contents.json'), JSON.stringify(contents));
  const start = join(place, 'start.cjs');
  await build({
    entryPoints: [join(ROOT, 'release/executable/start.ts')],
    outfile: start,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    logLevel: 'warning',
  });
  const assets = Object.fromEntries(names.map((name) => [name, join(ROOT, name)]));
  const settings = {
    main: 'start.cjs', // The blob contains this path, so it must not be one of this machine.
    output: 'blob',
    disableExperimentalSEAWarning: true,
    useCodeCache: false, // A cache would work only on this machine's processor.
    assets: { contents: join(place, 'contents.json'), ...assets },
  };
  await writeFile(join(place, 'sea.json'), JSON.stringify(settings));
  execFileSync(process.execPath, ['--experimental-sea-config', 'sea.json'], {
    cwd: place,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return readFile(join(place, 'blob'));
}

/** Returns the files of `npm pack`, except the start script. */
async function packagedFiles(): Promise<string[]> {
  const { files } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { files: readonly string[] };
  const all = await Promise.all(
    ['package.json', 'LICENSE', ...files]
      .filter((name) => name !== 'bin')
      .map(async (name) => {
        if ((await stat(join(ROOT, name))).isFile()) return [name];
        const inside = await readdir(join(ROOT, name), { recursive: true, withFileTypes: true });
        return inside
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
      }),
  );
  return all.flat().sort();
}

/**
 * Downloads npm's package of Node.js.
 * @throws Error if the package does not have the expected digest.
 */
async function nodeOf(arch: Arch, place: string): Promise<{ readonly node: Buffer; readonly licence: Buffer }> {
  const version = process.versions.node;
  const packed = execFileSync('npm', ['pack', '--silent', `node-linux-${arch}@${version}`], {
    cwd: place,
    encoding: 'utf8',
  }).trim();
  const integrity = `sha512-${createHash('sha512')
    .update(await readFile(join(place, packed)))
    .digest('base64')}`;
  if (integrity !== NODES[arch]) {
    throw new Error(`node-linux-${arch}@${version} does not have the digest in release/executable/executables.ts.`);
  }
  execFileSync('tar', ['-xzf', packed, `--one-top-level=${arch}`], { cwd: place });
  const file = (name: string) => readFile(join(place, arch, 'package', name));
  return { node: await file('bin/node'), licence: await file('LICENSE') };
}
