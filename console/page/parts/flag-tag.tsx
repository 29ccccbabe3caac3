import { FLAG_ROWS, type Flag } from '../../../lib/attribution/flags.ts';
import { flagWord } from '../../../lib/words/notable.ts';

/** The gravest that flags say of how somebody was found, in a word; all of them in the title. */
export function FlagTag({ of }: { readonly of: readonly Flag[] }) {
  const word = flagWord(of);
  if (word === undefined) return null;
  return (
    <span
      class={word === 'forged' ? 'tag tag-wrong' : 'tag tag-doubt'}
      title={of.map((flag) => FLAG_ROWS[flag].says).join(' ')}
    >
      {word}
    </span>
  );
}
