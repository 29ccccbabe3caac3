import { mapConcurrently } from '../../concurrency.ts';
import type { Notes } from '../../ports/notes.ts';
import { told } from '../notes/notes.ts';
import type { SessionRow } from './sessions-query.ts';

/** Of one claim: who looked at a session so often looked at it. */
const MOST_OF_CLAIM = 50;

/** Each row with the newest notes about its claim. */
export async function withNotes(rows: readonly SessionRow[], notes: Notes): Promise<readonly SessionRow[]> {
  return mapConcurrently(rows, async (row) => {
    const found = await notes.about(`claim:${row.id}`, { limit: MOST_OF_CLAIM, position: undefined });
    return { ...row, notes: found.notes.map(told) };
  });
}
