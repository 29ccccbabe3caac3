import { useRef } from 'preact/hooks';
import { go, place } from '../core/place.ts';

/** Anything that somebody holds: pasted, typed or dropped; Enter asks who it is. */
export function Search({ large = false }: { readonly large?: boolean }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const submit = () => {
    const text = field.current?.value.trim() ?? '';
    if (text !== '') go('who', { q: text });
  };
  return (
    <search class={large ? 'search large' : 'search'}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <label class="unseen" for="q">
          An audit event, a finding, a key, a role, a name: anything
        </label>
        <textarea
          id="q"
          ref={field}
          rows={large ? 3 : 1}
          spellcheck={false}
          autocomplete="off"
          placeholder="Paste an audit event, a finding, a key, an ARN, a name…"
          defaultValue={place.value.view === 'who' ? (place.value.params.get('q') ?? '') : ''}
          key={place.value.params.get('q') ?? ''}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey) return;
            event.preventDefault();
            submit();
          }}
        />
        <button type="submit">Who?</button>
      </form>
    </search>
  );
}
