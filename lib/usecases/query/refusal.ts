import { RequestBudgetError } from '../../ports/budget.ts';
import { QuestionError } from './question.ts';

/** Why a question is not answered as it was put. */
export type Refusal = QuestionError | RequestBudgetError;

/** Returns the refusal that an error is, or that it was caused by, as where a service is asked from afar; undefined of any other error. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (isRefusal(error)) return error;
  return error instanceof Error && isRefusal(error.cause) ? error.cause : undefined;
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof QuestionError || error instanceof RequestBudgetError;
}
