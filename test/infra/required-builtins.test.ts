import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { requiredBuiltins } from '../../infra/required-builtins.ts';
import { BUNDLED } from '../../release/bundle.ts';

const SOURCE = `
import fs, { readFileSync } from 'node:fs';
import * as http from 'http';
const { Agent } = await import('node:http');
const modules = [typeof readFileSync, fs.readFileSync === readFileSync, http.Agent === Agent];
const isLoaded = process.moduleLoadList.some((name) => name.endsWith('undici/undici'));
console.log(JSON.stringify([...modules, isLoaded ? 'undici too' : 'nothing else']));`;

it('a bundle loads from Node.js’s own modules only what it needs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'eks-whois-builtins-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bundled = async (name: string, plugins: (typeof requiredBuiltins)[]) => {
    const { outputFiles } = await build({
      ...BUNDLED,
      stdin: { contents: SOURCE, resolveDir: BUNDLED.absWorkingDir },
      outfile: join(folder, `${name}.mjs`),
      write: false,
      plugins,
    });
    writeFileSync(join(folder, `${name}.mjs`), outputFiles[0]?.contents ?? '');
    return JSON.parse(execFileSync(process.execPath, [join(folder, `${name}.mjs`)], { encoding: 'utf8' })) as unknown;
  };
  expect(await bundled('as-it-is', [])).toEqual(['function', true, true, 'undici too']);
  expect(await bundled('required', [requiredBuiltins])).toEqual(['function', true, true, 'nothing else']);
});

it('osls bundles the functions as a release does', () => {
  const { custom } = parse(readFileSync(join(BUNDLED.absWorkingDir, 'serverless.yml'), 'utf8')) as {
    custom: { esbuild: object };
  };
  const { bundle, minify, keepNames, mainFields, platform, format } = BUNDLED;
  expect(custom.esbuild).toMatchObject({ bundle, minify, keepNames, mainFields, platform, format });
  expect(custom.esbuild).toMatchObject({ banner: BUNDLED.banner, plugins: 'infra/esbuild-plugins.cjs' });
});
