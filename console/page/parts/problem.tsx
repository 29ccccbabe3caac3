import type { ApiProblem } from '../core/api.ts';

/** Why there is no answer, in the service's own sentence. */
export function Problem({ of, again }: { readonly of: ApiProblem; readonly again?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>
        {(of.parameter ?? 'q') !== 'q' && <code>{of.parameter}</code>} {of.message}
      </p>
      {again !== undefined && of.status !== 400 && (
        <button type="button" onClick={again}>
          Ask again
        </button>
      )}
    </div>
  );
}
