import { useSignal } from '@preact/signals';
import { NO_NAMESPACE } from '../../../../lib/attribution/place.ts';
import { FACETS, type Facet, type FacetCounts } from '../../core/facets.ts';
import { asking, filtersOf, stateOf } from '../../core/filters.ts';
import { change, place } from '../../core/place.ts';
import { writtenText } from '../../core/visible.ts';
import { Text } from '../../parts/text.tsx';

interface FacetListProps {
  readonly counts: FacetCounts;
  /** Of what the counts are: `140 requests`, `500 requests loaded`. */
  readonly basis: string;
  /** Goes past all of them. */
  onSkip(): void;
}

/** What there is in the rows, and how often: a click asks for it alone, the next one for all but it. */
export function FacetList({ counts, basis, onSkip }: FacetListProps) {
  return (
    <aside class="facets" aria-label="Filters">
      <button type="button" class="skip" onClick={onSkip}>
        To the rows
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
  const isWhole = useSignal(false);
  const filters = filtersOf(place.value.params).filter((each) => each.field === field);
  const absent = filters.filter(({ value }) => !counted.some(([each]) => each === value));
  const values = [...absent.map(({ value }) => [value, 0] as const), ...counted];
  if (values.length === 0) return null;
  const shown = isWhole.value ? values.slice(0, 200) : values.slice(0, FEW);
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
          aria-expanded={isWhole.value}
          onClick={() => {
            isWhole.value = !isWhole.value;
          }}
        >
          {isWhole.value ? 'fewer' : `${values.length - FEW} more`}
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
  const ask = (next: 'only' | 'not' | undefined) => change(asking(place.value.params, { field, value }, next));
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
        aria-label={writtenText(`not ${value}`)}
        title="All but this"
        onClick={() => ask(state === 'not' ? undefined : 'not')}
      >
        ≠
      </button>
    </li>
  );
}

const HINTS = {
  none: 'Only this; Alt: all but this',
  only: 'Click again: all but this',
  not: 'Click again: whatever it is',
} as const;

export function shownValue(field: string, value: string): string {
  return field === 'namespace' && value === NO_NAMESPACE ? 'in no namespace' : value;
}
