import { type ComponentChildren, Fragment } from 'preact';

/** Names with what is known of each; what is undefined is not shown. */
export function Fields({ of, class: look = 'fields' }: { readonly of: readonly Field[]; readonly class?: string }) {
  return (
    <dl class={look}>
      {of.map(
        ([name, value]) =>
          value !== undefined && (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </Fragment>
          ),
      )}
    </dl>
  );
}

export type Field = readonly [name: string, value: ComponentChildren];
