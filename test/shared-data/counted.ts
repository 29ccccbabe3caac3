import { attributeFiles, Folder } from '../builders/command.ts';
import { expectCalm } from '../files/good.ts';

/** The counts of one file, without anything of its records. */
export interface Counts {
  readonly records: number;
  readonly status: Readonly<Record<string, number>>;
  readonly reason: Readonly<Record<string, number>>;
  readonly caller: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  readonly ignored: Readonly<Record<string, number>>;
}

/** Runs `attribute` over these files and counts. */
export async function countsOf(audit: readonly string[], cloudtrail: readonly string[]): Promise<Counts> {
  using folder = new Folder();
  const empty = folder.file('nothing.json', '');
  const ran = await attributeFiles(folder, {
    audit: audit.length > 0 ? audit : [empty],
    cloudtrail: cloudtrail.length > 0 ? cloudtrail : [empty],
  });
  expectCalm(ran);
  const { records, rejects, errors } = ran;
  return {
    records: records.length,
    status: tallied(records.map(({ attribution }) => attribution.status)),
    reason: tallied(records.flatMap(({ attribution }) => attribution.reason ?? [])),
    caller: tallied(records.map(({ caller }) => caller.kind)),
    rejected: tallied(rejects.map(({ reason }) => reason)),
    ignored: ignoredIn(errors),
  };
}

function tallied(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words.toSorted()) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** The end of the summary on standard error. */
function ignoredIn(errors: string): Record<string, number> {
  const [, section = ''] = /\bignored: (.*)$/m.exec(errors) ?? [];
  const rows = [...section.matchAll(/(\d[\d,]*) ([^,]+)/g)];
  return Object.fromEntries(rows.map(([, count = '', what = '']) => [what, Number(count.replaceAll(',', ''))]));
}
