// What serverless.yml includes. osls loads CommonJS; Node.js 24 loads the TypeScript behind it.
const { readStack } = require('./stack.ts');

module.exports = (sources) => readStack(sources);
