import { useEffect, useRef } from 'preact/hooks';
import { hindrance } from './core/api.ts';
import { focusOn } from './core/keys.ts';
import { isTimeKnown, learnTime } from './core/newest.ts';
import { place } from './core/place.ts';
import { session } from './core/session.ts';
import { settings } from './core/settings.ts';
import { writtenText } from './core/visible.ts';
import { Bar } from './parts/bar.tsx';
import { HowToOpen } from './views/how-to-open.tsx';
import { SignIn } from './views/sign-in.tsx';
import { viewOf } from './views/views.tsx';

/** The whole page: what is asked on top, what is looked at below. */
export function App() {
  const { view, params } = place.value;
  const shown = viewOf(view);
  const title = shown?.title(params) ?? 'Not here';
  useEffect(() => {
    document.title = writtenText(`${title} · eks-whois`);
  }, [title]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) focusOn('main', { preventScroll: true });
    isFirst.current = false;
  }, [view]);
  if (settings.signIn === 'command') return <HowToOpen />;
  if (session.value !== 'open') return <SignIn />;
  return (
    <>
      <Bar />
      <p class="hindrance" role="status" hidden={hindrance.value === undefined}>
        {hindrance.value}
      </p>
      <main id="main" tabIndex={-1}>
        <Shown view={view} />
      </main>
    </>
  );
}

/** Views that look at no time do not ask for the service's; those of what has a name are told it with what is known of that. */
const ASKS_NO_TIME: ReadonlySet<string> = new Set(['home', 'who', 'incident', 'actor', 'role', 'cluster', 'namespace']);

function Shown({ view }: { readonly view: string }) {
  const shown = viewOf(view);
  const asksTime = shown !== undefined && !ASKS_NO_TIME.has(view);
  useEffect(() => {
    if (asksTime) void learnTime();
  }, [view]);
  if (shown === undefined) return <h1>There is no page of this address.</h1>;
  if (asksTime && !isTimeKnown.value) return <p class="busy">Asking for the newest record…</p>;
  return <shown.View key={view} />;
}
