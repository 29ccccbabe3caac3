import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { OutputsDiffer } from './result.ts';

/**
 * Compares the answers of two programs to each event, with their evidence. Returns their number. A fast run that does
 * less is no fast run.
 */
export async function sameAnswers(ours: string, theirs: string): Promise<number> {
  const [mine, others] = [await answersIn(ours), await answersIn(theirs)];
  const differing = [...others].filter(([auditId, answer]) => mine.get(auditId) !== answer);
  if (mine.size === others.size && differing.length === 0) return mine.size;
  const [auditId = '', answer] = differing[0] ?? [];
  throw new OutputsDiffer(
    `${mine.size} and ${others.size} records, ${differing.length} other answers, such as ${mine.get(auditId)} and ` +
      `${answer} to ${auditId}`,
  );
}

/** Returns the answer to each event by its id: `attributed arn:aws:iam::…:user/… <evidence>`. */
async function answersIn(file: string): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { auditId, attribution } = JSON.parse(line) as AnsweredRecord;
    const { status, actor, chain } = attribution;
    const hops = (chain ?? []).map(({ eventIds, expiresAt }) => `${eventIds.join(' ')} until ${expiresAt}`);
    answers.set(auditId, [status, actor?.arn, ...hops].join(', '));
  }
  return answers;
}

interface AnsweredRecord {
  readonly auditId: string;
  readonly attribution: {
    readonly status: string;
    readonly actor?: { readonly arn?: string } | null;
    readonly chain?: readonly { readonly eventIds: readonly string[]; readonly expiresAt: string }[] | null;
  };
}
