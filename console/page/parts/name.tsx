import { type Asked, href } from '../core/place.ts';
import { Text } from './text.tsx';

/** Kinds of things that have a page of their own. */
export type EntityKind = 'actor' | 'session' | 'role' | 'cluster' | 'namespace';

interface NameProps {
  readonly kind: EntityKind;
  readonly of: string;
  /** What else says which one it is: the cluster of a namespace. */
  readonly within?: Asked;
  /** Within rows that the arrow keys move through: it is reached in the opened row. */
  readonly isPassedOver?: boolean;
}

/** The name of somebody or something, which leads to its page. */
export function Name({ kind, of, within = {}, isPassedOver = false }: NameProps) {
  return (
    <a class={`name name-${kind}`} href={href(kind, { of, ...within })} tabIndex={isPassedOver ? -1 : undefined}>
      <Text of={of} />
    </a>
  );
}
