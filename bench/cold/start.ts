import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/**
 * Loads a bundle in this process and calls its handler once: `node bench/cold/start.ts BUNDLE EVENT RESULT`. The result
 * does not include Node.js' own start, which is the same for every bundle.
 */

const [bundle = '', event = '', result = ''] = process.argv.slice(2);
const input: unknown = JSON.parse(await readFile(event, 'utf8'));
const context = {
  awsRequestId: 'bench',
  functionName: 'bench',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:bench',
  getRemainingTimeInMillis: () => 30_000,
};

const before = process.cpuUsage();
const start = process.hrtime.bigint();
const { handler } = await import(bundle);
await handler(input, context);
const wallSeconds = Number(process.hrtime.bigint() - start) / 1e9;
const { user, system } = process.cpuUsage(before);

const cost = { wallSeconds, cpuSeconds: (user + system) / 1e6, peakMegabytes: process.resourceUsage().maxRSS / 1024 };
writeFileSync(result, JSON.stringify(cost));
process.exit(0);
