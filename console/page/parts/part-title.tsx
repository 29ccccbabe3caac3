import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** How deep the title of a card's parts stands: below the card's own. */
export const PartLevel = createContext<2 | 3>(3);

export function PartTitle({ children }: { readonly children: ComponentChildren }) {
  const Title = `h${useContext(PartLevel)}` as const;
  return <Title class="part-title">{children}</Title>;
}
