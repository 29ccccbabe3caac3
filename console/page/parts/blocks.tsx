import { type ComponentChildren, createContext, Fragment } from 'preact';
import { useContext, useEffect, useRef } from 'preact/hooks';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import type { ApiProblem } from '../core/api.ts';
import { changeDraft, holds, incidentDraft, withRecords } from '../core/incident.ts';
import { href } from '../core/place.ts';
import { Icon } from './signs.tsx';

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

/** How many more there are than a list shows; nothing where it shows all. */
export function Rest({ count }: { readonly count: number }) {
  if (count <= 0) return null;
  return (
    <p class="aside">
      {count} more {count === 1 ? 'is' : 'are'} not shown.
    </p>
  );
}

/** Why there is no answer, in the service's own sentence. */
export function Problem({ of, again }: { readonly of: ApiProblem; readonly again?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>
        {(of.parameter ?? 'q') !== 'q' && <code>{of.parameter}</code>} {of.message}
      </p>
      {again !== undefined && of.status !== 400 && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

/** How deep the title of a card's parts stands: below the card's own. */
export const PartLevel = createContext<2 | 3>(3);

export function PartTitle({ children }: { readonly children: ComponentChildren }) {
  const Title = `h${useContext(PartLevel)}` as const;
  return <Title class="part-title">{children}</Title>;
}

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  onClose(): void;
}

/** In front of all else until it is closed: by its button, Escape, or a click beside it. The focus goes back by itself. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  useEffect(() => {
    const dialog = element.current;
    const beside = (event: MouseEvent) => {
      if (event.target === dialog) onClose();
    };
    dialog?.addEventListener('mousedown', beside);
    return () => dialog?.removeEventListener('mousedown', beside);
  }, [onClose]);
  return (
    <dialog ref={element} aria-label={title} onClose={onClose}>
      <div class="dialog-head">
        <h2>{title}</h2>
        <button type="button" class="icon" aria-label="Close" onClick={onClose}>
          <Icon of="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}

interface AddProps {
  readonly of: readonly AuditRecord[];
  readonly label?: string;
}

/** Puts requests into the report that is collected in this tab. */
export function AddToIncident({ of, label = 'Add to incident' }: AddProps) {
  if (holds(incidentDraft.value, of)) return <a href={href('incident')}>Added to incident</a>;
  return (
    <button type="button" onClick={() => changeDraft((now) => withRecords(now, of))}>
      {label}
    </button>
  );
}
