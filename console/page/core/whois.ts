import type { AnythingBody } from './answers.ts';
import type { ApiProblem } from './api.ts';
import { type Asking, useAsked } from './asked.ts';
import { QUICK } from './pages.ts';

/** What is known of a text, and whether it is still looked for in what the first answer left out. */
export interface AskingWhois extends Asking<AnythingBody> {
  readonly isLookingOn: boolean;
  /** Why the rest was not looked through; the first answer stands. */
  readonly restProblem: ApiProblem | undefined;
  /** Looks through the rest again. */
  lookOn(): void;
}

/** Asks for a quick answer, and for the full one where that did not look through everything. Without a text it waits. */
export function useWhois(q: string | undefined): AskingWhois {
  const asked = q === undefined || q === '' ? undefined : ([['q', q]] as const);
  const quick = useAsked<AnythingBody>('/whois', asked && [...asked, ...QUICK]);
  const full = useAsked<AnythingBody>('/whois', isCut(quick) ? asked : undefined);
  const isAnswered = full.answer !== undefined || isNotFound(full.problem);
  return {
    ...(isAnswered ? full : quick),
    isLookingOn: full.isBusy,
    restProblem: isAnswered ? undefined : full.problem,
    lookOn: full.again,
  };
}

function isNotFound(problem: ApiProblem | undefined): boolean {
  return problem?.status === 404;
}

/** Whether the service says that it did not look through everything, whatever it found. */
function isCut({ answer, problem }: Asking<AnythingBody>): boolean {
  const bodies = answer === undefined ? [problem?.body] : 'answers' in answer ? answer.answers : [answer];
  return bodies.some((body) => typeof body === 'object' && body !== null && Reflect.get(body, 'complete') === false);
}
