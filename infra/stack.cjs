// The file that serverless.yml includes. osls loads CommonJS, and Node.js 24 loads the TypeScript modules from it.
const { readStack } = require('./stack.ts');

// osls calls this once for each place that includes it and prints each failure. So the text of one error is printed only once.
const printed = new Set();

module.exports = async (sources) => {
  try {
    return await readStack(sources);
  } catch (error) {
    if (printed.has(error.message)) error.message = 'the same error as above';
    printed.add(error.message);
    throw error;
  }
};
