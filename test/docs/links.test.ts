import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../builders/command.ts';
import { documentOf } from './document.ts';

const PAGES = [
  'README.md',
  ...readdirSync(join(REPOSITORY, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Returns the anchors that GitHub gives the page's headings, and those that the page sets itself, which keep old links working. */
function anchorsOf(page: string): readonly string[] {
  const text = documentOf(page);
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => String(title));
  const own = [...text.matchAll(/<a id="([\w-]+)"><\/a>/g)].map(([, id]) => String(id));
  const made = headings.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return [...made, ...own];
}

test.each(PAGES)('%s links to what there is', (page) => {
  const text = documentOf(page).replace(/```[\s\S]*?```/g, '');
  for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target)) continue;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : relative(REPOSITORY, join(REPOSITORY, dirname(page), path));
    expect(existsSync(join(REPOSITORY, file)), `${page} links to ${target}`).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(file), `${page} links to ${target}`).toContain(anchor);
  }
});
