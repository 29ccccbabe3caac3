import { describe, expect, it } from 'vitest';
import { runCommand } from '../builders/command.ts';
import { documentOf, sectionsOf, tableRows } from './document.ts';

const DOCUMENT = documentOf('docs/comparison.md');

/** The commands that `yawsi eks --help` lists. Source: docs/man_pages/yawsi-eks-*.3 and cmd/eks*.go of amitsaha/yawsi. */
const YAWSI = ['eks create-kube-config', 'eks list-clusters', 'eks list-kube-contexts', 'eks whois', 'eks workon'];

describe('the comparison', () => {
  it('is dated, and has a section and a row for each product', () => {
    expect(DOCUMENT).toMatch(/ It was written in \w+ 20\d\d\./);
    const products = [
      'Amazon Detective',
      'GuardDuty EKS Protection',
      'Amazon Security Lake',
      'Falco',
      'Panther',
      'yawsi',
    ];
    const titles = sectionsOf(DOCUMENT, 2).map(({ title }) => title);
    expect(titles).toEqual([...products, 'When not to use eks-whois']);
    const rows = tableRows(DOCUMENT, '').map(([name]) => name);
    expect(rows).toEqual(['eks-whois', ...products.map((name) => name.replace('Amazon ', ''))]);
  });

  it('has a source for each link, and a link for each source', () => {
    const defined = [...DOCUMENT.matchAll(/^\[([\w-]+)\]: https:\/\//gm)].map(([, name]) => String(name));
    const used = [...DOCUMENT.matchAll(/\]\[([\w-]+)\]/g)].map(([, name]) => String(name));
    expect([...new Set(used)].toSorted()).toEqual(defined.toSorted());
  });

  it('names an existing command of ours for each eks command of yawsi', async () => {
    const rows = tableRows(DOCUMENT, 'yawsi');
    expect(rows.map(([command]) => command?.replaceAll('`', '')).toSorted()).toEqual(YAWSI);
    const ours = rows.map(([, here]) => /`eks-whois ([a-z ]+)`/.exec(here ?? '')?.[1]?.split(' ') ?? []);
    const ran = await Promise.all(ours.map((words) => runCommand([...words, '--help'])));
    expect(ran.map(({ status }) => status)).toEqual(ours.map(() => 0));
    for (const [at, words] of ours.entries()) expect(ran[at]?.output).toContain(`Usage: eks-whois ${words.join(' ')}`);
  });
});
