import type { ComponentType } from 'preact';
import { entityView } from './entity/entity.tsx';
import { titleOf } from './entity/subject.ts';
import { Home } from './home.tsx';
import { Incident } from './incident/incident.tsx';
import { Overview } from './overview/overview.tsx';
import { Timeline } from './timeline/timeline.tsx';
import { Todo } from './todo/todo.tsx';
import { Who } from './who/who.tsx';

/** A page of the console. */
export interface View {
  readonly View: ComponentType;
  /** For the window's title. */
  title(params: URLSearchParams): string;
}

/** All pages, by the first word of the address behind its `#`. */
const VIEWS: Readonly<Record<string, View>> = {
  home: { View: Home, title: () => 'Who did this?' },
  who: { View: Who, title: (params) => params.get('q') ?? 'Who is it?' },
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
  incident: { View: Incident, title: () => 'Incident' },
};

/** The page of that word, which anybody may have written. */
export function viewOf(name: string): View | undefined {
  return Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined;
}
