import { useEffect } from 'preact/hooks';
import { hindrance } from './core/api.ts';
import { place } from './core/place.ts';
import { settings } from './core/settings.ts';
import { Bar } from './parts/bar.tsx';
import { HowToOpen } from './views/how-to-open.tsx';
import { VIEWS } from './views/views.tsx';

/** The whole page: what is asked on top, what is looked at below. */
export function App() {
  const { view } = place.value;
  const shown = VIEWS[view];
  useEffect(() => {
    document.title = `${shown?.title(place.value.params) ?? 'Not here'} · eks-whois`;
    document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
  }, [place.value]);
  if (settings.signIn === 'iam') return <HowToOpen />;
  return (
    <>
      <Bar />
      <p class="hindrance" role="status" hidden={hindrance.value === undefined}>
        {hindrance.value}
      </p>
      <main id="main" tabIndex={-1}>
        {shown === undefined ? <p class="problem">There is no page of this address.</p> : <shown.View key={view} />}
      </main>
    </>
  );
}
