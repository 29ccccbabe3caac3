import { render } from 'preact';
import { App } from './app.tsx';
import { begin } from './core/session.ts';

const root = document.querySelector('#app');
if (root !== null) {
  root.replaceChildren();
  render(<App />, root);
  void begin();
}
