import { fileSource } from '../../lib/adapters/files/file-source.ts';
import { type CountedGroup, parseCountedGroup } from '../../lib/envelopes/counted-group.ts';
import { increment } from '../../lib/usecases/counting/run-counts.ts';
import { Folder } from './command.ts';

/** Reads a file with this content. Returns the events' IDs, the number of records, what was left out, and why something was set aside. */
export async function readText(content: string | Buffer, vouched: readonly string[] = []) {
  using folder = new Folder();
  const found = { audit: [] as unknown[], trail: 0, ignored: new Map<string, number>(), rejected: [] as string[] };
  const counted: readonly CountedGroup[] = vouched.map(parseCountedGroup);
  await fileSource([folder.file('content', content)], counted).read(
    {
      audit: ({ auditID }) => found.audit.push(auditID),
      trail: () => {
        found.trail += 1;
      },
      ignored: (what) => increment(found.ignored, what),
      reject: ({ place, reason }) => found.rejected.push(`${place} ${reason}`),
    },
    () => undefined,
  );
  return { ...found, ignored: Object.fromEntries(found.ignored) };
}
