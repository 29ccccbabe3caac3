/** Matches white space and invisible characters, including those that chats and word processors insert. */
const BLANK = /[\s\u200b-\u200d\u2060\ufeff]/;
const QUOTES = '"\'`´“”„‘’‚«»‹›';
/** Punctuation that is often copied together with the text before it. */
const ENDS = ',.;';

/** Removes blanks, quotes, commas and full stops around the text. */
export function tidied(text: string): string {
  return within(
    text,
    (c) => BLANK.test(c) || QUOTES.includes(c),
    (c) => BLANK.test(c) || QUOTES.includes(c) || ENDS.includes(c),
  );
}

/** Removes the blanks around the text, and the marks of a code block: its backticks and the name of its language. */
export function unfenced(text: string): string {
  const bare = within(
    text,
    (c) => BLANK.test(c) || c === '`',
    (c) => BLANK.test(c) || c === '`',
  );
  return bare.replace(/^(?:jsonl?|csv|te?xt|log)[ \t]*\r?\n/i, '');
}

/** Removes brackets and punctuation around a word. */
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
