import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ceilingGaps, outage, visibleClusters } from './core/api.ts';
import { focusOn } from './core/keys.ts';
import { href, place } from './core/place.ts';
import { isTimeKnown, learnTime } from './core/range.ts';
import { session, settings } from './core/session.ts';
import { writtenText } from './core/visible.ts';
import { Bar } from './parts/bar.tsx';
import { loaded } from './parts/loaded.tsx';
import { entityView } from './views/entity/entity.tsx';
import { titleOf } from './views/entity/subject.ts';
import { Fleet } from './views/fleet.tsx';
import { Home } from './views/home.tsx';
import { Overview } from './views/overview.tsx';
import { HowToOpen, SignIn } from './views/sign-in.tsx';
import { Timeline } from './views/timeline/timeline.tsx';
import { Todo } from './views/todo/todo.tsx';
import { Who } from './views/who/who.tsx';

/** The whole page: the bar with the search, and the current view below it. */
export function App() {
  const { view, params } = place.value;
  const shown = viewOf(view);
  const title = shown?.title(params) ?? 'Page not found';
  useEffect(() => {
    document.title = writtenText(`${title} · eks-whois`);
  }, [title]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) focusOn('main', { preventScroll: true });
    isFirst.current = false;
    ceilingGaps.value = [];
  }, [view]);
  if (settings.signIn === 'command') return <HowToOpen />;
  if (session.value !== 'open') return <SignIn />;
  return (
    <>
      <Bar />
      <p class="outage" role="status" hidden={outage.value === undefined}>
        {outage.value}
      </p>
      <p class="limits" role="note" hidden={visibleClusters.value === undefined}>
        You may see these clusters only: {writtenText(visibleClusters.value ?? '')}. People, roles, grants and the fleet
        are not shown.
      </p>
      <p class="limits" role="note" hidden={ceilingGaps.value.length === 0}>
        {ceilingGaps.value.map((text) => (
          <span key={text}>{text} </span>
        ))}
      </p>
      <main id="main" tabIndex={-1}>
        <CurrentView view={view} />
      </main>
    </>
  );
}

/**
 * Views that do not request the newest record. They use no time range, or get the time of the newest record with their
 * own data.
 */
const LEARN_NO_TIME: ReadonlySet<string> = new Set([
  'home',
  'who',
  'incident',
  'fleet',
  'actor',
  'role',
  'cluster',
  'namespace',
]);

function CurrentView({ view }: { readonly view: string }) {
  const shown = viewOf(view);
  const asksTime = shown !== undefined && !LEARN_NO_TIME.has(view);
  useEffect(() => {
    if (asksTime) void learnTime();
  }, [view]);
  if (shown === undefined) return <NotFound />;
  if (asksTime && !isTimeKnown.value) return <p class="busy">Loading…</p>;
  return <shown.View key={view} />;
}

function NotFound() {
  return (
    <section class="page">
      <h1>Page not found</h1>
      <p>
        There is no page at this address. Go to the <a href={href('home')}>start page</a>, or search above.
      </p>
    </section>
  );
}

interface View {
  readonly View: ComponentType;
  /** Returns the title of the window for these parameters of the address. */
  title(params: URLSearchParams): string;
}

/** All views by the first word after the `#` of the address. */
const VIEWS: Readonly<Record<string, View>> = {
  home: { View: Home, title: () => 'Who did this?' },
  who: { View: Who, title: (params) => params.get('q') ?? 'Search' },
  ...Object.fromEntries(
    (['actor', 'session', 'role', 'cluster', 'namespace'] as const).map((kind) => [
      kind,
      {
        View: entityView(kind),
        title: (params: URLSearchParams) => titleOf({ kind, of: params.get('of') ?? kind, cluster: undefined }),
      },
    ]),
  ),
  timeline: { View: Timeline, title: () => 'Timeline' },
  todo: { View: Todo, title: () => 'To do' },
  overview: { View: Overview, title: () => 'Overview' },
  fleet: { View: Fleet, title: () => 'Fleet' },
  incident: { View: loaded(async () => (await import('./views/incident.tsx')).Incident), title: () => 'Incident' },
};

/** Returns the view of that name, if there is one. The name comes from the address, which anyone can write. */
function viewOf(name: string): View | undefined {
  return Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined;
}
