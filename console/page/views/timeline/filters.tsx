import { useSignal } from '@preact/signals';
import { NO_NAMESPACE } from '../../../../lib/attribution/place.ts';
import { FIELD_NAMES, FIELDS, isField } from '../../../../lib/usecases/query/filter.ts';
import { shownCluster } from '../../core/clusters.ts';
import { FACETS, type Facet, type FacetCounts } from '../../core/facets.ts';
import { type Filter, filtersOf, stateOf, withFilterState, withoutFilters } from '../../core/filters.ts';
import { titleOfActor } from '../../core/people.ts';
import { change, place } from '../../core/place.ts';
import { writtenText } from '../../core/visible.ts';
import { Dialog, DialogForm } from '../../parts/blocks.tsx';
import { Icon } from '../../parts/signs.tsx';
import { Text } from '../../parts/text.tsx';

/** The current filters, each with a button that removes it, and a button that adds one. */
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
        Add filter
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
  const label = `${field} ${isNegated ? 'is not' : 'is'} ${shownValue(field, value)}`;
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
        aria-label={writtenText(`Remove filter: ${label}`)}
        onClick={() => change(withFilterState(place.value.params, { field, value }, undefined))}
      >
        <Icon of="close" />
      </button>
    </span>
  );
}

function AddFilter({ onClose }: { onClose(): void }) {
  const field = useSignal<string>('object');
  const submit = (data: FormData) => {
    const value = String(data.get('value')).trim();
    if (value === '' || !isField(field.value)) return;
    const state = data.get('not') === null ? 'only' : 'not';
    change(withFilterState(place.value.params, { field: field.value, value }, state));
    onClose();
  };
  const chosen = isField(field.value) ? FIELDS[field.value] : FIELDS.object;
  const words = 'words' in chosen ? chosen.words : [];
  return (
    <Dialog title="Add filter" onClose={onClose}>
      <DialogForm submitLabel="Apply" onSubmit={submit}>
        <div class="range-ends">
          <label>
            Field
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
        <p class="busy">{sentenceCase(chosen.says)}</p>
        <label class="check">
          <input type="checkbox" name="not" />
          Exclude this value
        </label>
      </DialogForm>
    </Dialog>
  );
}

/** Returns the text with a capital letter. The help of the command line begins with a small one. */
function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface FacetListProps {
  readonly counts: FacetCounts;
  /** The scope of the counts: `140 requests`, `500 requests loaded`. */
  readonly basis: string;
  /** Moves the focus past the list. */
  onSkip(): void;
}

/**
 * The values in the rows and their counts. A click shows only that value, the next click excludes it, a third removes
 * the filter.
 */
export function FacetList({ counts, basis, onSkip }: FacetListProps) {
  return (
    <aside class="facets" aria-label="Filters">
      <button type="button" class="skip" onClick={onSkip}>
        Skip to rows
      </button>
      <p class="busy">{basis}</p>
      {FACETS.map((facet) => (
        <FacetValues facet={facet} counted={counts.of(facet.field)} />
      ))}
    </aside>
  );
}

const FEW = 6;

interface FacetValuesProps {
  readonly facet: Facet;
  readonly counted: ReturnType<FacetCounts['of']>;
}

function FacetValues({ facet: { field, title }, counted }: FacetValuesProps) {
  const isExpanded = useSignal(false);
  const filters = filtersOf(place.value.params).filter((each) => each.field === field);
  const absent = filters.filter(({ value }) => !counted.some(([each]) => each === value));
  const values = [...absent.map(({ value }) => [value, 0] as const), ...counted];
  if (values.length === 0) return null;
  const shown = isExpanded.value ? values.slice(0, 200) : values.slice(0, FEW);
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {shown.map(([value, count]) => (
          <FacetValue key={value} field={field} value={value} count={count} state={stateOf(filters, field, value)} />
        ))}
      </ul>
      {values.length > FEW && (
        <button
          type="button"
          class="plain"
          aria-expanded={isExpanded.value}
          onClick={() => {
            isExpanded.value = !isExpanded.value;
          }}
        >
          {isExpanded.value ? 'Show fewer' : `Show ${values.length - FEW} more`}
        </button>
      )}
    </section>
  );
}

interface FacetValueProps {
  readonly field: Facet['field'];
  readonly value: string;
  readonly count: number;
  readonly state: 'only' | 'not' | undefined;
}

const NEXT = { none: 'only', only: 'not', not: undefined } as const;

function FacetValue({ field, value, count, state }: FacetValueProps) {
  const ask = (next: 'only' | 'not' | undefined) => change(withFilterState(place.value.params, { field, value }, next));
  return (
    <li class={`facet ${state === undefined ? '' : `facet-${state}`}`}>
      <button
        type="button"
        class="facet-value"
        aria-pressed={state === 'only'}
        title={HINTS[state ?? 'none']}
        onClick={({ altKey }) => ask(altKey ? 'not' : NEXT[state ?? 'none'])}
      >
        {state === 'not' && <span class="not">not</span>}
        <span class="facet-name">
          <Text of={shownValue(field, value)} />
        </span>
        <span class="facet-count">{count === 0 ? '' : count.toLocaleString()}</span>
      </button>
      <button
        type="button"
        class="facet-turn"
        aria-pressed={state === 'not'}
        aria-label={writtenText(`Exclude ${shownValue(field, value)}`)}
        title="Exclude"
        onClick={() => ask(state === 'not' ? undefined : 'not')}
      >
        ≠
      </button>
    </li>
  );
}

const HINTS = {
  none: 'Show only this value. Alt+click: exclude it',
  only: 'Click again to exclude this value',
  not: 'Click again to remove this filter',
} as const;

function shownValue(field: string, value: string): string {
  if (field === 'cluster') return shownCluster(value);
  if (field === 'actor' || field === 'candidate') return titleOfActor(value);
  return field === 'namespace' && value === NO_NAMESPACE ? 'Cluster-wide' : value;
}
