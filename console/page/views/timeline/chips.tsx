import { useSignal } from '@preact/signals';
import { FIELD_NAMES, FIELDS, isField } from '../../../../lib/usecases/query/filter.ts';
import { asking, type Filter, filtersOf, withoutFilters } from '../../core/filters.ts';
import { change, place } from '../../core/place.ts';
import { writtenText } from '../../core/visible.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Text } from '../../parts/text.tsx';
import { shownValue } from './facet-list.tsx';

/** What is asked of the records, each with its end; and one more. */
export function Chips() {
  const isAdding = useSignal(false);
  const filters = filtersOf(place.value.params);
  return (
    <div class="chips">
      {filters.map((filter) => (
        <Chip key={`${filter.isNegated} ${filter.field} ${filter.value}`} of={filter} />
      ))}
      <button
        type="button"
        class="plain"
        onClick={() => {
          isAdding.value = true;
        }}
      >
        + Filter
      </button>
      {filters.length > 1 && (
        <button type="button" class="plain" onClick={() => change(withoutFilters(place.value.params))}>
          Clear all
        </button>
      )}
      {isAdding.value && (
        <AddFilter
          onClose={() => {
            isAdding.value = false;
          }}
        />
      )}
    </div>
  );
}

function Chip({ of: { field, value, isNegated } }: { readonly of: Filter }) {
  const said = `${field} ${isNegated ? 'is not' : 'is'} ${value}`;
  return (
    <span class={isNegated ? 'chip chip-not' : 'chip'}>
      <span>
        {field} {isNegated ? <span class="not">is not</span> : 'is'}{' '}
        <b>
          <Text of={shownValue(field, value)} />
        </b>
      </span>
      <button
        type="button"
        aria-label={writtenText(`No longer: ${said}`)}
        onClick={() => change(asking(place.value.params, { field, value }, undefined))}
      >
        <Icon of="close" />
      </button>
    </span>
  );
}

function AddFilter({ onClose }: { onClose(): void }) {
  const field = useSignal<string>('object');
  const submit = (form: HTMLFormElement) => {
    const data = new FormData(form);
    const value = String(data.get('value')).trim();
    if (value === '' || !isField(field.value)) return;
    const state = data.get('not') === null ? 'only' : 'not';
    change(asking(place.value.params, { field: field.value, value }, state));
    onClose();
  };
  const chosen = isField(field.value) ? FIELDS[field.value] : FIELDS.object;
  const words = 'words' in chosen ? chosen.words : [];
  return (
    <Dialog title="Only records with" onClose={onClose}>
      <form
        class="range-sheet"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        <div class="range-ends">
          <label>
            What
            <select
              value={field.value}
              onChange={(event) => {
                field.value = event.currentTarget.value;
              }}
            >
              {FIELD_NAMES.map((name) => (
                <option>{name}</option>
              ))}
            </select>
          </label>
          <label>
            Value
            <input name="value" required maxLength={2_048} autocomplete="off" spellcheck={false} list="filter-words" />
          </label>
        </div>
        <datalist id="filter-words">
          {words.map((word) => (
            <option value={word} />
          ))}
        </datalist>
        <p class="busy">{chosen.says}</p>
        <label class="check">
          <input type="checkbox" name="not" />
          All but these
        </label>
        <div>
          <button type="submit">Add</button>
        </div>
      </form>
    </Dialog>
  );
}
