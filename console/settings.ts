/**
 * How users of the page sign in. These settings hold no secret: anyone who can reach the page can read them. `none`:
 * anyone who can reach the page can use the API. `command`: the API requires AWS credentials, so the page shows the command that opens it on the
 * user's machine. `oidc`: users sign in at an issuer.
 */
export type ConsoleSettings =
  | { readonly signIn: 'none' }
  | { readonly signIn: 'command' }
  | {
      readonly signIn: 'oidc';
      /** The issuer of the JWT authorizer. */
      readonly issuer: string;
      /** The ID under which the issuer knows the page: a public client with PKCE. */
      readonly clientId: string;
      /** Scopes to request besides `openid`. */
      readonly scopes: readonly string[];
      /** The kind of the issuer's tokens that the API accepts. */
      readonly token: 'access' | 'id';
    };

/** The settings of the page and of its security headers. */
export interface ServedSettings {
  readonly settings: ConsoleSettings;
  /**
   * Origins that the page may send requests to for the sign-in: those of the issuer and of its token endpoint. Requests
   * to the page's own origin are always allowed.
   */
  readonly signInOrigins: readonly string[];
}
