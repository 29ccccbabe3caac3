/** The text that replaces a secret. */
const MASK = '***';

/** Words in names whose value is a secret: `PGPASSWORD=…`, `--token …`, `X-Vault-Token: …`, `"password": "…"`. */
const KEYWORD =
  '(?:passw(?:or)?d|passphrase|passcode|passin|passout|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|' +
  '(?:pass|pwd|auth|authorization|cookies?)(?![a-z]))';
const SECRET_NAME = String.raw`${KEYWORD}[\w.-]{0,40}`;
const PREFIX = String.raw`[\w.-]{0,60}?`;
/** Matches names that contain such a word, although their values are only names or places of secrets. */
const PLAIN_NAME = /(?:file|path|dir|url|uri|arn|name|type|ttl|audience|duration|id)s?$/i;
/** Matches names of IDs that are as sensitive as the secret. */
const SECRET_ID = /(?:access[-_]?key[-_]?id|secret_id)$/i;

/** Matches a word that begins with such a name. The rest of the word is the secret. */
const NAMED_WORD = new RegExp(
  String.raw`^(["']?-{0,2}${PREFIX}(${SECRET_NAME})["']?\s{0,8}[=:]\s{0,8})([\s\S]+)$`,
  'i',
);
const OPTION = new RegExp(`^--?${PREFIX}(${SECRET_NAME})$`, 'i');
/**
 * Matches such a name in a text, together with its value. The value is quoted, or ends at a character that ends values
 * in URLs, JSON, SQL and shells.
 */
const NAMED_VALUE = new RegExp(
  String.raw`((${SECRET_NAME})\\?["']?\s{0,8}[=:]\s{0,8})(\\?"(?:\\.|[^"\\])*(?:\\?"|$)|'[^']*(?:'|$)|[^\s&,;"'}\])]+)`,
  'gi',
);
/** Options of well-known programs whose value is a secret. */
const PROGRAM_OPTIONS: readonly (readonly [program: RegExp, option: RegExp])[] = [
  [/^(?:mysql|mariadb)/, /^-p(?=.)/],
  [/^sshpass$/, /^-p/],
  [/^redis-cli$/, /^-a/],
  [/^(?:curl|wget|http)$/, /^(?:-u|--(?:proxy-)?user(?![\w-]))/],
];
/**
 * Matches words after which a secret follows: `ALTER USER a PASSWORD 'x'`, `aws configure set aws_secret_access_key x`.
 */
const BEFORE_SECRET = /^(?:passw(?:or)?d|aws_secret_access_key|aws_session_token)$/i;
const SQL_SECRET = /(\b(?:password|identified\s{1,8}by)\s{1,8})('(?:[^']|'')*(?:'|$)|"[^"]*(?:"|$))/gi;

/** The forms of secrets that are recognized by their form alone. */
const FORMS: readonly (readonly [form: RegExp, mask: string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:[^-]|-(?!----END))*(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g, MASK],
  [/\b(bearer|basic|negotiate|digest)(\s{1,8})[^\s"',;]{6,}/gi, `$1$2${MASK}`],
  [/(:\/\/[^\s/:@"']{0,100}:)[^\s/"'@]+@/g, `$1${MASK}@`],
  [/eyJ[\w-]{5,}(?:\.[\w-]*){0,4}/g, MASK],
  [/(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}/g, MASK],
  [
    /\b(?:gh[opsur]_|github_pat_|glpat-|npm_|pypi-|xox[a-z]-|[sr]k_(?:live|test)_|sk-|hv[sbr]\.|AIza|ya29\.|SG\.|dop_v1_)[\w.-]{10,}/g,
    MASK,
  ],
];
/** Matches runs of base64 and of hexadecimal digits that are long enough to be a secret. */
const LONG_RUN = /[A-Za-z0-9+/=_-]{32,}/g;

/** Limits what is read of one command. Longer commands are cut, so that no command takes long. */
const MOST = { words: 256, characters: 8_192, cutOff: 1_024 } as const;

/**
 * Returns the words of a command, with `***` in place of everything that looks like a secret. Words that are masked
 * already stay the same. A very long command is cut and ends in `…`. Only known forms are recognized. A short password
 * without a name beside it is not.
 */
export function maskedWords(words: readonly string[]): readonly string[] {
  const masked: string[] = [];
  const before: string[] = [];
  let room: number = MOST.characters;
  for (const word of words) {
    if (room <= 0 || masked.length >= MOST.words) return [...masked, '…'];
    const isCut = word.length > room;
    const text = maskedWord(isCut ? word.slice(0, room) : word, before);
    masked.push(isCut ? `${text.slice(0, -MOST.cutOff)}…`.toWellFormed() : text); // a secret may begin in the last part
    before.push(word);
    room -= word.length;
  }
  return masked;
}

function maskedWord(word: string, before: readonly string[]): string {
  const last = before.at(-1) ?? '';
  if (word !== '' && isBeforeSecret(last, before)) return MASK;
  const option = optionOf(before, word);
  if (option !== undefined && option !== word) return `${option}${MASK}`;
  const [, head, name = ''] = NAMED_WORD.exec(word) ?? [];
  const isNamed = head !== undefined && isSecretName(name);
  if (/\s/.test(word) && (!isNamed || /^-[a-z]*c$/.test(last))) return maskedScript(word);
  return isNamed ? `${head}${MASK}` : maskedText(word);
}

/**
 * Returns whether the word after this one is a secret.
 * @param before the words up to and including this one.
 */
function isBeforeSecret(word: string, before: readonly string[]): boolean {
  const [, name] = OPTION.exec(word) ?? [];
  return (
    (name !== undefined && isSecretName(name)) ||
    BEFORE_SECRET.test(word) ||
    optionOf(before.slice(0, -1), word) === word
  );
}

/** Returns the option at the beginning of the word, if its program takes a secret there: `-p` in `-pSecret`. */
function optionOf(before: readonly string[], word: string): string | undefined {
  if (!word.startsWith('-')) return undefined;
  for (const each of before) {
    const program = each.slice(each.lastIndexOf('/') + 1);
    for (const [of, option] of PROGRAM_OPTIONS) if (of.test(program)) return option.exec(word)?.[0];
  }
  return undefined;
}

function isSecretName(name: string): boolean {
  return SECRET_ID.test(name) || !PLAIN_NAME.test(name);
}

/** Matches a word of a shell's text with its quotes, or what separates words. */
const PIECES = /(?:'[^']*(?:'|$)|"(?:\\[\s\S]|[^"\\])*(?:"|$)|\\[\s\S]|[^\s'"\\;|&()<>])+|[\s;|&()<>]+|[\s\S]/g;
const SEPARATOR = /^[\s;|&()<>]/;

/** Masks a text that has words of its own, as a shell reads it. A masked word with quotes gets single quotes. */
function maskedScript(script: string): string {
  let words: string[] = [];
  const masked = (script.match(PIECES) ?? []).map((piece) => {
    if (SEPARATOR.test(piece)) {
      if (/[;|&()]/.test(piece)) words = [];
      return piece;
    }
    const word = unquoted(piece);
    const text = maskedWord(word, words.slice(-MOST.words));
    words.push(word);
    if (text === word) return piece;
    return /['"\\]/.test(piece) ? `'${text.replaceAll("'", "'\\''")}'` : text;
  });
  return maskedText(masked.join(''));
}

function unquoted(piece: string): string {
  return piece.replace(
    /'([^']*)(?:'|$)|"((?:\\[\s\S]|[^"\\])*)(?:"|$)|\\([\s\S])/g,
    (_, single?: string, double?: string, sign = '') =>
      single ?? (double === undefined ? sign : double.replace(/\\([$`"\\])/g, '$1')),
  );
}

/** Masks secrets that are recognized by their form, or by a name in the text. */
function maskedText(text: string): string {
  let masked = text.replace(NAMED_VALUE, (whole: string, head: string, name: string, value: string) => {
    const quote = /^\\?["']/.exec(value)?.[0] ?? '';
    return isSecretName(name) ? `${head}${quote}${MASK}${quote}` : whole;
  });
  masked = masked.replace(SQL_SECRET, `$1'${MASK}'`);
  for (const [form, mask] of FORMS) masked = masked.replace(form, mask);
  return masked.replace(LONG_RUN, (run) => (isSecretRun(run) ? MASK : run));
}

/**
 * Returns whether a long run mixes characters as base64 does, or is hexadecimal. Most paths, names and UUIDs do
 * neither.
 */
function isSecretRun(run: string): boolean {
  if (/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(run)) return true;
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run);
}
