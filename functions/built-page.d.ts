/** The built page, put into the bundle by `infra/console-plugin.cjs`. */
declare module 'eks-whois:console' {
  export const PAGE: import('../console/page.ts').BuiltPage;
}
