import type { ComponentChildren } from 'preact';
import { Icon } from './signs.tsx';

interface FileButtonProps {
  readonly label: string;
  readonly title?: string;
  readonly children?: ComponentChildren;
  onFile(file: File | undefined): Promise<void>;
}

/** A button that opens a file. The file stays in the browser; only the search text taken from it is sent. */
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
      <Icon of="file" />
      {children}
    </label>
  );
}

/** The largest file in characters, after decompression. The command line reads larger ones. */
const MOST_CHARACTERS = 4_000_000;

/**
 * Reads the text of a file, and decompresses it if its name ends in `.gz`. Returns what is wrong, in sentences, if that
 * fails.
 */
export async function textOfFile(file: File): Promise<{ readonly text: string } | { readonly flaw: string }> {
  const isPacked = file.name.endsWith('.gz');
  const bytes = isPacked ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
  const reader = bytes.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += part.value;
      if (text.length > MOST_CHARACTERS)
        return {
          flaw: `${file.name} is too large: this page reads up to 4 MB. For larger files, run eks-whois attribute --audit FILE.`,
        };
    }
    return { text };
  } catch {
    return {
      flaw: `Can't read ${file.name}${isPacked ? ': it is not a complete gzip file' : ''}. Check the file and try again.`,
    };
  } finally {
    await reader.cancel().catch(() => undefined); // Reading failed before, so canceling fails too.
  }
}
