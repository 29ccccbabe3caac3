/** White space, also the kinds that chats and word processors put in, and characters of no width. */
const BLANK = /[\s\u200b-\u200d\u2060\ufeff]/;
const QUOTES = '"\'`´“”„‘’‚«»‹›';
/** What ends a sentence or an entry, and is copied with it. */
const ENDS = ',.;';

/** The text without the blanks, quotes, and commas or full stops that were copied with it. */
export function tidied(text: string): string {
  return within(
    text,
    (c) => BLANK.test(c) || QUOTES.includes(c),
    (c) => BLANK.test(c) || QUOTES.includes(c) || ENDS.includes(c),
  );
}

/** The text without blanks around it, or the marks of a block of code (three backticks, and the language's name). */
export function unfenced(text: string): string {
  const bare = within(
    text,
    (c) => BLANK.test(c) || c === '`',
    (c) => BLANK.test(c) || c === '`',
  );
  return bare.replace(/^(?:jsonl?|csv|te?xt|log)[ \t]*\r?\n/i, '');
}

/** A word of a longer text without the brackets and signs around it. */
export function wordOf(text: string): string {
  return within(
    text,
    (c) => '(<[{=|'.includes(c) || QUOTES.includes(c),
    (c) => ')>]}:!?|'.includes(c) || QUOTES.includes(c) || ENDS.includes(c),
  );
}

function within(text: string, isBefore: (c: string) => boolean, isBehind: (c: string) => boolean): string {
  let [start, end] = [0, text.length];
  while (start < end && isBefore(text.charAt(start))) start += 1;
  while (end > start && isBehind(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
