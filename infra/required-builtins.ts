import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

/** The module that creates `require`, in the lines above the bundle (`banner`). */
const MAKES_REQUIRE = 'node:module';
const BUILTINS: ReadonlySet<string> = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

/**
 * A plugin that makes a bundle load Node.js's own modules with `require`. If an ES module imports one, Node.js reads
 * all of its exports. It then also loads what is otherwise loaded on demand: undici for `node:http`, WebCrypto for
 * `node:crypto`, streams for `node:fs`. That takes a tenth to a quarter of a cold start (docs/performance.md).
 */
export const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind, namespace }) => {
      const isImported = kind === 'import-statement' || kind === 'dynamic-import';
      if (!isImported || namespace === 'builtin' || path === MAKES_REQUIRE || !BUILTINS.has(path)) return undefined;
      return { path, namespace: 'builtin' };
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};
