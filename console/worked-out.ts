import type { Plugin } from 'esbuild';
import * as monthly from '../lib/cost/monthly.ts';

/** Writes out the constants that are worked out when the page is built: of all prices and units it needs two numbers. */
export function workedOut(): Plugin {
  return {
    name: 'worked-out',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]lib[\\/]cost[\\/]monthly\.ts$/ }, () => ({
        contents: Object.entries(monthly)
          .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
          .join('\n'),
      }));
    },
  };
}
