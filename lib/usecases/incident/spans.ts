import { parseInstant } from '../../time.ts';

/** The earliest and the latest of event times, as written; those that cannot be read are left out. */
export class Span {
  first: string | undefined;
  last: string | undefined;

  add(time: string | undefined): void {
    const at = millisOf(time);
    if (at === undefined) return;
    if (this.first === undefined || at < (millisOf(this.first) ?? at)) this.first = time;
    if (this.last === undefined || at > (millisOf(this.last) ?? at)) this.last = time;
  }
}

/** Undefined where there is none, or it cannot be read. */
export function millisOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : parseInstant(time);
}

/** Of times as written: the earliest first, those that cannot be read last. */
export function byTime(a: { readonly time?: string | undefined }, b: { readonly time?: string | undefined }): number {
  return (millisOf(a.time) ?? Number.MAX_VALUE) - (millisOf(b.time) ?? Number.MAX_VALUE);
}
