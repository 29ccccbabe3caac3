import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

/** In an ES module's text it stands above what is bundled (`banner`), and is what makes `require`. */
const MAKES_REQUIRE = 'node:module';
const BUILTINS: ReadonlySet<string> = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

/**
 * Has a bundle load Node.js's own modules by `require`. Where an ES module imports one, Node.js reads everything that it exports, and
 * so loads what is there for whoever asks for it: undici behind `node:http`, WebCrypto behind `node:crypto`, streams behind
 * `node:fs`. That is a tenth to a quarter of a cold start (docs/performance.md).
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
