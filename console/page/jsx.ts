/** What JSX becomes in the built page (console/build.ts): shorter than the calls of `preact/jsx-runtime`. */
export { Fragment, h } from 'preact';
