import type { RecordsQuestion } from '../../lib/usecases/query/question.ts';
import type { ServiceAccess } from '../access/service-access.ts';
import { CommandError } from '../failures/command-error.ts';
import { note } from '../failures/faults.ts';
import { candidateRequests, candidatesQuestion, candidateWords } from './candidates.ts';
import { recordsCommandText } from './command.ts';

interface Asked {
  readonly options: Parameters<typeof recordsCommandText>[1];
  readonly question: RecordsQuestion;
  readonly service: ServiceAccess;
}

/** Whoever asks for somebody's records is to know of those in which she is one of several. */
export async function tellOfCandidates({ options, question, service }: Asked): Promise<void> {
  const candidates = candidatesQuestion(question);
  if (candidates === undefined) return;
  const actor = question.filter.actor?.any?.join(' or ') ?? '';
  try {
    const found = await candidateRequests(candidates, service);
    for (const words of candidateWords(actor, found, recordsCommandText(candidates, options))) note(words);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    note(`Whether ${actor} is one of several who can be meant elsewhere could not be asked. ${error.message}`);
  }
}
