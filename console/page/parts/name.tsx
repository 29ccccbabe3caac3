import type { EntityKind } from '../core/entity-kind.ts';
import { type Asked, href } from '../core/place.ts';
import { Text } from './text.tsx';

interface NameProps {
  readonly kind: EntityKind;
  readonly of: string;
  /** What else says which one it is: the cluster of a namespace. */
  readonly within?: Asked;
  /** How it is called, where it is asked for by something else. */
  readonly shown?: string;
  /** Within rows that the arrow keys move through: it is reached in the opened row. */
  readonly isPassedOver?: boolean;
}

/** The name of somebody or something, which leads to its page. */
export function Name({ kind, of, within = {}, shown = of, isPassedOver = false }: NameProps) {
  return (
    <a class={`name name-${kind}`} href={href(kind, { of, ...within })} tabIndex={isPassedOver ? -1 : undefined}>
      <Text of={shown} />
    </a>
  );
}
