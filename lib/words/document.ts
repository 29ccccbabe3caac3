/** A part of a line: our own text, or a value from the logs. Callers can choose such a value. */
export type Part = string | { readonly value: string };
export type Line = readonly Part[];

/** A building block of a report. Each format writes it in its own way, and escapes the values. */
export type Block =
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly line: Line }
  | { readonly kind: 'text'; readonly line: Line }
  | { readonly kind: 'fields'; readonly fields: readonly (readonly [name: string, line: Line])[] }
  | { readonly kind: 'table'; readonly titles: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'command'; readonly command: string };

/** Returns a line from a template. Each inserted text becomes a value: lineOf`by ${name}`. */
export function lineOf(texts: TemplateStringsArray, ...values: readonly (string | number)[]): Line {
  return texts.flatMap((text, at): Part[] => {
    const value = values[at];
    const words = text === '' ? [] : [text];
    return value === undefined ? words : [...words, typeof value === 'number' ? counted(value) : { value }];
  });
}

function counted(number: number): string {
  return number.toLocaleString('en-US');
}

/** Returns a line that consists of one value. */
export function valueLine(value: string): Line {
  return [{ value }];
}

export function heading(level: 1 | 2 | 3, line: Line): Block {
  return { kind: 'heading', level, line };
}

export function text(line: Line): Block {
  return { kind: 'text', line };
}

/** Returns a list of those fields that have a value. Empty if none has one. */
export function fields(
  ...all: readonly (readonly [name: string, value: Line | string | undefined])[]
): readonly Block[] {
  const filled = all.flatMap(([name, value]): (readonly [string, Line])[] => {
    if (value === undefined || value.length === 0) return [];
    return [[name, typeof value === 'string' ? valueLine(value) : value]];
  });
  return filled.length === 0 ? [] : [{ kind: 'fields', fields: filled }];
}

/** Returns a table; empty if it has no rows. */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): readonly Block[] {
  return rows.length === 0 ? [] : [{ kind: 'table', titles, rows }];
}
