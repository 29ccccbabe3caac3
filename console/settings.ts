/**
 * What the page is told of the service that serves it. Public: whoever can reach the address reads it.
 * `none`: whoever can reach the page may ask. `command`: the page cannot ask by itself, and says how it is opened instead.
 */
export type ConsoleSettings =
  | { readonly signIn: 'none' }
  | { readonly signIn: 'command' }
  | {
      readonly signIn: 'oidc';
      /** The issuer of the JWT authorizer. */
      readonly issuer: string;
      /** Of the page, a public client with PKCE, registered with the issuer. */
      readonly clientId: string;
      /** Beside `openid`. */
      readonly scopes: readonly string[];
      /** Of the tokens that the issuer gives, the one that the API takes. */
      readonly token: 'access' | 'id';
    };

/** How the page is served. */
export interface Serving {
  readonly settings: ConsoleSettings;
  /** Origins that the page may ask beside its own, to sign in: the issuer's, and those of its token endpoint. */
  readonly signInOrigins: readonly string[];
}
