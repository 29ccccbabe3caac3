import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useRef } from 'preact/hooks';
import type { AuditRecord } from '../../../lib/attribution/record.ts';
import type { ApiProblem } from '../core/api.ts';
import { changeDraft, hasAll, incidentDraft, withRecords } from '../core/incident.ts';
import { href } from '../core/place.ts';
import { Icon } from './signs.tsx';

/** A list of names and values. Leaves out fields whose value is undefined. */
export function Fields({ of, class: look = 'fields' }: { readonly of: readonly Field[]; readonly class?: string }) {
  return (
    <dl class={look}>
      {of.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name} class="field">
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** A field with its name; an undefined value is not shown. */
export type Field = readonly [name: string, value: ComponentChildren];

/** Says how many more there are than a list shows. Renders nothing if the list shows all. */
export function Rest({ count }: { readonly count: number }) {
  if (count <= 0) return null;
  return (
    <p class="aside">
      {count} more {count === 1 ? 'is' : 'are'} not shown.
    </p>
  );
}

/** The reason why a request failed, in the service's own words. Has a button to try again if that can help. */
export function Problem({ of, again }: { readonly of: ApiProblem; readonly again?: () => void }) {
  return (
    <div class="problem" role="alert">
      <p>
        {(of.parameter ?? 'q') !== 'q' && (
          <>
            The value of <code>{of.parameter}</code> is not valid.
          </>
        )}{' '}
        {of.message}
      </p>
      {again !== undefined && of.status !== 400 && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

/** The level of the headings within a card: one below the heading of the card. */
export const PartLevel = createContext<2 | 3>(3);

/** The heading of a part of a card. */
export function PartTitle({ children }: { readonly children: ComponentChildren }) {
  const Title = `h${useContext(PartLevel)}` as const;
  return <Title class="part-title">{children}</Title>;
}

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  onClose(): void;
}

/** A modal dialog. Its button, Escape, or a click outside closes it; the browser then restores the focus. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  useEffect(() => {
    const dialog = element.current;
    const closeOutside = (event: MouseEvent) => {
      if (event.target === dialog) onClose();
    };
    dialog?.addEventListener('mousedown', closeOutside);
    return () => dialog?.removeEventListener('mousedown', closeOutside);
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

interface DialogFormProps {
  readonly children: ComponentChildren;
  /** The label of the button that submits the form. */
  readonly submitLabel: string;
  onSubmit(data: FormData): void;
}

/** The form of a dialog. Submits its fields without leaving the page. */
export function DialogForm({ children, submitLabel, onSubmit }: DialogFormProps) {
  return (
    <form
      class="range-sheet"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(new FormData(event.currentTarget));
      }}
    >
      {children}
      <div>
        <button type="submit">{submitLabel}</button>
      </div>
    </form>
  );
}

interface AddProps {
  readonly of: readonly AuditRecord[];
  readonly label?: string;
}

/** A button that adds requests to the incident report, or a link to the report if it has them. */
export function AddToIncident({ of, label = 'Add to incident' }: AddProps) {
  if (hasAll(incidentDraft.value, of)) return <a href={href('incident')}>Added to incident</a>;
  return (
    <button type="button" onClick={() => changeDraft((now) => withRecords(now, of))}>
      {label}
    </button>
  );
}
