// osls loads CommonJS; Node.js 24 loads the TypeScript behind it.
const { buildPage } = require('../console/build.ts');

/** Puts the built page into the bundle that imports it as `eks-whois:console`. */
module.exports = [
  {
    name: 'console',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^eks-whois:console$/ }, ({ path }) => ({ path, namespace: 'console' }));
      onLoad({ filter: /.*/, namespace: 'console' }, async () => ({
        contents: `export const PAGE = ${JSON.stringify(await buildPage())};`,
        loader: 'js',
      }));
    },
  },
];
