import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a measured process with `--import`: on exit it leaves what the process used in a file of its own, for
 * processes that the measured one starts too. `resourceUsage` counts a process's worker threads, so they stay silent.
 */
const folder = process.env.BENCH_USAGE_FOLDER;
if (folder && isMainThread) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify({ userCPUTime, systemCPUTime, maxRSS }));
  });
}
