import { Option } from 'commander';

/** An option that can be given several times. All its values count. */
export class RepeatableOption extends Option {
  constructor(flags: string, says: string, words?: readonly string[]) {
    super(flags, says);
    if (words !== undefined) this.choices(words); // other values are reported with the other errors of a question
    this.argParser(collected);
  }
}

function collected(value: string, before: unknown): readonly string[] {
  return [...(Array.isArray(before) ? before : []), value];
}
