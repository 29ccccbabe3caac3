import type { Status } from '../../../lib/attribution/attribution.ts';

const WORDS: Readonly<Record<Status, string>> = {
  attributed: 'attributed',
  partial: 'partly',
  ambiguous: 'ambiguous',
  unattributed: 'nobody',
  pending: 'pending',
  system: 'system',
};

/** The status of an answer: by a word and a shape, not by colour alone. */
export function StatusBadge({ of, provisional = false }: { readonly of: Status; readonly provisional?: boolean }) {
  return (
    <span class={`status status-${of}`} title={provisional ? `${of}, and may still change` : of}>
      {WORDS[of]}
      {provisional && <span class="unseen">, may still change</span>}
      {provisional && <span aria-hidden="true">…</span>}
    </span>
  );
}
