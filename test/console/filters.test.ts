import { describe, expect, it } from 'vitest';
import { asking, filtersOf, leavesOutSystem, stateOf, withoutFilters } from '../../console/page/core/filters.ts';

const params = new URLSearchParams('verb=get&verb=list&notNamespace=kube-system&last=1h&by=verb');

describe('the filters of an address', () => {
  it('are the parameters of the API, each with its negation', () => {
    expect(filtersOf(params)).toEqual([
      { field: 'verb', value: 'get', isNegated: false },
      { field: 'verb', value: 'list', isNegated: false },
      { field: 'namespace', value: 'kube-system', isNegated: true },
    ]);
    expect(stateOf(filtersOf(params), 'namespace', 'kube-system')).toBe('not');
    expect(stateOf(filtersOf(params), 'verb', 'delete')).toBeUndefined();
  });

  it('are added, negated and taken away one by one', () => {
    expect(asking(params, { field: 'verb', value: 'delete' }, 'only')).toEqual({
      verb: ['get', 'list', 'delete'],
      notVerb: [],
    });
    expect(asking(params, { field: 'verb', value: 'get' }, 'not')).toEqual({ verb: ['list'], notVerb: ['get'] });
    expect(asking(params, { field: 'verb', value: 'get' }, undefined)).toEqual({ verb: ['list'], notVerb: [] });
    expect(withoutFilters(params)).toEqual({ verb: null, notNamespace: null });
  });

  it('leave out what the cluster itself does, unless somebody asks for it', () => {
    expect(leavesOutSystem(params)).toBe(true);
    expect(leavesOutSystem(new URLSearchParams('status=system'))).toBe(false);
    expect(leavesOutSystem(new URLSearchParams('system=shown'))).toBe(false);
  });
});
