import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';

/**
 * Returns a view whose script is fetched when somebody opens the view. A new version of the service no longer has the script of a page
 * that was opened before.
 */
export function loaded(load: () => Promise<ComponentType>): ComponentType {
  return function Loaded() {
    const view = useSignal<{ readonly View?: ComponentType; readonly isFailed?: boolean }>({});
    useEffect(() => {
      load().then(
        (View) => {
          view.value = { View };
        },
        () => {
          view.value = { isFailed: true };
        },
      );
    }, []);
    const { View, isFailed } = view.value;
    if (View !== undefined) return <View />;
    if (isFailed !== true) return <p class="busy">Loading…</p>;
    return (
      <p class="problem" role="alert">
        This view can't be loaded. Reload the page.
      </p>
    );
  };
}
