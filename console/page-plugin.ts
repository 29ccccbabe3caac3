import type { Plugin } from 'esbuild';
import type { BuiltPage } from './page.ts';

/** Returns an esbuild plugin that provides the built page as the module `eks-whois:console`. */
export function pagePlugin(built: () => Promise<BuiltPage>): Plugin {
  return {
    name: 'console',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^eks-whois:console$/ }, ({ path }) => ({ path, namespace: 'console' }));
      onLoad({ filter: /.*/, namespace: 'console' }, async () => ({
        contents: `export const PAGE = ${JSON.stringify(await built())};`,
        loader: 'js',
      }));
    },
  };
}
