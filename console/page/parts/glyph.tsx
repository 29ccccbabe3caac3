/** Signs of the kinds of things, drawn here: no font and no file is needed for them. */
const PATHS = {
  actor: 'M8 2.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM2.8 13.8c.5-3 2.4-4.5 5.2-4.5s4.7 1.5 5.2 4.5',
  program: 'M3 4.5h10v8H3ZM6 2.5v2M10 2.5v2M6 8h.01M10 8h.01M6 10.5h4',
  role: 'M8 1.8 3 3.7v4c0 3.2 2 5.3 5 6.5 3-1.2 5-3.3 5-6.5v-4Z',
  session: 'M5 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM7.5 8h6.3M11.5 8v2.5',
  cluster: 'M8 1.6 13.5 4.8v6.4L8 14.4 2.5 11.2V4.8ZM8 8l5.4-3.1M8 8v6.3M8 8 2.6 4.9',
  namespace: 'M2.5 4V2.5H4M12 2.5h1.5V4M13.5 12v1.5H12M4 13.5H2.5V12M5 5h6v6H5Z',
  file: 'M4 1.8h5l3 3v9.4H4ZM9 1.8v3h3M6 8.5h4M6 11h4',
  object: 'M8 1.8 13.5 5v6L8 14.2 2.5 11V5ZM2.7 5.1 8 8.2l5.3-3.1M8 8.2v5.8',
  unknown: 'M5.5 6A2.5 2.5 0 1 1 8 8.5v1.7M8 12.8v.01',
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
