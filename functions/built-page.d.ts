/** The built page, put into the bundle by `infra/esbuild-plugins.cjs`. */
declare module 'eks-whois:console' {
  export const PAGE: import('../console/page.ts').BuiltPage;
}
