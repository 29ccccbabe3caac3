import type { ComponentChildren } from 'preact';
import { Glyph } from './glyph.tsx';

interface FileButtonProps {
  readonly label: string;
  readonly title?: string;
  readonly children?: ComponentChildren;
  onFile(file: File | undefined): Promise<void>;
}

/** Takes a file, which stays on this machine but for what is asked of it. */
export function FileButton({ label, title = label, children, onFile }: FileButtonProps) {
  return (
    <label class="button search-file" title={title}>
      <input
        type="file"
        class="unseen"
        aria-label={label}
        onChange={(event) => {
          void onFile(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      <Glyph of="file" />
      {children}
    </label>
  );
}
