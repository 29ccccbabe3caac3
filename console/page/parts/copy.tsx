import { useSignal } from '@preact/signals';
import { writtenText } from '../core/visible.ts';
import { Text } from './text.tsx';

/** A text that is copied by a click: an id for the next step. Where the clipboard is refused, it is selected instead. */
export function Copy({ of, label = of }: { readonly of: string; readonly label?: string }) {
  const state = useSignal<'idle' | 'copied' | 'refused'>('idle');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(of);
      state.value = 'copied';
    } catch {
      state.value = 'refused';
    }
    setTimeout(() => {
      state.value = 'idle';
    }, 1_500);
  };
  const said = { idle: '', copied: 'copied', refused: 'select and copy it' }[state.value];
  return (
    <button type="button" class="copy" title={writtenText(`Copy ${of}`)} onClick={() => void copy()}>
      <code>
        <Text of={label} />
      </code>
      <span class="copied" role="status">
        {said}
      </span>
    </button>
  );
}
