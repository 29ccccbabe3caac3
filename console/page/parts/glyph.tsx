/** Signs of the kinds of things, drawn here: no font and no file is needed for them. */
const PATHS = {
  actor: 'M8 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM2.8 13.8c.5-3 2.4-4.500 5.200-4.500s4.700 1.500 5.200 4.500',
  program: 'M3 4.500h10v8H3ZM6 2.500v2M10 2.500v2M6 8h.01M10 8h.01M6 10.500h4',
  role: 'M8 1.800 3 3.700v4c0 3.200 2 5.300 5 6.500 3-1.200 5-3.300 5-6.500v-4Z',
  session: 'M5 5.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5ZM7.500 8h6.300M11.500 8v2.500',
  cluster: 'M8 1.600 13.500 4.800v6.400L8 14.400 2.500 11.200V4.800ZM8 8l5.400-3.100M8 8v6.300M8 8 2.600 4.900',
  namespace: 'M2.500 4V2.500H4M12 2.500h1.500V4M13.500 12v1.500H12M4 13.500H2.500V12M5 5h6v6H5Z',
  file: 'M4 1.800h5l3 3v9.400H4ZM9 1.800v3h3M6 8.500h4M6 11h4',
  object: 'M8 1.800 13.500 5v6L8 14.200 2.500 11V5ZM2.700 5.100 8 8.200l5.300-3.100M8 8.200v5.800',
  unknown: 'M5.500 6A2.500 2.500 0 1 1 8 8.500v1.700M8 12.800v.01',
} as const;

export type GlyphName = keyof typeof PATHS;

/** A sign beside words, which say the same. */
export function Glyph({ of }: { readonly of: GlyphName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[of]} />
    </svg>
  );
}
