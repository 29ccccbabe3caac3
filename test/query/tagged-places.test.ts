import { describe, expect, it } from 'vitest';
import { clusterKeyOf } from '../../lib/identity/cluster.ts';
import type { RecordsWhere } from '../../lib/ports/records.ts';
import { TaggedPlaces } from '../../lib/usecases/query/grouped-places.ts';

const namespaceOf = (namespace: string): RecordsWhere => ({
  by: 'namespace',
  clusterKey: clusterKeyOf({ cluster: 'mallory' }),
  namespace,
});

/** FNV-1a of a text in ASCII, as `tagOf` goes on from a state. */
function hashed(text: string, state: number): number {
  let hash = state;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/**
 * Two texts of one length from which the hash goes on alike. Each is a number written twice: of numbers written once, which
 * differ in their last digits, fewer collide, and some forty times as many must be tried.
 */
function alike(state: number): { readonly texts: readonly [string, string]; readonly state: number } {
  const seen = new Map<number, string>();
  for (let number = 36 ** 3; ; number += 1) {
    const text = number.toString(36).repeat(2);
    const after = hashed(text, state);
    const other = seen.get(after);
    if (other !== undefined) return { texts: [other, text], state: after };
    seen.set(after, text);
  }
}

/** Namespaces, as many as two to the `blocks`, whose tags are one (Joux, "Multicollisions in Iterated Hash Functions", 2004). */
function ofOneTag(blocks: number): readonly string[] {
  const [before = ''] = JSON.stringify(Object.entries(namespaceOf('')).sort()).split('""]]');
  let state = hashed(`${before}"`, 0x811c9dc5);
  let names = [''];
  for (let block = 0; block < blocks; block += 1) {
    const { texts, state: after } = alike(state);
    names = names.flatMap((name) => texts.map((text) => name + text));
    state = after;
  }
  return names;
}

/** The namespaces of each group, one after the other; what is new comes between the first and the second. */
async function groupsOf(namespaces: readonly string[], later: readonly string[] = []) {
  const groups: string[][] = [];
  let [after, isLast, known] = ['', false, namespaces];
  while (!isLast && groups.length < 100) {
    const begun = await new TaggedPlaces(known.map(namespaceOf)).members(after, undefined);
    if (groups.length === 0) known = [...known, ...later];
    const again = await new TaggedPlaces(known.map(namespaceOf)).members(after, begun.until);
    expect(again.until).toBe(begun.until);
    groups.push(again.places.flatMap((place) => (place.by === 'namespace' ? place.namespace : [])));
    ({ until: after, isLast } = again);
  }
  return groups;
}

describe('places in groups', () => {
  const collided = ofOneTag(10);

  it('are never more in a group than are merged, whichever names were searched', async () => {
    const groups = await groupsOf(collided);
    expect(Math.max(...groups.map((group) => group.length))).toBeLessThanOrEqual(200);
    expect(groups.flat().toSorted()).toEqual(collided.toSorted());
  });

  it('stay in their groups if new ones with the same tag come between two pages', async () => {
    const honest = Array.from({ length: 500 }, (_, at) => `team-${at}`);
    const some = [...honest, ...collided.filter((_, at) => at % 2 === 0)];
    const before = await groupsOf(some);
    const after = await groupsOf(some, collided.filter((_, at) => at % 2 === 1).slice(0, 50));
    expect(new Set(after.flat()).size).toBe(after.flat().length);
    expect(before.flat().filter((name) => !after.flat().includes(name))).toEqual([]);
  });
});
