// What serverless-esbuild adds to the bundles. osls loads CommonJS; Node.js 24 loads the TypeScript behind it.
const { buildPage } = require('../console/build.ts');
const { pagePlugin } = require('../console/page-plugin.ts');
const { requiredBuiltins } = require('./required-builtins.ts');

module.exports = [pagePlugin(buildPage), requiredBuiltins];
