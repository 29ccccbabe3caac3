import { writeFileSync } from 'node:fs';

/** Loaded into the command's own process (`--import`): writes down, in KiB, the most memory that it ever had. */
process.on('exit', () => {
  const file = process.env.PEAK_MEMORY_FILE;
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS));
});
