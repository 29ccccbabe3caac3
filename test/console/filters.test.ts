import { describe, expect, it } from 'vitest';
import {
  filtersOf,
  leavesOutSystem,
  stateOf,
  systemSwitch,
  withFilterState,
  withoutFilters,
} from '../../console/page/core/filters.ts';
import { FIELDS_WITH_SYSTEM, negatedName } from '../../lib/usecases/query/question.ts';

const params = new URLSearchParams('verb=get&verb=list&notNamespace=kube-system&last=1h&by=verb');

function changed(params: URLSearchParams, changes: ReturnType<typeof systemSwitch>): URLSearchParams {
  const after = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) value === null ? after.delete(name) : after.set(name, value);
  return after;
}

describe('the filters of an address', () => {
  it('are the parameters of the API and their negations', () => {
    expect(filtersOf(params)).toEqual([
      { field: 'verb', value: 'get', isNegated: false },
      { field: 'verb', value: 'list', isNegated: false },
      { field: 'namespace', value: 'kube-system', isNegated: true },
    ]);
    expect(stateOf(filtersOf(params), 'namespace', 'kube-system')).toBe('not');
    expect(stateOf(filtersOf(params), 'verb', 'delete')).toBeUndefined();
  });

  it('are added, negated and removed one by one', () => {
    expect(withFilterState(params, { field: 'verb', value: 'delete' }, 'only')).toEqual({
      verb: ['get', 'list', 'delete'],
      notVerb: [],
    });
    expect(withFilterState(params, { field: 'verb', value: 'get' }, 'not')).toEqual({
      verb: ['list'],
      notVerb: ['get'],
    });
    expect(withFilterState(params, { field: 'verb', value: 'get' }, undefined)).toEqual({
      verb: ['list'],
      notVerb: [],
    });
    expect(withoutFilters(params)).toEqual({ verb: null, notNamespace: null });
  });

  it('hide system requests unless a filter names them', () => {
    expect(leavesOutSystem(params)).toBe(true);
    expect(leavesOutSystem(new URLSearchParams('status=system'))).toBe(false);
    expect(leavesOutSystem(new URLSearchParams('system=shown'))).toBe(false);
  });

  it.each(FIELDS_WITH_SYSTEM)(
    'show system and anonymous requests with a %s filter, until the switch hides them',
    (name) => {
      const named = new URLSearchParams({ [name]: 'system:anonymous', last: '1h' });
      expect(leavesOutSystem(named)).toBe(false);
      expect(leavesOutSystem(changed(named, systemSwitch(named)))).toBe(true);
      expect(leavesOutSystem(new URLSearchParams({ [negatedName(name)]: 'system:anonymous' }))).toBe(true);
    },
  );

  it.each(['', 'username=system:anonymous', 'flag=impersonation'])(
    'have a switch that works both ways: %s',
    (query) => {
      const before = new URLSearchParams(query);
      const once = changed(before, systemSwitch(before));
      expect(leavesOutSystem(once)).toBe(!leavesOutSystem(before));
      expect(leavesOutSystem(changed(once, systemSwitch(once)))).toBe(leavesOutSystem(before));
    },
  );
});
