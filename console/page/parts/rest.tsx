/** How many more there are than a list shows; nothing where it shows all. */
export function Rest({ count }: { readonly count: number }) {
  if (count <= 0) return null;
  return (
    <p class="aside">
      {count} more {count === 1 ? 'is' : 'are'} not shown.
    </p>
  );
}
