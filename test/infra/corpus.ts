import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileSource } from '../../lib/adapters/files/file-source.ts';
import type { JsonObject } from '../../lib/json.ts';

const ROOT = join(import.meta.dirname, '../..');
const SHARED = join(ROOT, '../shared/data');

/** The files with real and invented records. The real ones are other projects' data, and not in this repository. */
export const CORPORA = [
  {
    name: 'the examples',
    audit: [join(ROOT, 'examples/audit')],
    trail: [join(ROOT, 'examples/cloudtrail')],
    skip: false,
  },
  {
    name: 'real records (skipped where ../shared/data does not exist)',
    audit: [join(SHARED, 'eks-audit'), join(SHARED, 'cwl')],
    trail: [join(SHARED, 'cloudtrail'), join(SHARED, 'lookup-events')],
    skip: !existsSync(SHARED),
  },
];

/** Returns every audit event and CloudTrail record of the files, whatever envelopes they are in. */
export async function recordsIn(paths: readonly string[]): Promise<{ audit: JsonObject[]; trail: JsonObject[] }> {
  const audit: JsonObject[] = [];
  const trail: JsonObject[] = [];
  await fileSource(paths).read(
    { audit: (event) => audit.push(event), trail: (record) => trail.push(record), ignored() {}, reject() {} },
    () => undefined,
  );
  return { audit, trail };
}
