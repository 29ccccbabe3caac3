import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a measured process with `--import`. On exit it writes the resource usage of the process to a file of its
 * own; child processes do the same. `resourceUsage` includes worker threads, so these write nothing.
 */
const folder = process.env.BENCH_USAGE_FOLDER;
if (folder && isMainThread) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify({ userCPUTime, systemCPUTime, maxRSS }));
  });
}
