import { iamPattern, isLike } from '../../doctor/wildcards.ts';
import type { FoundCluster } from '../../ports/cluster-logs.ts';

/** Which clusters are taken: those whose name is like one of the patterns (`*`, `?`), and those that bear the tag. */
export interface ClusterChoice {
  readonly patterns: readonly string[];
  readonly tag?: { readonly key: string; readonly value: string } | undefined;
}

export function isChosen(
  { name, tags }: Pick<FoundCluster, 'name' | 'tags'>,
  { patterns, tag }: ClusterChoice,
): boolean {
  if (tag !== undefined && Object.hasOwn(tags, tag.key) && tags[tag.key] === tag.value) return true;
  return isNamed(name, patterns);
}

/** By its name alone: of a cluster that may not be described, its tags are not known. */
export function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => isLike(name, iamPattern(pattern)));
}
