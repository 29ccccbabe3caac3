/** Matches a line with a mail header, also in a quoted reply (`> From: …`). Source: RFC 5322, 3.6. */
const HEADER =
  /^[ \t]{0,8}(?:>[ \t]?){0,8}(From|To|Cc|Bcc|Subject|Date|Sent|Sender|Reply-To|Return-Path|Delivered-To|Message-ID|In-Reply-To|References|MIME-Version|Content-Type|Content-Transfer-Encoding|Received|X-[\w-]{1,60}):(.{0,2048})$/i;
/** Matches an email address. Only the headers of a mail have one. */
const ADDRESS = /\S@\S/;
const OF_ADDRESSES = /^(?:from|to|cc|bcc|sender|reply-to|return-path|delivered-to|message-id)$/i;
/** Matches a line that continues the header above it. */
const FOLDED = /^[ \t]{1,8}\S/;
/** The maximum number of headers that a note names. */
const MOST_NAMES = 10;

/** The text of a mail without its headers. */
export interface MailText {
  /** The text without the headers. The value of `Subject` stays, because it says what the mail is about. */
  readonly rest: string;
  /** The names of the headers that were removed, without repeated ones: `From`, `Date`. Empty if the text is not a mail. */
  readonly headers: readonly string[];
}

/**
 * Removes the headers of mails. Lines count as headers only if one of them has an address, and if they follow each
 * other or begin the text. A single `Date:` can be a field of an alert.
 */
export function withoutMailHeaders(text: string): MailText {
  const rest: string[] = [];
  const headers = new Set<string>();
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; ) {
    const block = lines.slice(at, Math.max(at + 1, endOfHeaders(lines, at)));
    const read = isOfMail(block, at === 0) ? readHeaders(block) : { kept: block, names: [] };
    rest.push(...read.kept);
    for (const name of read.names) headers.add(name);
    at += block.length;
  }
  return { rest: rest.join('\n').trim(), headers: [...headers].slice(0, MOST_NAMES) };
}

function readHeaders(block: readonly string[]): {
  readonly kept: readonly string[];
  readonly names: readonly string[];
} {
  const all = block.flatMap((line) => {
    const [whole, name = '', value = ''] = HEADER.exec(line) ?? [];
    return whole === undefined ? [] : [{ name, value }];
  });
  const isSubject = ({ name }: { readonly name: string }) => name.toLowerCase() === 'subject';
  const kept = all.filter(isSubject).flatMap(({ value }) => [value.trim(), '']);
  return { kept, names: all.filter((each) => !isSubject(each)).map(({ name }) => name) };
}

/** Returns the index of the first line after the headers that begin at `begin`. */
function endOfHeaders(lines: readonly string[], begin: number): number {
  let end = begin;
  while (end < lines.length && (isHeader(lines[end]) || (end > begin && FOLDED.test(lines[end] ?? '')))) end += 1;
  return end;
}

function isHeader(line = ''): boolean {
  return HEADER.test(line);
}

function isOfMail(block: readonly string[], isFirst: boolean): boolean {
  const isLong = isFirst || block.filter(isHeader).length > 1;
  return (
    isLong &&
    block.some((line) => {
      const [, name = '', value = ''] = HEADER.exec(line) ?? [];
      return OF_ADDRESSES.test(name) && ADDRESS.test(value);
    })
  );
}
