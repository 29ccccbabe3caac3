import { href, place } from '../core/place.ts';
import { RangeControl } from './range-control.tsx';
import { Search } from './search.tsx';

const PAGES = [
  ['timeline', 'Timeline'],
  ['todo', 'To do'],
  ['overview', 'Overview'],
  ['incident', 'Incident'],
] as const;

/** What is on every page: home, the search, the time that all look at, and the pages. */
export function Bar() {
  const { view } = place.value;
  return (
    <header class="bar">
      <button type="button" class="skip" onClick={toContent}>
        To the content
      </button>
      <a class="brand" href={href('home')} aria-current={view === 'home' ? 'page' : undefined}>
        eks-whois
      </a>
      {view !== 'home' && <Search />}
      <nav aria-label="Pages">
        {PAGES.map(([name, title]) => (
          <a key={name} href={href(name)} aria-current={view === name ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <RangeControl />
    </header>
  );
}

/** A link would change the address, which is the console's own. */
function toContent(): void {
  document.querySelector<HTMLElement>('main')?.focus();
}
