/** Names under which secrets are kept: of fields, settings, variables. */
const SECRET_NAME =
  /token|pass(?:word|wd|phrase|$)|pwd|secret|credential(?!-source)|authorization|private-?key|client-key-data|api-?key|access-?key(?!-?id)/;
/** Names of a place where a secret lies, which is none. */
const PLACE_NAME = /(?:file|path|dir|url|uri)$/;

/** Whether what is kept under this name is taken for a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return SECRET_NAME.test(plain) && !PLACE_NAME.test(plain);
}

/** A URL with a user's name or password in it. */
const SIGNED_URL = /:\/\/[^\s/?#]*@/;
/** A key, a certificate, a token: nothing that a person would write. */
const ENCODED = /-----BEGIN|\beyJ[\w-]+\.|^(?!\/)[\w+/=\s-]{40,}$/;

/** Whether a value gives itself away as a secret, whatever it is called. */
export function isSecretValue(value: string): boolean {
  return SIGNED_URL.test(value) || ENCODED.test(value);
}

/** Settings, items, options, and words for secrets, which could come before one. */
const TELLING = /^-|\s--?\w|[:=](?:\s|$)|\w=|token|passw|secret|credential|[\w+/=-]{40,}/i;

/** Whether a comment could hold a secret: a setting or an argument that was commented out, or a word of it. */
export function isSecretComment(comment: string): boolean {
  return TELLING.test(comment) || isSecretValue(comment);
}
