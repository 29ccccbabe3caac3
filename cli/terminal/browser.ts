import { note } from '../failures/faults.ts';

/**
 * Opens an address of this machine in the person's browser. If there is no browser, prints a note and does not fail.
 */
export async function openInBrowser(url: string): Promise<void> {
  const { default: open } = await import('open');
  const refused = () => note(`no browser opens here: open ${url} yourself`);
  try {
    const child = await open(url);
    child.once('error', refused);
  } catch {
    refused();
  }
}
