// The plugins of serverless-esbuild. osls loads CommonJS, and Node.js 24 loads the TypeScript modules from it.
const { buildPage } = require('../console/build.ts');
const { pagePlugin } = require('../console/page-plugin.ts');
const { requiredBuiltins } = require('./required-builtins.ts');

module.exports = [pagePlugin(buildPage), requiredBuiltins];
