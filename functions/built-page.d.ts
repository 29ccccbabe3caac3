/** The built page, which `infra/esbuild-plugins.cjs` adds to the bundle. */
declare module 'eks-whois:console' {
  export const PAGE: import('../console/page.ts').BuiltPage;
}
