import { isJsonObject } from '../../lib/json.ts';

/**
 * A placeholder for a parameter while a template is made. It is a text of letters only, so that logical names keep it
 * unchanged. For a parameter that is a number, it is a number that no other value has.
 */
export interface Mark {
  readonly parameter: string;
  readonly kind: 'text' | 'number' | 'list' | 'json';
}

const FIRST_NUMBER = 987_650_000;

/** The placeholders of a template. */
export class Marks {
  private readonly marks: Mark[] = [];
  private readonly texts = new Map<string, Mark>();

  text(parameter: string): string {
    return this.made({ parameter, kind: 'text' }, `Mark${parameter}kraM`);
  }

  /** Returns a list of one placeholder, for a parameter that is a list of CloudFormation. */
  list(parameter: string): readonly [string] {
    return [this.made({ parameter, kind: 'list' }, `Mark${parameter}kraM`)];
  }

  /** Returns a list of one placeholder. Its parameter is the JSON text of a list, in a function's environment. */
  json(parameter: string): readonly [string] {
    const mark = `Mark${parameter}kraM`;
    this.made({ parameter, kind: 'json' }, JSON.stringify([mark]));
    return [mark];
  }

  number(parameter: string): number {
    const number = FIRST_NUMBER + this.marks.length;
    this.made({ parameter, kind: 'number' }, String(number));
    return number;
  }

  private made(mark: Mark, text: string): string {
    this.marks.push(mark);
    this.texts.set(text, mark);
    return text;
  }

  /** Returns the value with references to parameters instead of placeholders. Adds these parameters to `used`. */
  resolved(value: unknown, used: Set<string>): unknown {
    if (typeof value === 'number') return this.ofText(String(value), used, value);
    if (typeof value === 'string') return this.ofText(value, used, value);
    if (Array.isArray(value)) return this.ofList(value, used);
    if (!isJsonObject(value)) return value;
    const text = value['Fn::Sub'];
    if (typeof text === 'string') return { 'Fn::Sub': this.inText(text, used) };
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.resolved(each, used)]));
  }

  private ofList(values: readonly unknown[], used: Set<string>): unknown {
    const [only] = values;
    const mark = values.length === 1 && typeof only === 'string' ? this.texts.get(only) : undefined;
    if (mark?.kind === 'list') return reference(mark, used);
    return values.map((each) => this.resolved(each, used));
  }

  /** Returns a reference if the whole text is a placeholder, and a substitution if it contains placeholders. */
  private ofText(text: string, used: Set<string>, otherwise: unknown): unknown {
    const mark = this.texts.get(text);
    if (mark?.kind === 'list') return { 'Fn::Join': [',', reference(mark, used)] };
    if (mark !== undefined) return reference(mark, used);
    const substituted = this.inText(text.replaceAll('${', '${!'), used);
    return substituted === text.replaceAll('${', '${!') ? otherwise : { 'Fn::Sub': substituted };
  }

  private inText(text: string, used: Set<string>): string {
    return text.replace(/Mark(\w+?)kraM|98765\d{4}/g, (found) => {
      const mark = this.texts.get(found);
      if (mark === undefined || mark.kind === 'list')
        throw new Error(`The parameter of ${found} cannot be part of a text: ${text}. Use it as a whole value.`);
      used.add(mark.parameter);
      return `\${${mark.parameter}}`;
    });
  }
}

function reference({ parameter }: Mark, used: Set<string>): { readonly Ref: string } {
  used.add(parameter);
  return { Ref: parameter };
}
