import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inflatePayload } from '../../lib/adapters/files/inflate.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { callerOfQuestion } from '../../lib/usecases/query/whois-question.ts';
import { REPOSITORY } from '../builders/command.ts';

const DATA = join(REPOSITORY, '../shared/data');
const isThere = existsSync(DATA);
if (!isThere) console.warn(`The tests on real records are skipped: ${DATA} does not exist.`);

/** Returns what each line of a folder's files is recognized as, if pasted alone. What it names can be looked up. */
function takenFor(folder: string): ReadonlySet<string | undefined> {
  const files = isThere ? globSync(`${folder}/*.jsonl`, { cwd: DATA }) : [];
  const lines = files.flatMap((file) => readFileSync(join(DATA, file), 'utf8').split('\n').filter(Boolean));
  expect(lines.length).toBeGreaterThan(0);
  return new Set(
    lines.map((line) => {
      const recognition = recognize(line, inflatePayload);
      for (const subject of recognition.outcome === 'subjects' ? recognition.subjects : [])
        if (subject.by === 'caller') callerOfQuestion(subject.question);
      return recognition.as;
    }),
  );
}

describe.skipIf(!isThere)('the real records of ../shared/data, each pasted by itself', () => {
  it('are audit events', () => {
    expect([...takenFor('eks-audit')]).toEqual(['an audit event']);
  });

  it('are CloudTrail records', () => {
    expect([...takenFor('cloudtrail')]).toEqual(['a CloudTrail record']);
  });

  it('are CloudTrail records in answers of LookupEvents', () => {
    expect([...takenFor('lookup-events')]).toEqual(['a CloudTrail record']);
  });
});
