// What serverless.yml includes. osls loads CommonJS; Node.js 24 loads the TypeScript behind it.
const { readStack } = require('./stack.ts');

// osls asks once for each place that includes it, and tells each failure: of one fault the words stand once.
const told = new Set();

module.exports = async (sources) => {
  try {
    return await readStack(sources);
  } catch (error) {
    if (told.has(error.message)) error.message = 'the same, as told above';
    told.add(error.message);
    throw error;
  }
};
